/* SPDX-License-Identifier: MIT */
#include "jobs/work.h"

#include <string.h>

#include "jobs/codecs.h"
#include "jobs/spent.h"
#include "jobs/trial.h"
#include "jobs/unpacked.h"
#include "lib/apply/coding.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/mix_coder.h"
#include "lib/apply/stream_coder.h"

/*
 * A coder that stands before another one, passes everything on, and counts.
 * The applier does not notice.
 */
struct spy {
    struct dfota_coder coder; /* first: the coder is this one */
    struct dfota_coder *real;
    const struct dfota_delta_header *header;
    struct dfota_view old;
    struct dfota_explained_work *work;
    uint32_t new_pos;
    uint32_t record_begin; /* where in new the record at hand begins ... */
    uint32_t record_end;   /* ... and ends */
    double begun;          /* bits when what is being counted began */
    double record_cost;    /* bits of the record at hand, so far */
    struct dfota_record record;
    struct dfota_unpacked_spy regions;
};

const char *dfota_spent_name(enum dfota_spent_on kind)
{
    static const char *const names[DFOTA_SPENT_COUNT] = {
        "header",   "map",      "pieces",   "bytes",
        "branches", "pointers", "literals", "parses"};

    return names[kind];
}

/* --- how many bits have been used ----------------------------------------- */

static double stream_bits(const struct dfota_stream_reader *reader,
                          const struct dfota_stream *stream)
{
    if (stream->raw_size == 0)
        return 0;
    return 8.0 * stream->coded_size * (stream->raw_size - reader->raw_left) /
           stream->raw_size;
}

static double bits_used(const struct spy *spy)
{
    const struct dfota_delta_header *header = spy->header;
    const struct dfota_stream_coder *streams = (const void *)spy->real;
    const struct dfota_mix_coder *mixed = (const void *)spy->real;

    if (header->coding == DFOTA_CODING_ID_MIXED)
        return dfota_spent_bits(&mixed->records.range,
                                dfota_delta_coded(header)) +
               dfota_spent_bits(&mixed->content.range,
                                dfota_delta_coded(header) +
                                    header->mixed.record_size);
    return stream_bits(&streams->control,
                       &header->streams[DFOTA_STREAM_CONTROL]) +
           stream_bits(&streams->difference.stream,
                       &header->streams[DFOTA_STREAM_DIFFERENCE]) +
           stream_bits(&streams->literal,
                       &header->streams[DFOTA_STREAM_LITERAL]);
}

/* --- counting ------------------------------------------------------------- */

static void begin(struct spy *spy)
{
    spy->begun = bits_used(spy);
}

/* Books what was used since begin(), and passes an error on. */
static double book(struct spy *spy, enum dfota_spent_on kind)
{
    double bits = bits_used(spy) - spy->begun;
    struct dfota_explained_work *work = spy->work;
    uint64_t part = dfota_delta_new_view(spy->header);

    work->bits[kind] += dfota_spent_whole(bits);
    spy->record_cost += bits;
    if (work->region_count > 0 && spy->new_pos < part) {
        part = spy->new_pos / work->regions[0].size;
        work->regions[part].bits += dfota_spent_whole(bits);
    }
    dfota_unpacked_spend(&spy->regions, spy->new_pos, bits);
    spy->coder.error = spy->real->error;
    spy->coder.rule = spy->real->rule;
    spy->coder.position = spy->real->position;
    return bits;
}

/* Puts the record at hand among the dearest, if it is one. */
static void rank_record(struct spy *spy)
{
    struct dfota_explained_work *work = spy->work;
    struct dfota_explained_part part = {
        .size = (uint64_t)spy->record.insert + spy->record.copy,
        .bits = (dfota_spent_whole(spy->record_cost) + 500) / 1000,
    };
    size_t at = work->top_count;

    part.offset = spy->new_pos - part.size;
    spy->record_cost = 0;
    if (part.size == 0)
        return;
    while (at > 0 && work->top[at - 1].bits < part.bits)
        at--;
    if (at == DFOTA_EXPLAIN_TOP)
        return;
    if (work->top_count < DFOTA_EXPLAIN_TOP)
        work->top_count++;
    memmove(&work->top[at + 1], &work->top[at],
            (work->top_count - at - 1) * sizeof(part));
    work->top[at] = part;
}

/*
 * Where regions are unpacked, what is written is not what records make: then
 * new is followed by what the coder is asked for.
 */
static void advance(struct spy *spy, const uint8_t *foreseen,
                    const uint8_t *actual, size_t size)
{
    if (!dfota_delta_unpacks(spy->header))
        return;
    spy->new_pos += (uint32_t)size;
    for (size_t i = 0; foreseen != NULL && i < size; i++)
        spy->work->corrected += foreseen[i] != actual[i];
}

static void spy_record(struct dfota_coder *self, struct dfota_record *record)
{
    struct spy *spy = (struct spy *)self;

    if (dfota_delta_unpacks(spy->header))
        spy->new_pos = spy->record_end;
    rank_record(spy);
    spy->new_pos = self->new_pos;
    spy->real->new_pos = self->new_pos;
    begin(spy);
    spy->real->record(spy->real, record);
    (void)book(spy, DFOTA_SPENT_MAP);
    spy->record = *record;
    spy->record_begin = spy->new_pos;
    spy->record_end = spy->new_pos + record->insert + record->copy;
    dfota_unpacked_copy(&spy->regions, &(const struct dfota_copy){
                                           spy->new_pos + record->insert,
                                           record->old_pos, record->copy});
    spy->work->copies += record->copy > 0;
    spy->work->copied += record->copy;
    spy->work->literals += record->insert;
}

static uint32_t spy_number(struct dfota_coder *self,
                           enum dfota_order_number what, uint32_t number)
{
    struct spy *spy = (struct spy *)self;

    begin(spy);
    number = spy->real->number(spy->real, what, number);
    (void)book(spy, DFOTA_SPENT_MAP);
    return number;
}

static bool spy_clean(struct dfota_coder *self, uint32_t size, bool clean)
{
    struct spy *spy = (struct spy *)self;

    begin(spy);
    clean = spy->real->clean(spy->real, size, clean);
    (void)book(spy, DFOTA_SPENT_PIECES);
    if (clean)
        advance(spy, NULL, NULL, size);
    return clean;
}

static bool spy_stride(struct dfota_coder *self, uint32_t size, bool clean)
{
    struct spy *spy = (struct spy *)self;

    begin(spy);
    clean = spy->real->stride(spy->real, size, clean);
    (void)book(spy, DFOTA_SPENT_PIECES);
    if (clean)
        advance(spy, NULL, NULL, size);
    return clean;
}

static void spy_bytes(struct dfota_coder *self, uint32_t old_pos,
                      const uint8_t *foreseen, uint8_t *actual, size_t size)
{
    struct spy *spy = (struct spy *)self;

    begin(spy);
    spy->real->bytes(spy->real, old_pos, foreseen, actual, size);
    (void)book(spy, DFOTA_SPENT_BYTES);
    advance(spy, foreseen, actual, size);
}

static void spy_site(struct dfota_coder *self, const struct dfota_guess *guess,
                     uint8_t *actual)
{
    struct spy *spy = (struct spy *)self;

    begin(spy);
    spy->real->site(spy->real, guess, actual);
    (void)book(spy, guess->site->absolute ? DFOTA_SPENT_POINTERS
                                          : DFOTA_SPENT_BRANCHES);
    advance(spy, guess->first, actual, guess->site->size);
    spy->work->addresses++;
    spy->work->foreseen += memcmp(guess->first, actual, guess->site->size) == 0;
}

static void spy_literal(struct dfota_coder *self, uint8_t dialect,
                        uint32_t new_pos, uint8_t *actual, size_t size)
{
    struct spy *spy = (struct spy *)self;

    begin(spy);
    spy->real->literal(spy->real, dialect, new_pos, actual, size);
    (void)book(spy, DFOTA_SPENT_LITERALS);
    advance(spy, NULL, NULL, size);
}

static void spy_end_records(struct dfota_coder *self)
{
    struct spy *spy = (struct spy *)self;

    spy->real->end_records(spy->real);
    begin(spy);
    (void)book(spy, DFOTA_SPENT_MAP);
}

static void spy_end(struct dfota_coder *self)
{
    struct spy *spy = (struct spy *)self;

    if (dfota_delta_unpacks(spy->header))
        spy->new_pos = spy->record_end;
    rank_record(spy);
    spy->real->end(spy->real);
    begin(spy);
    (void)book(spy, DFOTA_SPENT_PIECES);
}

/* --- standing before the real coding -------------------------------------- */

/* The applier hands no context to a coding, so the spy travels with it. */
struct spy_coding {
    struct dfota_coding coding; /* first: the coding is this one */
    const struct dfota_coding *real;
    struct spy *spy;
};

/* Nothing has been counted yet. */
static void reset(struct spy *spy)
{
    const uint64_t grain = 4096; /* bytes; regions begin at multiples of it */
    uint64_t size = dfota_delta_new_view(spy->header) / DFOTA_EXPLAIN_REGIONS;
    struct dfota_explained_work *work = spy->work;

    size = (size / grain + 1) * grain;
    *work = (struct dfota_explained_work){0};
    for (uint64_t at = 0; at < dfota_delta_new_view(spy->header); at += size) {
        uint64_t left = dfota_delta_new_view(spy->header) - at;

        work->regions[work->region_count++] = (struct dfota_explained_part){
            .offset = at, .size = left < size ? left : size};
    }
    dfota_unpacked_reset(&spy->regions);
    spy->new_pos = 0;
    spy->record_end = 0;
    spy->record = (struct dfota_record){0};
    spy->record_cost = 0;
}

static enum dfota_error spy_open(struct dfota_coding_job *job,
                                 struct dfota_coder **out,
                                 struct dfota_fault *fault)
{
    const struct spy_coding *coding = (const void *)job->coding;
    struct spy *spy = coding->spy;
    enum dfota_error err = coding->real->open(job, &spy->real, fault);

    spy->header = job->header;
    spy->coder = (struct dfota_coder){
        .record = spy_record,
        .number = spy_number,
        .clean = spy_clean,
        .stride = spy_stride,
        .bytes = spy_bytes,
        .site = spy_site,
        .literal = spy_literal,
        .end_records = spy_end_records,
        .end = spy_end,
    };
    reset(spy);
    *out = &spy->coder;
    return err;
}

static enum dfota_error spy_rewind(struct dfota_coding_job *job,
                                   struct dfota_coder *coder,
                                   struct dfota_fault *fault)
{
    const struct spy_coding *coding = (const void *)job->coding;
    struct spy *spy = (struct spy *)coder;

    reset(spy);
    return coding->real->rewind(job, spy->real, fault);
}

static enum dfota_error spy_segment(struct dfota_coding_job *job,
                                    struct dfota_coder *coder, uint32_t begin,
                                    uint32_t size)
{
    const struct spy_coding *coding = (const void *)job->coding;
    struct spy *spy = (struct spy *)coder;
    enum dfota_error err = coding->real->segment(job, spy->real, begin, size);

    spy->coder.error = spy->real->error;
    return err;
}

/* Holds new bytes against the old ones that they were copied from. */
static enum dfota_error compare(void *context, const void *bytes, size_t size,
                                struct dfota_fault *fault)
{
    struct spy *spy = context;
    const uint8_t *new = bytes;

    (void)fault;
    if (dfota_delta_unpacks(spy->header))
        return DFOTA_OK;
    for (size_t i = 0; i < size; i++, spy->new_pos++) {
        /* a copy ends its record, and it is what is left of that */
        uint32_t at = spy->new_pos - spy->record_begin;

        if (at >= spy->record.insert)
            spy->work->corrected +=
                spy->old.data[spy->record.old_pos + at - spy->record.insert] !=
                new[i];
    }
    return DFOTA_OK;
}

/* Thousandths of bits, which were counted, as bits. */
static void round_work(struct dfota_explained_work *work,
                       const struct dfota_delta_header *header)
{
    for (unsigned i = 0; i < DFOTA_SPENT_COUNT; i++)
        work->bits[i] = (work->bits[i] + 500) / 1000;
    for (size_t i = 0; i < work->region_count; i++)
        work->regions[i].bits = (work->regions[i].bits + 500) / 1000;
    work->bits[DFOTA_SPENT_HEADER] = 8 * (uint64_t)dfota_delta_coded(header);
    work->bits[DFOTA_SPENT_PARSES] = 8 * (uint64_t)header->unpacked.parse_size;
}

enum dfota_error dfota_work_count(struct dfota_view delta,
                                  struct dfota_view old,
                                  struct dfota_explained_work *out,
                                  struct dfota_explained_unpacking *unpacking,
                                  struct dfota_fault *fault)
{
    struct dfota_explained_work work = {0};
    struct spy spy = {
        .old = old, .work = &work, .regions = dfota_unpacked_spy(unpacking)};
    const struct spy_coding codings[] = {
        {{DFOTA_CODING_ID_MIXED, spy_open, spy_rewind, spy_segment},
         &dfota_coding_mixed,
         &spy},
        {{DFOTA_CODING_ID_STREAMS, spy_open, spy_rewind, NULL},
         &dfota_coding_streams,
         &spy},
    };
    const struct dfota_coding *const list[] = {&codings[0].coding,
                                               &codings[1].coding, NULL};
    const struct dfota_source source = dfota_source_of_view(&old);
    const struct dfota_sink sink = {compare, &spy};
    const struct dfota_trial_task task = {
        .codings = list,
        .unpacking = &spy.regions.unpacking,
        .delta = delta,
        .old = &source,
        .sink = &dfota_sink_nowhere,
        .made = &sink,
    };
    struct dfota_delta_header header;
    struct dfota_digests made;
    enum dfota_error err = dfota_trial_header(delta, &header, fault);

    if (!err)
        err = dfota_trial_run(&task, &made, fault);
    if (err)
        return err;
    round_work(&work, &header);
    dfota_unpacked_round(unpacking);
    *out = work;
    return DFOTA_OK;
}
