/* SPDX-License-Identifier: MIT */
#include "lib/apply/stream_coder.h"

#include "lib/apply/coding.h"
#include "lib/apply/delta_header.h"

/* Keeps the first error, and where it is. */
static void note(struct dfota_coder *self, enum dfota_error err,
                 const struct dfota_fault *fault)
{
    if (!err || self->error)
        return;
    self->error = err;
    self->rule = fault->rule;
    self->position = (uint32_t)fault->offset;
}

/* A signed distance, its sign in the last bit. */
static uint32_t moved(uint32_t from, uint32_t seek)
{
    return seek & 1 ? from - seek / 2 - 1 : from + seek / 2;
}

static void read_record(struct dfota_coder *self, struct dfota_record *record)
{
    struct dfota_stream_coder *coder = (struct dfota_stream_coder *)self;
    struct dfota_fault fault = {0};
    uint32_t dialect = 0;
    uint32_t seek = 0;
    enum dfota_error err;

    *record = (struct dfota_record){0};
    self->position = dfota_stream_position(&coder->control);
    err = dfota_stream_varint(&coder->control, &dialect, &fault);
    if (!err)
        err = dfota_stream_varint(&coder->control, &record->insert, &fault);
    if (!err)
        err = dfota_stream_varint(&coder->control, &record->copy, &fault);
    if (!err && record->copy > 0)
        err = dfota_stream_varint(&coder->control, &seek, &fault);
    record->dialect = dialect < UINT8_MAX ? (uint8_t)dialect : UINT8_MAX;
    record->old_pos = moved(coder->old_pos, seek);
    if (record->copy > 0)
        coder->old_pos = record->old_pos + record->copy;
    note(self, err, &fault);
}

static bool read_clean(struct dfota_coder *self, uint32_t size, bool clean)
{
    (void)self;
    (void)size;
    (void)clean;
    return false; /* the zeros of the difference say so in other words */
}

static void read_bytes(struct dfota_coder *self, uint32_t old_pos,
                       const uint8_t *foreseen, uint8_t *actual, size_t size)
{
    struct dfota_stream_coder *coder = (struct dfota_stream_coder *)self;
    struct dfota_fault fault = {0};

    (void)old_pos;
    note(self, dfota_difference_read(&coder->difference, actual, size, &fault),
         &fault);
    for (size_t i = 0; i < size; i++)
        actual[i] = (uint8_t)(actual[i] + foreseen[i]);
}

static void read_site(struct dfota_coder *self, const struct dfota_guess *guess,
                      uint8_t *actual)
{
    read_bytes(self, 0, guess->first, actual, guess->site->size);
}

static void read_literal(struct dfota_coder *self, uint8_t dialect,
                         uint32_t new_pos, uint8_t *actual, size_t size)
{
    struct dfota_stream_coder *coder = (struct dfota_stream_coder *)self;
    struct dfota_fault fault = {0};

    (void)dialect;
    (void)new_pos;
    note(self, dfota_stream_read(&coder->literal, actual, size, &fault),
         &fault);
}

static void end_records(struct dfota_coder *self)
{
    struct dfota_stream_coder *coder = (struct dfota_stream_coder *)self;
    struct dfota_fault fault = {0};

    note(self, dfota_stream_end(&coder->control, &fault), &fault);
}

static void end_others(struct dfota_coder *self)
{
    struct dfota_stream_coder *coder = (struct dfota_stream_coder *)self;
    struct dfota_fault fault = {0};
    enum dfota_error err = dfota_difference_end(&coder->difference, &fault);

    if (!err)
        err = dfota_stream_end(&coder->literal, &fault);
    note(self, err, &fault);
}

void dfota_stream_coder_open(struct dfota_stream_coder *coder)
{
    coder->coder = (struct dfota_coder){
        .record = read_record,
        .clean = read_clean,
        .stride = read_clean,
        .bytes = read_bytes,
        .site = read_site,
        .literal = read_literal,
        .end_records = end_records,
        .end = end_others,
    };
    coder->old_pos = 0;
    coder->difference.zeros = 0;
}

/* --- setting up ----------------------------------------------------------- */

static const struct dfota_codec *find_codec(const struct dfota_applier *applier,
                                            uint8_t id)
{
    for (unsigned i = 0; applier->codecs[i] != NULL; i++)
        if (applier->codecs[i]->id == id)
            return applier->codecs[i];
    return NULL;
}

static uint32_t stream_begin(const struct dfota_delta_header *header,
                             enum dfota_stream_kind kind)
{
    uint32_t at = dfota_delta_coded(header);

    for (unsigned i = 0; i < (unsigned)kind; i++)
        at += header->streams[i].coded_size;
    return at;
}

/* Begins to read a stream, with a buffer and memory for its codec. */
static enum dfota_error open_stream(const struct dfota_coding_job *job,
                                    enum dfota_stream_kind kind,
                                    struct dfota_stream_reader *reader,
                                    uint8_t *memory, struct dfota_fault *fault)
{
    const struct dfota_stream *stream = &job->header->streams[kind];
    uint32_t begin = stream_begin(job->header, kind);
    uint32_t room = (dfota_codec_memory(stream) + 15) / 16 * 16;

    *reader = (struct dfota_stream_reader){
        .applier = job->applier,
        .codec = find_codec(job->applier, stream->codec),
        .buffer = memory,
        .in = memory, /* nothing, but never NULL */
        .next = begin,
        .coded_end = begin + stream->coded_size,
        .raw_left = stream->raw_size,
    };
    if (reader->codec == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, DFOTA_DELTA_FIXED,
                          "DLT-6");
    if (reader->codec->open(stream, memory + DFOTA_STREAM_BUFFER, room,
                            &reader->state))
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_DELTA_FIXED, "DLT-13");
    return DFOTA_OK;
}

static enum dfota_error take_stream(struct dfota_coding_job *job,
                                    enum dfota_stream_kind kind,
                                    struct dfota_stream_reader *reader,
                                    struct dfota_fault *fault)
{
    uint32_t size = dfota_codec_memory(&job->header->streams[kind]);

    return open_stream(job, kind, reader,
                       dfota_coding_take(job, DFOTA_STREAM_BUFFER + size),
                       fault);
}

_Static_assert(sizeof(struct dfota_stream_coder) + 16 +
                       (size_t)DFOTA_STREAM_COUNT * DFOTA_STREAM_BUFFER <=
                   DFOTA_CODER_MEMORY,
               "coder and buffers are what SPEC states");

static enum dfota_error open_streams(struct dfota_coding_job *job,
                                     struct dfota_coder **out,
                                     struct dfota_fault *fault)
{
    struct dfota_stream_coder *coder = dfota_coding_take(job, sizeof(*coder));
    enum dfota_error err;

    dfota_stream_coder_open(coder);
    *out = &coder->coder;
    err = take_stream(job, DFOTA_STREAM_CONTROL, &coder->control, fault);
    if (!err)
        err = take_stream(job, DFOTA_STREAM_DIFFERENCE,
                          &coder->difference.stream, fault);
    if (!err)
        err = take_stream(job, DFOTA_STREAM_LITERAL, &coder->literal, fault);
    return err;
}

static enum dfota_error rewind_streams(struct dfota_coding_job *job,
                                       struct dfota_coder *self,
                                       struct dfota_fault *fault)
{
    struct dfota_stream_coder *coder = (struct dfota_stream_coder *)self;

    coder->old_pos = 0;
    return open_stream(job, DFOTA_STREAM_CONTROL, &coder->control,
                       coder->control.buffer, fault);
}

const struct dfota_coding dfota_coding_streams = {
    DFOTA_CODING_ID_STREAMS, open_streams, rewind_streams, NULL};
