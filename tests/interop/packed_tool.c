/* SPDX-License-Identifier: MIT */
/*
 * packed_tool.c - takes packed streams of others apart, and makes them again
 *
 *   packed_tool OLD NEW CONTENTS
 *
 * OLD and NEW are each FILE,PACKING,OFFSET,SIZE,CONTENTS,LC,LP,PB,END,FILTER:
 * where in FILE the stream is, and what struct dfota_packed_region says of it.
 * The parse of NEW is told with OLD as old, the stream is made again from that
 * and compared, and what was packed is written to the file CONTENTS.  Prints
 * how many bytes the parse took.
 */
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/file.h"
#include "tests/support/packed_example.h"

static void fail(const char *what)
{
    fprintf(stderr, "packed_tool: %s\n", what);
    exit(1);
}

static void open_side(const char *text, struct packed *packed,
                      struct dfota_buffer *file)
{
    char path[4096];
    unsigned long n[9];

    if (sscanf(text, "%4095[^,],%lu,%lu,%lu,%lu,%lu,%lu,%lu,%lu,%lu", path,
               &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7],
               &n[8]) != 10)
        fail("no description of a stream");
    packed->region =
        (struct dfota_packed_region){.packing = (uint8_t)n[0],
                                     .offset = (uint32_t)n[1],
                                     .packed_size = (uint32_t)n[2],
                                     .contents_size = (uint32_t)n[3],
                                     .lc = (uint8_t)n[4],
                                     .lp = (uint8_t)n[5],
                                     .pb = (uint8_t)n[6],
                                     .end_marker = n[7] != 0,
                                     .filter = (uint8_t)n[8]};
    if (dfota_file_read(path, 1 << 28, file, NULL) ||
        n[1] + n[2] > file->size || dfota_packed_check(&packed->region, NULL))
        fail("the stream is not possible");
    if (packed_open(packed, file->data + n[1], packed->region.contents_size,
                    NULL))
        fail("the stream cannot be taken apart");
}

static void put_contents(const struct packed *packed, const char *path)
{
    FILE *file = fopen(path, "wb");
    size_t size = packed->region.contents_size;

    const struct dfota_packed_job job = {.packings = dfota_packings,
                                         .region = &packed->region,
                                         .contents = packed->contents};

    if (dfota_filter_turn(&job, true, NULL))
        fail("the filter is not known");
    if (file == NULL || fwrite(packed->contents, 1, size, file) != size ||
        fclose(file) != 0)
        fail("the contents cannot be written");
}

int main(int argc, char **argv)
{
    static struct packed old;
    static struct packed new;
    struct dfota_buffer old_file = {0};
    struct dfota_buffer new_file = {0};
    struct dfota_buffer told = {0};
    struct dfota_buffer made = {0};

    if (argc != 4)
        fail("usage: packed_tool OLD NEW CONTENTS");
    open_side(argv[1], &old, &old_file);
    open_side(argv[2], &new, &new_file);
    if (packed_tell(&new, &old, &told, NULL))
        fail("the parse cannot be told");
    if (packed_make(&new, &old, &told, &made, NULL) ||
        made.size != new.region.packed_size ||
        memcmp(made.data, new.stream, made.size) != 0)
        fail("the stream cannot be made again");
    put_contents(&new, argv[3]);
    printf("%zu\n", told.size);
    packed_close(&old);
    packed_close(&new);
    dfota_buffer_free(&old_file);
    dfota_buffer_free(&new_file);
    dfota_buffer_free(&told);
    dfota_buffer_free(&made);
    return 0;
}
