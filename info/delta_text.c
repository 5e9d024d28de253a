/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "info/delta_print.h"

#define STREAM_COUNT 3

bool dfota_info_is_stated(const struct dfota_digests *digests)
{
    for (size_t i = 0; i < sizeof(digests->sha256); i++)
        if (digests->sha256[i] != 0)
            return true;
    return digests->size != 0;
}

void dfota_info_line(const char *label, const char *text)
{
    printf("%-*s", DFOTA_INFO_LABEL, label);
    dfota_print_wrapped(stdout, DFOTA_INFO_LABEL, text);
}

void dfota_info_bytes(const char *label, uint64_t count)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    dfota_info_line(label, dfota_print_bytes(count, bytes));
}

static void print_image(const char *label, uint64_t size,
                        const struct dfota_digests *digests, bool explain)
{
    dfota_info_bytes(label, size);
    if (explain && dfota_info_is_stated(digests))
        dfota_print_digests(stdout, DFOTA_INFO_LABEL, digests);
}

static void print_streams(const struct dfota_explained_delta *delta)
{
    char raw[DFOTA_PRINT_BYTES_SIZE];
    char coded[DFOTA_PRINT_BYTES_SIZE];

    for (size_t i = 0; i < STREAM_COUNT; i++) {
        const struct dfota_explained_stream *stream = &delta->streams[i];

        if (stream->name == NULL)
            continue;
        printf("%-*s%s: ", DFOTA_INFO_LABEL, i == 0 ? "  streams" : "",
               stream->name);
        if (stream->raw > 0 || stream->coded == 0)
            printf("%s in ", dfota_print_bytes(stream->raw, raw));
        printf("%s (%s)\n", dfota_print_bytes(stream->coded, coded),
               stream->codec);
    }
}

/* What of copied bytes is foreseen, and what the applier keeps for that. */
static void print_prediction(const struct dfota_explained_prediction *told)
{
    const char *label = "  foreseen";

    for (size_t i = 0; i < told->dialect_count; i++, label = "") {
        const struct dfota_explained_dialect *dialect = &told->dialects[i];

        printf("%-*s%s", DFOTA_INFO_LABEL, label, dialect->name);
        for (size_t k = 0; k < dialect->class_count; k++)
            printf("%s %s", k == 0 ? ":" : ",", dialect->classes[k]);
        putchar('\n');
    }
    for (size_t i = 0; i < told->base_count; i++, label = "")
        printf("%-*spointers into the image at 0x%08" PRIx32 "\n",
               DFOTA_INFO_LABEL, label, told->bases[i]);
    for (size_t i = 0; i < told->range_count; i++, label = "")
        printf("%-*spointers from 0x%08" PRIx32 " to 0x%08" PRIx32 "\n",
               DFOTA_INFO_LABEL, label, told->ranges[i].first,
               told->ranges[i].last);
    if (label[0] == '\0')
        printf("%-*smap of %" PRIu32 " ranges, of %" PRIu32
               " bytes at least; room for %" PRIu32 " addresses\n",
               DFOTA_INFO_LABEL, "  tables", told->map_count, told->map_length,
               told->learned);
}

static void print_region(const struct dfota_explained_region *region)
{
    printf("%-*s0x%08" PRIx64 "  %10" PRIu64 "  %10" PRIu64, DFOTA_INFO_LABEL,
           "", region->offset, region->packed, region->contents);
}

static void print_olds(const struct dfota_explained_unpacking *told)
{
    if (told->old_count > 0)
        printf("%-*s%-10s  %10s  %10s  codec\n", DFOTA_INFO_LABEL, "  unpacked",
               "offset", "size", "contents");
    for (size_t i = 0; i < told->old_count; i++) {
        print_region(&told->regions[i]);
        printf("  %s%s\n", told->regions[i].codec,
               told->regions[i].filtered ? ", filtered" : "");
    }
}

/* What a region of new costs, and what is saved by that. */
static void print_region_cost(const struct dfota_explained_unpacking *told,
                              const struct dfota_explained_region *region)
{
    double contents = (double)region->contents_bits / 8;
    double parse = (double)region->parse_bits / 8;

    if (region->from != DFOTA_EXPLAIN_NONE)
        printf("  0x%08" PRIx64, told->regions[region->from].offset);
    else
        printf("  %-10s", "-");
    printf("  %10.1f  %10.1f  %10.1f", contents, parse,
           (double)region->packed - contents - parse);
}

static void print_news(const struct dfota_explained_unpacking *told,
                       bool counted)
{
    const struct dfota_explained_region *regions =
        told->regions + told->old_count;

    printf("%-*s%-10s  %10s  %10s", DFOTA_INFO_LABEL, "  packed", "offset",
           "size", "contents");
    if (counted)
        printf("  %-10s  %10s  %10s  %10s", "from", "spent", "parse", "saved");
    printf("  codec\n");
    for (size_t i = 0; i < told->new_count; i++) {
        print_region(&regions[i]);
        if (counted)
            print_region_cost(told, &regions[i]);
        printf("  %s%s\n", regions[i].codec,
               regions[i].filtered ? ", filtered" : "");
    }
}

static void print_unpacking(const struct dfota_explained_unpacking *told,
                            bool counted)
{
    if (told->new_count == 0)
        return;
    print_olds(told);
    print_news(told, counted);
    dfota_info_bytes("  list", told->list_size);
    dfota_info_bytes("  parses", told->parse_size);
}

static void print_use(const struct dfota_in_place_use *use)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    if (use->segment == 0)
        return;
    printf("%-*s%" PRIu64 " segments of %s", DFOTA_INFO_LABEL, "  in place",
           use->segments, dfota_print_bytes(use->segment, bytes));
    printf(", a stash of %s\n", dfota_print_bytes(use->stash, bytes));
}

static void print_coding(const struct dfota_explained_delta *delta)
{
    print_streams(delta);
    if (delta->slots != 0)
        printf("%-*s%" PRIu32 "\n", DFOTA_INFO_LABEL, "  slots", delta->slots);
    print_use(&delta->use);
    print_prediction(&delta->prediction);
    print_unpacking(&delta->unpacking, delta->counted);
    dfota_print_left_packed("  left", DFOTA_INFO_LABEL, delta->compressed,
                            delta->compressed_count);
}

/* --- what a delta does ---------------------------------------------------- */

static double percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* The end of a table's line: so many bits, of a delta of `size` bytes. */
static void print_cost(uint64_t bits, uint64_t size)
{
    printf("  %10.1f  %5.1f %%\n", (double)bits / 8, percent(bits, 8 * size));
}

static void print_kinds(const struct dfota_explained_delta *delta)
{
    printf("%-*s%-10s  %10s    share\n", DFOTA_INFO_LABEL, "  spent", "on",
           "bytes");
    for (unsigned i = 0; i < DFOTA_SPENT_COUNT; i++) {
        printf("%-*s%-10s", DFOTA_INFO_LABEL, "",
               dfota_spent_name((enum dfota_spent_on)i));
        print_cost(delta->work.bits[i], delta->size);
    }
}

/* Parts of the new image, and what they cost of a delta of `size` bytes. */
static void print_parts(const char *label,
                        const struct dfota_explained_part *parts, size_t count,
                        uint64_t size)
{
    if (count > 0)
        printf("%-*s%-10s  %10s  %10s    share\n", DFOTA_INFO_LABEL, label,
               "offset", "size", "bytes");
    for (size_t i = 0; i < count; i++) {
        printf("%-*s0x%08" PRIx64 "  %10" PRIu64, DFOTA_INFO_LABEL, "",
               parts[i].offset, parts[i].size);
        print_cost(parts[i].bits, size);
    }
}

static void print_work(const struct dfota_explained_delta *delta)
{
    const struct dfota_explained_work *work = &delta->work;
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    printf("%-*s%s from the old image, in %" PRIu64 " ranges\n",
           DFOTA_INFO_LABEL, "  work", dfota_print_bytes(work->copied, bytes),
           work->copies);
    printf("%-*s%s of these corrected\n", DFOTA_INFO_LABEL, "",
           dfota_print_bytes(work->corrected, bytes));
    printf("%-*s%s sent whole\n", DFOTA_INFO_LABEL, "",
           dfota_print_bytes(work->literals, bytes));
    if (work->addresses > 0)
        printf("%-*s%" PRIu64 " of %" PRIu64
               " addresses as foreseen, %.1f %%\n",
               DFOTA_INFO_LABEL, "", work->foreseen, work->addresses,
               percent(work->foreseen, work->addresses));
    print_kinds(delta);
    print_parts("  regions", work->regions, work->region_count, delta->size);
    print_parts("  dearest", work->top, work->top_count, delta->size);
}

void dfota_info_print_delta(const struct dfota_explained_delta *delta,
                            bool explain)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    if (delta->size == 0) {
        dfota_info_line("unchanged", delta->partition);
        print_image("  size", delta->old_size, &delta->old_image, explain);
        return;
    }
    dfota_info_line("delta", delta->partition);
    printf("%-*s%s at offset %" PRIu64 "\n", DFOTA_INFO_LABEL, "  size",
           dfota_print_bytes(delta->size, bytes), delta->offset);
    print_image("  old", delta->old_size, &delta->old_image, explain);
    print_image("  new", delta->new_size, &delta->new_image, explain);
    if (delta->ram != 0)
        dfota_info_bytes("  memory", delta->ram);
    if (explain)
        print_coding(delta);
    if (delta->counted)
        print_work(delta);
}
