/* SPDX-License-Identifier: MIT */
/*
 * What the applier of BSDIFF40 accepts has exactly the size the header says,
 * never more than the caller allowed, and is the same each time; what it
 * refuses leaves nothing behind.
 *
 * An input that begins with the magic is a patch.  Any other is taken for what
 * a patch is made of, and compressed first: or else the checksums of bzip2
 * would keep all that is interesting from the applier.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/bsdiff40.h"
#include "lib/apply/cursor.h"
#include "lib/codec/bzip2.h"

#define MAX_NEW_SIZE ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next `count` bytes, or all that is left. */
static struct dfota_view take(struct dfota_cursor *cursor, size_t count)
{
    size_t size = count < cursor->left ? count : cursor->left;

    return (struct dfota_view){dfota_cursor_bytes(cursor, size), size};
}

/* A patch whose three streams are good and hold what the input says. */
static struct dfota_buffer compose(const uint8_t *data, size_t size)
{
    struct dfota_cursor cursor = dfota_cursor(data, size);
    uint64_t numbers = dfota_cursor_le(&cursor, 1);
    uint64_t diff_size = dfota_cursor_le(&cursor, 1);
    uint64_t new_size = dfota_cursor_le(&cursor, 2);
    struct dfota_buffer streams[3] = {{0}};
    struct dfota_buffer patch = {0};

    dfota_bzip2_encode(take(&cursor, 8 * numbers), &streams[0], NULL);
    dfota_bzip2_encode(take(&cursor, diff_size), &streams[1], NULL);
    dfota_bzip2_encode(take(&cursor, SIZE_MAX), &streams[2], NULL);
    dfota_buffer_add(&patch, "BSDIFF40", 8);
    dfota_buffer_add_le(&patch, streams[0].size, 8);
    dfota_buffer_add_le(&patch, streams[1].size, 8);
    dfota_buffer_add_le(&patch, new_size, 8);
    for (int i = 0; i < 3; i++) {
        dfota_buffer_add(&patch, streams[i].data, streams[i].size);
        dfota_buffer_free(&streams[i]);
    }
    return patch;
}

static void check(struct dfota_view patch)
{
    static const uint8_t old[] = "the quick brown fox jumps over the lazy dog";
    struct dfota_view view = {old, sizeof(old)};
    struct dfota_bsdiff40_header header = {0};
    struct dfota_buffer first = {0};
    struct dfota_buffer second = {0};
    struct dfota_fault fault = {0};

    if (dfota_bsdiff40_apply(patch, view, MAX_NEW_SIZE, &first, &fault)) {
        if (first.data != NULL || fault.error == DFOTA_OK ||
            (fault.error != DFOTA_ERR_MEMORY && fault.offset > patch.size))
            abort();
        return;
    }
    if (dfota_bsdiff40_read_header(patch, MAX_NEW_SIZE, &header, NULL) ||
        first.size != header.new_size || first.size > MAX_NEW_SIZE ||
        first.capacity > 4 * first.size + 64)
        abort();
    if (dfota_bsdiff40_apply(patch, view, header.new_size, &second, NULL) ||
        second.size != first.size ||
        (first.size > 0 && memcmp(first.data, second.data, first.size) != 0))
        abort();
    dfota_buffer_free(&second);
    dfota_buffer_free(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_buffer patch;

    if (size >= 8 && memcmp(data, "BSDIFF40", 8) == 0) {
        check((struct dfota_view){data, size});
        return 0;
    }
    patch = compose(data, size);
    check(dfota_buffer_view(&patch));
    dfota_buffer_free(&patch);
    return 0;
}
