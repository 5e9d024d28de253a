/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/layout.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* That partitions lie one behind the other and can be erased and written. */
static void check_partitions(const struct dfota_layout *layout)
{
    uint64_t end = 0;

    for (size_t i = 0; i < layout->partition_count; i++) {
        const struct dfota_layout_partition *p = &layout->partitions[i];

        check(p->offset >= end && p->size > 0);
        check(memchr(p->name, '\0', sizeof(p->name)) != NULL);
        check(dfota_layout_find(layout, p->name) == p);
        if ((p->role & DFOTA_LAYOUT_UPDATED) != 0)
            check((p->offset | p->size) % layout->flash.sector == 0);
        end = p->offset + p->size;
    }
    check(end <= layout->flash.size);
}

/* That streams begin one behind the other, in what is updated. */
static void check_streams(const struct dfota_layout *layout)
{
    check(layout->stream_count <= DFOTA_LAYOUT_STREAMS_MAX);
    for (size_t i = 0; i < layout->stream_count; i++) {
        const struct dfota_layout_stream *stream = &layout->streams[i];
        const struct dfota_layout_partition *p = NULL;
        bool inside = false;

        check(i == 0 || stream->offset > stream[-1].offset);
        check(stream->size > 0 && stream->lc + stream->lp <= 4);
        while ((p = dfota_layout_next(layout, DFOTA_LAYOUT_UPDATED, p)) != NULL)
            inside |= stream->offset >= p->offset &&
                      stream->offset + stream->size <= p->offset + p->size;
        check(inside);
    }
}

/* That MiniFOTA gets one Mini system and one area to erase. */
static void check_mini(const struct dfota_layout *layout)
{
    const struct dfota_layout_partition *first =
        dfota_layout_next(layout, DFOTA_LAYOUT_APP, NULL);
    const struct dfota_layout_partition *last = NULL;
    const struct dfota_layout_partition *p = NULL;
    size_t minis = 0;

    if (dfota_layout_check_mini(layout, NULL))
        return;
    while ((p = dfota_layout_next(layout, DFOTA_LAYOUT_MINI, p)) != NULL)
        minis++;
    while ((p = dfota_layout_next(layout, DFOTA_LAYOUT_APP, p)) != NULL)
        last = p;
    check(minis == 1 && first != NULL && last != NULL);
    check(last->offset + last->size - first->offset ==
          dfota_layout_size(layout, DFOTA_LAYOUT_APP));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader accepts can be relied on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_layout layout = {0};
    const struct dfota_layout_flash *flash = &layout.flash;

    if (dfota_layout_read((struct dfota_view){data, size}, &layout, NULL)) {
        check(layout.partition_count == 0);
        return 0;
    }
    check(flash->size % flash->sector == 0 && flash->size <= INT32_MAX);
    check(flash->scratch % flash->sector == 0);
    check(flash->sector % flash->program_unit == 0);
    check(layout.partition_count <= DFOTA_MANIFEST_PARTITIONS_MAX);
    check(dfota_layout_size(&layout, DFOTA_LAYOUT_UPDATED) > 0);
    check_partitions(&layout);
    check_streams(&layout);
    check_mini(&layout);
    return 0;
}
