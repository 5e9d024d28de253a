/* SPDX-License-Identifier: MIT */
#include "info/delta_print.h"

#define STREAM_COUNT 3

static void write_image(struct dfota_json_writer *json, const char *key,
                        const struct dfota_digests *digests)
{
    if (dfota_info_is_stated(digests))
        dfota_print_json_digests(json, key, digests);
    else
        dfota_json_null(json, key);
}

static void write_streams(struct dfota_json_writer *json,
                          const struct dfota_explained_delta *delta)
{
    dfota_json_begin_array(json, "streams");
    for (size_t i = 0; i < STREAM_COUNT; i++) {
        const struct dfota_explained_stream *stream = &delta->streams[i];

        if (stream->name == NULL)
            continue;
        dfota_json_begin_object(json, NULL);
        dfota_json_string(json, "name", stream->name);
        dfota_json_string(json, "codec", stream->codec);
        if (stream->raw > 0 || stream->coded == 0)
            dfota_json_number(json, "raw", stream->raw);
        else
            dfota_json_null(json, "raw");
        dfota_json_number(json, "coded", stream->coded);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static void write_dialects(struct dfota_json_writer *json,
                           const struct dfota_explained_prediction *told)
{
    dfota_json_begin_array(json, "dialects");
    for (size_t i = 0; i < told->dialect_count; i++) {
        const struct dfota_explained_dialect *dialect = &told->dialects[i];

        dfota_json_begin_object(json, NULL);
        dfota_json_string(json, "name", dialect->name);
        dfota_json_begin_array(json, "classes");
        for (size_t k = 0; k < dialect->class_count; k++)
            dfota_json_string(json, NULL, dialect->classes[k]);
        dfota_json_end(json);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static void write_prediction(struct dfota_json_writer *json,
                             const struct dfota_explained_prediction *told)
{
    if (told->dialect_count + told->base_count + told->range_count == 0) {
        dfota_json_null(json, "prediction");
        return;
    }
    dfota_json_begin_object(json, "prediction");
    write_dialects(json, told);
    dfota_json_begin_array(json, "bases");
    for (size_t i = 0; i < told->base_count; i++)
        dfota_json_number(json, NULL, told->bases[i]);
    dfota_json_end(json);
    dfota_json_begin_array(json, "ranges");
    for (size_t i = 0; i < told->range_count; i++) {
        dfota_json_begin_object(json, NULL);
        dfota_json_number(json, "first", told->ranges[i].first);
        dfota_json_number(json, "last", told->ranges[i].last);
        dfota_json_end(json);
    }
    dfota_json_end(json);
    dfota_json_number(json, "map_count", told->map_count);
    dfota_json_number(json, "map_length", told->map_length);
    dfota_json_number(json, "learned", told->learned);
    dfota_json_end(json);
}

static void write_cost(struct dfota_json_writer *json, uint64_t bits)
{
    dfota_json_real(json, "bytes", (double)bits / 8);
}

static void write_parts(struct dfota_json_writer *json, const char *key,
                        const struct dfota_explained_part *parts, size_t count)
{
    dfota_json_begin_array(json, key);
    for (size_t i = 0; i < count; i++) {
        dfota_json_begin_object(json, NULL);
        dfota_json_number(json, "offset", parts[i].offset);
        dfota_json_number(json, "size", parts[i].size);
        write_cost(json, parts[i].bits);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static void write_work(struct dfota_json_writer *json,
                       const struct dfota_explained_delta *delta)
{
    const struct dfota_explained_work *work = &delta->work;

    if (!delta->counted) {
        dfota_json_null(json, "work");
        return;
    }
    dfota_json_begin_object(json, "work");
    dfota_json_number(json, "copies", work->copies);
    dfota_json_number(json, "copied", work->copied);
    dfota_json_number(json, "corrected", work->corrected);
    dfota_json_number(json, "literals", work->literals);
    dfota_json_number(json, "addresses", work->addresses);
    dfota_json_number(json, "foreseen", work->foreseen);
    dfota_json_begin_array(json, "kinds");
    for (unsigned i = 0; i < DFOTA_SPENT_COUNT; i++) {
        dfota_json_begin_object(json, NULL);
        dfota_json_string(json, "name",
                          dfota_spent_name((enum dfota_spent_on)i));
        write_cost(json, work->bits[i]);
        dfota_json_end(json);
    }
    dfota_json_end(json);
    write_parts(json, "regions", work->regions, work->region_count);
    write_parts(json, "top", work->top, work->top_count);
    dfota_json_end(json);
}

static void write_region(struct dfota_json_writer *json,
                         const struct dfota_explained_region *region)
{
    dfota_json_number(json, "offset", region->offset);
    dfota_json_number(json, "size", region->packed);
    dfota_json_number(json, "contents", region->contents);
    dfota_json_string(json, "codec", region->codec);
}

static void write_olds(struct dfota_json_writer *json,
                       const struct dfota_explained_unpacking *told)
{
    dfota_json_begin_array(json, "old");
    for (size_t i = 0; i < told->old_count; i++) {
        dfota_json_begin_object(json, NULL);
        write_region(json, &told->regions[i]);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

/* Where a region of new comes from, and what it costs. */
static void write_region_cost(struct dfota_json_writer *json,
                              const struct dfota_explained_unpacking *told,
                              const struct dfota_explained_region *region)
{
    if (region->from != DFOTA_EXPLAIN_NONE)
        dfota_json_number(json, "from", told->regions[region->from].offset);
    else
        dfota_json_null(json, "from");
    dfota_json_real(json, "spent", (double)region->contents_bits / 8);
    dfota_json_real(json, "parse", (double)region->parse_bits / 8);
}

static void write_news(struct dfota_json_writer *json,
                       const struct dfota_explained_unpacking *told,
                       bool counted)
{
    dfota_json_begin_array(json, "new");
    for (size_t i = 0; i < told->new_count; i++) {
        const struct dfota_explained_region *region =
            &told->regions[told->old_count + i];

        dfota_json_begin_object(json, NULL);
        write_region(json, region);
        if (counted)
            write_region_cost(json, told, region);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static void write_unpacking(struct dfota_json_writer *json,
                            const struct dfota_explained_unpacking *told,
                            bool counted)
{
    if (told->new_count == 0) {
        dfota_json_null(json, "unpacked");
        return;
    }
    dfota_json_begin_object(json, "unpacked");
    write_olds(json, told);
    write_news(json, told, counted);
    dfota_json_number(json, "list", told->list_size);
    dfota_json_number(json, "parses", told->parse_size);
    dfota_json_end(json);
}

void dfota_info_write_delta(struct dfota_json_writer *json,
                            const struct dfota_explained_delta *delta)
{
    dfota_json_begin_object(json, NULL);
    dfota_json_string(json, "partition", delta->partition);
    if (delta->size != 0)
        dfota_json_number(json, "offset", delta->offset);
    else
        dfota_json_null(json, "offset");
    dfota_json_number(json, "size", delta->size);
    dfota_json_number(json, "old_size", delta->old_size);
    dfota_json_number(json, "new_size", delta->new_size);
    if (delta->ram != 0)
        dfota_json_number(json, "ram", delta->ram);
    else
        dfota_json_null(json, "ram");
    write_image(json, "old", &delta->old_image);
    write_image(json, "new", &delta->new_image);
    write_streams(json, delta);
    if (delta->slots != 0)
        dfota_json_number(json, "slots", delta->slots);
    else
        dfota_json_null(json, "slots");
    dfota_print_json_use(json, &delta->use);
    write_prediction(json, &delta->prediction);
    write_unpacking(json, &delta->unpacking, delta->counted);
    if (delta->counted)
        dfota_print_json_streams(json, delta->compressed,
                                 delta->compressed_count);
    else
        dfota_json_null(json, "compressed");
    write_work(json, delta);
    dfota_json_end(json);
}
