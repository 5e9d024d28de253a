/* SPDX-License-Identifier: MIT */
#include "lib/delta/streams.h"

#include <string.h>

#include "lib/apply/delta_header.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/delta/serialize.h"

#define WAYS_MAX               6     /* ways to code one stream */
#define DICTIONARY_MIN         4096u /* bytes */
#define WINDOW_MIN             9     /* window bits of zlib */
#define WINDOW_MAX             15

#define LZMA_PROPS(lc, lp, pb) ((uint8_t)(((pb)*5 + (lp)) * 9 + (lc)))

/* LZMA parameters worth trying, found by measuring on real images. */
static const uint8_t lzma_props[DFOTA_STREAM_COUNT][2] = {
    [DFOTA_STREAM_CONTROL] = {LZMA_PROPS(1, 0, 0), LZMA_PROPS(0, 0, 0)},
    [DFOTA_STREAM_DIFFERENCE] = {LZMA_PROPS(2, 0, 0), LZMA_PROPS(0, 0, 0)},
    [DFOTA_STREAM_LITERAL] = {LZMA_PROPS(4, 0, 0), LZMA_PROPS(0, 1, 2)},
};

/* One way to code one stream, and what came of it. */
struct way {
    struct dfota_stream stream;
    const struct dfota_encoder *encoder; /* NULL: stored */
    struct dfota_buffer coded;
    enum dfota_error error;
};

struct contest {
    const struct dfota_plan *plan;
    const struct dfota_delta_options *options;
    struct dfota_buffer raw[DFOTA_STREAM_COUNT];
    struct way ways[DFOTA_STREAM_COUNT][WAYS_MAX];
    size_t way_count[DFOTA_STREAM_COUNT];
};

static uint32_t contest_memory(const struct contest *contest,
                               const struct dfota_stream *streams)
{
    struct dfota_delta_header header = {
        .coding = DFOTA_CODING_ID_STREAMS,
        .prediction = contest->plan->prediction,
    };

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        header.streams[i] = streams[i];
    return dfota_delta_memory(&header);
}

/* The smallest dictionary that holds `size` bytes, or the largest there is. */
static uint32_t dictionary_for(size_t size)
{
    uint8_t code = 0;

    while (dfota_delta_dictionary(code) < size &&
           dfota_delta_dictionary(code + 1) != 0)
        code++;
    return dfota_delta_dictionary(code);
}

/* The next smaller dictionary. */
static uint32_t shrunk(uint32_t dictionary)
{
    uint8_t code = 0;

    while (dfota_delta_dictionary(code + 1) < dictionary)
        code++;
    return dfota_delta_dictionary(code);
}

/* Dictionaries such that LZMA for all streams fits, if that can be. */
static void share_dictionaries(const struct contest *contest,
                               uint32_t dictionary[DFOTA_STREAM_COUNT])
{
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dictionary[i] = dictionary_for(contest->raw[i].size);
    for (;;) {
        struct dfota_stream streams[DFOTA_STREAM_COUNT];
        unsigned largest = 0;

        for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
            streams[i] = (struct dfota_stream){.codec = DFOTA_CODEC_ID_LZMA,
                                               .dictionary = dictionary[i]};
            if (dictionary[i] > dictionary[largest])
                largest = i;
        }
        if (contest_memory(contest, streams) <= contest->options->ram ||
            dictionary[largest] == DICTIONARY_MIN)
            return;
        dictionary[largest] = shrunk(dictionary[largest]);
    }
}

static void add_way(struct contest *contest, enum dfota_stream_kind kind,
                    struct dfota_stream stream,
                    const struct dfota_encoder *encoder)
{
    struct way *way = &contest->ways[kind][contest->way_count[kind]++];

    stream.raw_size = (uint32_t)contest->raw[kind].size;
    *way = (struct way){.stream = stream, .encoder = encoder};
}

static void add_zlib_ways(struct contest *contest, enum dfota_stream_kind kind,
                          const struct dfota_encoder *encoder)
{
    static const uint8_t windows[] = {WINDOW_MAX, WINDOW_MIN};

    for (unsigned i = 0; i < sizeof(windows); i++)
        add_way(contest, kind,
                (struct dfota_stream){.codec = DFOTA_CODEC_ID_ZLIB,
                                      .props = windows[i]},
                encoder);
}

static void add_lzma_ways(struct contest *contest, enum dfota_stream_kind kind,
                          const struct dfota_encoder *encoder,
                          uint32_t dictionary)
{
    for (unsigned i = 0; i < sizeof(lzma_props[kind]); i++)
        add_way(contest, kind,
                (struct dfota_stream){.codec = DFOTA_CODEC_ID_LZMA,
                                      .props = lzma_props[kind][i],
                                      .dictionary = dictionary},
                encoder);
}

static void list_ways(struct contest *contest)
{
    uint32_t dictionary[DFOTA_STREAM_COUNT];

    share_dictionaries(contest, dictionary);
    for (enum dfota_stream_kind kind = 0; kind < DFOTA_STREAM_COUNT; kind++) {
        add_way(contest, kind, (struct dfota_stream){0}, NULL);
        if (contest->raw[kind].size == 0)
            continue;
        for (unsigned i = 0; contest->options->encoders[i] != NULL; i++) {
            const struct dfota_encoder *encoder = contest->options->encoders[i];

            if (encoder->id == DFOTA_CODEC_ID_ZLIB)
                add_zlib_ways(contest, kind, encoder);
            else if (encoder->id == DFOTA_CODEC_ID_LZMA)
                add_lzma_ways(contest, kind, encoder, dictionary[kind]);
        }
    }
}

/* Task `index` codes one stream in one way. */
static void try_way(void *context, size_t index)
{
    struct contest *contest = context;
    enum dfota_stream_kind kind = (enum dfota_stream_kind)(index / WAYS_MAX);
    struct way *way = &contest->ways[kind][index % WAYS_MAX];
    struct dfota_view raw = dfota_buffer_view(&contest->raw[kind]);

    if (index % WAYS_MAX >= contest->way_count[kind])
        return;
    if (way->encoder == NULL)
        dfota_buffer_add(&way->coded, raw.data, raw.size);
    else
        way->error = way->encoder->encode(&way->stream, raw, &way->coded, NULL);
    if (!way->error)
        way->error = dfota_buffer_check(&way->coded, NULL);
    way->stream.coded_size = (uint32_t)way->coded.size;
}

/* One way for each stream. */
struct team {
    struct way *members[DFOTA_STREAM_COUNT];
    uint64_t size; /* bytes coded; UINT64_MAX for no team */
};

/* Team number `index` of all that there can be. */
static struct team pick(struct contest *contest, size_t index)
{
    struct team team = {.size = 0};

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        team.members[i] = &contest->ways[i][index % contest->way_count[i]];
        team.size += team.members[i]->stream.coded_size;
        index /= contest->way_count[i];
    }
    return team;
}

/* The smallest team that fits. */
static struct team find_best(struct contest *contest)
{
    struct team best = {.size = UINT64_MAX};
    size_t teams = 1;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        teams *= contest->way_count[i];
    for (size_t i = 0; i < teams; i++) {
        struct team team = pick(contest, i);
        struct dfota_stream streams[DFOTA_STREAM_COUNT];

        for (unsigned k = 0; k < DFOTA_STREAM_COUNT; k++)
            streams[k] = team.members[k]->stream;
        if (team.size < best.size &&
            contest_memory(contest, streams) <= contest->options->ram)
            best = team;
    }
    return best;
}

static enum dfota_error check_contest(const struct contest *contest,
                                      struct dfota_fault *fault)
{
    for (unsigned kind = 0; kind < DFOTA_STREAM_COUNT; kind++)
        for (size_t i = 0; i < contest->way_count[kind]; i++)
            if (contest->ways[kind][i].error)
                return dfota_fail(fault, contest->ways[kind][i].error,
                                  DFOTA_NO_OFFSET, NULL);
    return DFOTA_OK;
}

/* Runs the contest; what wins is moved to `*out`. */
static enum dfota_error hold(struct contest *contest, struct dfota_encoded *out,
                             struct dfota_fault *fault)
{
    unsigned threads = contest->options->threads;
    enum dfota_error err;
    struct team best;

    err = dfota_serialize(contest->plan, contest->raw, fault);
    if (err)
        return err;
    list_ways(contest);
    dfota_parallel(threads, (size_t)DFOTA_STREAM_COUNT * WAYS_MAX, try_way,
                   contest);
    err = check_contest(contest, fault);
    if (err)
        return err;
    best = find_best(contest);
    if (best.size == UINT64_MAX)
        return dfota_fail_detail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET,
                                 "MAKE-5", "at least %u bytes are needed",
                                 (unsigned)DFOTA_APPLY_MEMORY);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        out->streams[i] = best.members[i]->stream;
        out->coded[i] = best.members[i]->coded;
        best.members[i]->coded = (struct dfota_buffer){0};
    }
    return DFOTA_OK;
}

enum dfota_error dfota_streams_encode(const struct dfota_plan *plan,
                                      const struct dfota_delta_options *options,
                                      struct dfota_encoded *out,
                                      struct dfota_fault *fault)
{
    struct contest contest = {.plan = plan, .options = options};
    enum dfota_error err = hold(&contest, out, fault);

    for (unsigned kind = 0; kind < DFOTA_STREAM_COUNT; kind++) {
        dfota_buffer_free(&contest.raw[kind]);
        for (unsigned i = 0; i < WAYS_MAX; i++)
            dfota_buffer_free(&contest.ways[kind][i].coded);
    }
    return err;
}

void dfota_encoded_free(struct dfota_encoded *encoded)
{
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_free(&encoded->coded[i]);
    *encoded = (struct dfota_encoded){0};
}
