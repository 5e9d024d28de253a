/* SPDX-License-Identifier: MIT */
#include "dfota/in_place.h"

#include "lib/apply/delta_header.h"
#include "lib/apply/delta_run.h"

struct dfota_in_place {
    struct dfota_run run;
    struct dfota_delta_header header;
    struct dfota_places places;
    uint32_t next;       /* the turn of which the records come next */
    uint32_t content_at; /* where in the delta its content begins */
};

_Static_assert(sizeof(struct dfota_in_place) + 16 <= DFOTA_APPLY_MEMORY -
                                                         DFOTA_CODER_MEMORY +
                                                         DFOTA_IN_PLACE_MEMORY,
               "the applier's buffers are what SPEC states");

/* --- what is told of stash and segments ----------------------------------- */

/* A number; anything where there is an error. */
static uint32_t read_number(struct dfota_in_place *in_place,
                            enum dfota_order_number what)
{
    struct dfota_coder *coder = in_place->run.walk.coder;

    return coder->number(coder, what, 0);
}

static enum dfota_error refuse(const struct dfota_in_place *in_place,
                               const char *rule, struct dfota_fault *fault)
{
    const struct dfota_coder *coder = in_place->run.walk.coder;

    if (coder->error)
        return dfota_walk_error(&in_place->run.walk, fault);
    return dfota_fail(fault, DFOTA_ERR_CORRUPT, coder->position, rule);
}

/* Reads the ranges of the stash. */
static enum dfota_error read_stash(struct dfota_in_place *in_place,
                                   struct dfota_fault *fault)
{
    const struct dfota_delta_header *header = &in_place->header;
    uint32_t old_pos = 0;
    uint32_t offset = 0;

    for (uint32_t i = 0; i < header->order.stash_count; i++) {
        uint32_t gap = read_number(in_place, DFOTA_ORDER_GAP);
        uint32_t size = read_number(in_place, DFOTA_ORDER_LENGTH);

        if (in_place->run.walk.coder->error || size == 0 ||
            gap > header->old_size - old_pos ||
            size > header->old_size - old_pos - gap)
            return refuse(in_place, "DLT-32", fault);
        in_place->places.stash[i] =
            (struct dfota_stash_range){old_pos + gap, size, offset};
        old_pos += gap + size;
        offset += size;
    }
    if (offset != header->order.stash_size)
        return refuse(in_place, "DLT-32", fault);
    in_place->next = 0;
    in_place->content_at = header->head_size + header->mixed.record_size;
    return DFOTA_OK;
}

/*
 * Reads what is told of the next segment: where it is, unless that is known,
 * and how many bytes its content has.  The walk then is at its beginning.
 */
static enum dfota_error read_segment(struct dfota_in_place *in_place,
                                     uint32_t *content,
                                     struct dfota_fault *fault)
{
    const struct dfota_delta_header *header = &in_place->header;
    struct dfota_places *places = &in_place->places;
    uint32_t passed = read_number(in_place, DFOTA_ORDER_PASSED);
    uint32_t place = dfota_places_free(places, header->order.backward, passed);
    struct dfota_segment segment;

    *content = read_number(in_place, DFOTA_ORDER_CONTENT);
    if (in_place->run.walk.coder->error)
        return refuse(in_place, NULL, fault);
    places->turn = in_place->next;
    if (place < places->count)
        places->turns[place] = (uint16_t)in_place->next;
    else if (dfota_places_free(places, false, 0) < places->count)
        return refuse(in_place, "DLT-31", fault);
    if (*content > in_place->run.caller->delta_size - in_place->content_at)
        return refuse(in_place, "DLT-34", fault);
    segment = dfota_in_place_segment(in_place, in_place->next);
    dfota_walk_begin(&in_place->run.walk, segment.new_pos,
                     segment.new_pos + segment.size);
    return DFOTA_OK;
}

/* Passes over the next segment: reads its records alone. */
static enum dfota_error pass_segment(struct dfota_in_place *in_place,
                                     struct dfota_fault *fault)
{
    uint32_t content = 0;
    enum dfota_error err = read_segment(in_place, &content, fault);

    if (!err)
        err = dfota_run_read_records(&in_place->run, fault);
    in_place->next++;
    in_place->content_at += content;
    return err;
}

/* Goes back to the first segment. */
static enum dfota_error go_back(struct dfota_in_place *in_place,
                                struct dfota_fault *fault)
{
    struct dfota_run *run = &in_place->run;
    enum dfota_error err =
        run->coding->rewind(&run->job, run->walk.coder, fault);

    return err ? err : read_stash(in_place, fault);
}

/* Reads all records once, which tells order and map. */
static enum dfota_error read_order(struct dfota_in_place *in_place,
                                   struct dfota_fault *fault)
{
    struct dfota_run *run = &in_place->run;
    enum dfota_error err = read_stash(in_place, fault);

    while (!err && in_place->next < in_place->places.count)
        err = pass_segment(in_place, fault);
    if (!err && in_place->content_at != run->caller->delta_size)
        err = refuse(in_place, "DLT-34", fault);
    if (err)
        return err;
    run->walk.coder->end_records(run->walk.coder);
    err = dfota_walk_error(&run->walk, fault);
    if (!err && dfota_run_predicts(run))
        err = dfota_run_end_map(run, fault);
    return err ? err : go_back(in_place, fault);
}

/* --- reading old ---------------------------------------------------------- */

/* Old as it was, wherever it is now. */
static enum dfota_error read_old(void *context, uint32_t pos, void *out,
                                 size_t size)
{
    const struct dfota_in_place *in_place = context;
    const struct dfota_applier *caller = in_place->run.caller;
    uint8_t *next = out;
    enum dfota_error err = DFOTA_OK;

    for (uint32_t found; size > 0 && !err; size -= found) {
        uint32_t offset;

        found =
            dfota_places_find(&in_place->places, pos, (uint32_t)size, &offset);
        if (offset == UINT32_MAX)
            err = caller->read_old(caller->context, pos, next, found);
        else
            err = caller->read_stash(caller->context, offset, next, found);
        pos += found;
        next += found;
    }
    return err;
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size)
{
    const struct dfota_in_place *in_place = context;
    const struct dfota_applier *caller = in_place->run.caller;

    return caller->write_new(caller->context, bytes, size);
}

/* --- for the caller ------------------------------------------------------- */

/* Takes memory for what is told of stash and segments. */
static void take_places(struct dfota_in_place *in_place)
{
    const struct dfota_order *order = &in_place->header.order;
    struct dfota_coding_job *job = &in_place->run.job;
    struct dfota_places *places = &in_place->places;

    *places = (struct dfota_places){
        .count = dfota_delta_segments(&in_place->header),
        .segment_size = order->segment_size,
        .stash_count = order->stash_count,
    };
    places->stash = dfota_coding_take(
        job, order->stash_count * (uint32_t)sizeof(*places->stash));
    places->turns = dfota_coding_take(
        job, places->count * (uint32_t)sizeof(*places->turns));
    for (uint32_t i = 0; i < places->count; i++)
        places->turns[i] = DFOTA_TURN_NONE;
}

enum dfota_error dfota_in_place_open(const struct dfota_applier *applier,
                                     struct dfota_in_place **out,
                                     struct dfota_fault *fault)
{
    struct dfota_in_place *in_place = applier->memory;
    struct dfota_run *run = &in_place->run;
    struct dfota_delta_header header;
    enum dfota_error err = dfota_run_read_head(applier, &header, fault);

    if (!err && header.order.segment_size == 0)
        err = dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 5, "DLT-35");
    if (err)
        return err;
    in_place->header = header;
    err = dfota_run_begin(
        run, applier, &in_place->header,
        (uint8_t *)applier->memory + (sizeof(*in_place) + 15) / 16 * 16, fault);
    if (err)
        return err;
    run->applier.read_old = read_old;
    run->applier.write_new = write_new;
    take_places(in_place);
    run->walk.places = &in_place->places;
    err = dfota_run_open(run, fault);
    if (!err)
        err = read_order(in_place, fault);
    if (!err)
        *out = in_place;
    return err;
}

const struct dfota_delta_header *
dfota_in_place_header(const struct dfota_in_place *in_place)
{
    return &in_place->header;
}

uint32_t dfota_in_place_segments(const struct dfota_in_place *in_place)
{
    return in_place->places.count;
}

struct dfota_segment
dfota_in_place_segment(const struct dfota_in_place *in_place, uint32_t turn)
{
    const struct dfota_places *places = &in_place->places;
    uint32_t size = places->segment_size;
    struct dfota_segment segment = {0, size};
    uint32_t left;

    for (uint32_t i = 0; i < places->count; i++)
        if (places->turns[i] == turn)
            segment.new_pos = i * size;
    left = in_place->header.new_size - segment.new_pos;
    if (left < size)
        segment.size = left;
    return segment;
}

struct dfota_stash_range
dfota_in_place_stash(const struct dfota_in_place *in_place, uint32_t index)
{
    return in_place->places.stash[index];
}

enum dfota_error dfota_in_place_check_old(struct dfota_in_place *in_place,
                                          struct dfota_fault *fault)
{
    return dfota_run_check_image(&in_place->run, DFOTA_RUN_OLD, fault);
}

enum dfota_error dfota_in_place_check_new(struct dfota_in_place *in_place,
                                          struct dfota_fault *fault)
{
    return dfota_run_check_image(&in_place->run, DFOTA_RUN_NEW, fault);
}

/* Makes the segment of a turn; after an error nothing is known of `next`. */
static enum dfota_error make(struct dfota_in_place *in_place, uint32_t turn,
                             struct dfota_fault *fault)
{
    struct dfota_run *run = &in_place->run;
    struct dfota_coder *coder = run->walk.coder;
    enum dfota_error err = DFOTA_OK;
    uint32_t content = 0;

    if (in_place->next > turn)
        err = go_back(in_place, fault);
    while (!err && in_place->next < turn)
        err = pass_segment(in_place, fault);
    if (!err)
        err = read_segment(in_place, &content, fault);
    if (err)
        return err;
    dfota_predict_forget(&run->predictor);
    err = run->coding->segment(&run->job, coder, in_place->content_at, content);
    if (err)
        return dfota_walk_error(&run->walk, fault);
    err = dfota_run_make(run, fault);
    if (err)
        return err;
    in_place->next++;
    in_place->content_at += content;
    coder->end(coder);
    return dfota_walk_error(&run->walk, fault);
}

enum dfota_error dfota_in_place_make(struct dfota_in_place *in_place,
                                     uint32_t turn, struct dfota_fault *fault)
{
    enum dfota_error err = make(in_place, turn, fault);

    if (err)
        in_place->next = UINT32_MAX; /* so that it goes back */
    return err;
}
