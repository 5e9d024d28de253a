/* SPDX-License-Identifier: MIT */
#include "format/layout_compressed.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/packed.h"
#include "lib/base/fault.h"

#define NAME_MAX_SIZE 32 /* characters, so that a typo is named as one */
#define LC            3  /* what encoders take, unless told otherwise */
#define LP            0
#define PB            2
#define LC_LP_MOST    4
#define PB_MOST       4
#define NOT_GIVEN     UINT64_MAX

struct record {
    struct dfota_layout_stream stream;
    char codec[NAME_MAX_SIZE + 1];
    char filter[NAME_MAX_SIZE + 1];
    uint64_t lc;
    uint64_t lp;
    uint64_t pb;
};

#define FIELD(key, member, of_kind, limit, may_lack)                           \
    {                                                                          \
        .name = (key), .kind = (of_kind), .max = (limit),                      \
        .at = offsetof(struct record, member), .optional = (may_lack)          \
    }

static const struct dfota_json_field fields[] = {
    FIELD("offset", stream.offset, DFOTA_JSON_SIZE, INT64_MAX, false),
    FIELD("size", stream.size, DFOTA_JSON_SIZE, INT64_MAX, true),
    FIELD("codec", codec, DFOTA_JSON_TEXT, NAME_MAX_SIZE, true),
    FIELD("filter", filter, DFOTA_JSON_TEXT, NAME_MAX_SIZE, true),
    FIELD("lc", lc, DFOTA_JSON_NUMBER, INT64_MAX, true),
    FIELD("lp", lp, DFOTA_JSON_NUMBER, INT64_MAX, true),
    FIELD("pb", pb, DFOTA_JSON_NUMBER, INT64_MAX, true),
    {0},
};

/* A word that the file may have, and what it stands for. */
struct word {
    const char *name;
    uint8_t id;
};

static const struct word codecs[] = {
    {"auto", DFOTA_LAYOUT_ANY_CODEC},
    {"lzma", DFOTA_PACKING_LZMA},
    {"lzma2", DFOTA_PACKING_LZMA2},
    {"deflate", DFOTA_PACKING_DEFLATE},
    {NULL, 0},
};

static const struct word filters[] = {
    {"none", DFOTA_FILTER_NONE},   {"x86", DFOTA_FILTER_X86},
    {"arm", DFOTA_FILTER_ARM},     {"armthumb", DFOTA_FILTER_THUMB},
    {"arm64", DFOTA_FILTER_ARM64}, {NULL, 0},
};

static enum dfota_error refuse(struct dfota_fault *fault, const char *rule,
                               const struct dfota_layout_stream *stream,
                               const char *what)
{
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, rule,
                             "0x%llx%s%s", (unsigned long long)stream->offset,
                             what[0] != '\0' ? ": " : "", what);
}

static bool look_up(const struct word *words, const char *name, uint8_t *id)
{
    for (; words->name != NULL; words++)
        if (strcmp(words->name, name) == 0) {
            *id = words->id;
            return true;
        }
    return false;
}

/* Takes over the parameters of LZMA, which are for raw LZMA alone. */
static bool set_parameters(struct record *record)
{
    struct dfota_layout_stream *stream = &record->stream;
    bool given = record->lc != NOT_GIVEN || record->lp != NOT_GIVEN ||
                 record->pb != NOT_GIVEN;

    if (stream->codec != DFOTA_PACKING_LZMA)
        return !given;
    record->lc = record->lc != NOT_GIVEN ? record->lc : LC;
    record->lp = record->lp != NOT_GIVEN ? record->lp : LP;
    record->pb = record->pb != NOT_GIVEN ? record->pb : PB;
    if (record->lc > LC_LP_MOST || record->lp > LC_LP_MOST - record->lc ||
        record->pb > PB_MOST)
        return false;
    stream->lc = (uint8_t)record->lc;
    stream->lp = (uint8_t)record->lp;
    stream->pb = (uint8_t)record->pb;
    return true;
}

/* By what is said of it alone. */
static enum dfota_error check_kind(struct record *record,
                                   struct dfota_fault *fault)
{
    struct dfota_layout_stream *stream = &record->stream;

    if (!look_up(codecs, record->codec, &stream->codec))
        return refuse(fault, "LAY-26", stream, record->codec);
    if (!look_up(filters, record->filter, &stream->filter) ||
        (stream->filter != DFOTA_FILTER_NONE &&
         stream->codec == DFOTA_LAYOUT_ANY_CODEC))
        return refuse(fault, "LAY-26", stream, record->filter);
    if (!set_parameters(record))
        return refuse(fault, "LAY-26", stream, "lc, lp, pb");
    return DFOTA_OK;
}

/* By the partition that it is in, of which it may have the rest. */
static enum dfota_error check_place(const struct dfota_layout *layout,
                                    struct dfota_layout_stream *stream,
                                    struct dfota_fault *fault)
{
    const struct dfota_layout_partition *p = NULL;

    while ((p = dfota_layout_next(layout, DFOTA_LAYOUT_UPDATED, p)) != NULL) {
        uint64_t left;

        if (stream->offset < p->offset || stream->offset - p->offset >= p->size)
            continue;
        left = p->size - (stream->offset - p->offset);
        if (stream->size > left)
            return refuse(fault, "LAY-25", stream, p->name);
        if (stream->size == 0)
            stream->size = left;
        return DFOTA_OK;
    }
    return refuse(fault, "LAY-25", stream, "");
}

static enum dfota_error read_stream(const struct dfota_json_value *value,
                                    const struct dfota_layout *layout,
                                    struct dfota_layout_stream *out,
                                    struct dfota_fault *fault)
{
    struct record record = {.codec = "auto",
                            .filter = "none",
                            .lc = NOT_GIVEN,
                            .lp = NOT_GIVEN,
                            .pb = NOT_GIVEN};
    enum dfota_error err =
        dfota_json_fields(value, fields, "LAY-3", &record, fault);

    if (!err)
        err = check_kind(&record, fault);
    if (!err)
        err = check_place(layout, &record.stream, fault);
    if (!err)
        *out = record.stream;
    return err;
}

static int compare_offsets(const void *left, const void *right)
{
    const struct dfota_layout_stream *a = left;
    const struct dfota_layout_stream *b = right;

    return (a->offset > b->offset) - (a->offset < b->offset);
}

enum dfota_error
dfota_layout_read_compressed(const struct dfota_json_value *values,
                             struct dfota_layout *layout,
                             struct dfota_fault *fault)
{
    size_t count = values != NULL ? dfota_json_count(values) : 0;
    struct dfota_layout_stream *streams = layout->streams;

    if (count > DFOTA_LAYOUT_STREAMS_MAX)
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                                 "LAY-24", "%zu streams", count);
    for (size_t i = 0; i < count; i++) {
        enum dfota_error err =
            read_stream(dfota_json_item(values, i), layout, &streams[i], fault);

        if (err)
            return err;
    }
    qsort(streams, count, sizeof(streams[0]), compare_offsets);
    for (size_t i = 1; i < count; i++)
        if (streams[i].offset == streams[i - 1].offset)
            return refuse(fault, "LAY-27", &streams[i], "");
    layout->stream_count = count;
    return DFOTA_OK;
}
