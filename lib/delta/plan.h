/* SPDX-License-Identifier: MIT */
/*
 * plan.h - how old becomes new, before it is coded
 *
 * A plan is records and what is foreseen of them.  Walking through it with a
 * coder tells that coder all that the applier will ask for.
 */
#ifndef DFOTA_LIB_DELTA_PLAN_H
#define DFOTA_LIB_DELTA_PLAN_H

#include "dfota/in_place.h"
#include "lib/apply/coder.h"
#include "lib/apply/coding.h"
#include "lib/base/buffer.h"

#define DFOTA_PLAN_PART ((uint32_t)1 << 13) /* bytes of new in such a part */

/* The architecture with a number, enum dfota_isa_id; there is one. */
const struct dfota_isa *dfota_plan_isa(uint8_t id);

/* A segment of new, of a plan that is cut for being applied in place. */
struct dfota_plan_segment {
    uint32_t new_pos;
    uint32_t size;
    size_t record_end; /* its records end before this one */
};

struct dfota_plan {
    struct dfota_view old;
    struct dfota_view new;
    const struct dfota_record *records; /* that make new whole, in the order
                                           of new or of the segments */
    size_t record_count;
    struct dfota_order order; /* all zero: new is made from front to back */
    const struct dfota_plan_segment *segments; /* by turn */
    const struct dfota_stash_range *stash;
    struct dfota_prediction prediction;
    uint32_t stride; /* see dfota_trials_stride(); 0: trials find it out */
};

/*
 * A walk in the making: predictor, and an applier that reads old.  Owns the
 * tables.  {0} is none.
 */
struct dfota_rehearsal {
    struct dfota_applier applier;
    struct dfota_predictor predictor;
    struct dfota_buffer map;     /* of struct dfota_map_entry */
    struct dfota_buffer learned; /* of struct dfota_learned_entry */
    void (*done)(void *context, size_t index); /* after each record; or NULL */
    void (*begin)(void *context, size_t turn); /* of each segment; or NULL */
    void (*end)(void *context, size_t turn);   /* likewise */
    void *context;
    const uint32_t *contents; /* coded bytes of each segment; NULL: none yet */
    bool records_only;        /* nothing of the content is told */
    uint32_t stride; /* only one part of new in so many is told to the coder, to
                        save time; of the others only that there are records.
                        0 and 1: all are */
};

/*
 * Makes what the walk through `plan` needs; `plan` must outlive it.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_rehearsal_open(const struct dfota_plan *plan,
                                      struct dfota_rehearsal *out,
                                      struct dfota_fault *fault);

/*
 * Walks through the plan with a coder that encodes.
 * Errors: DFOTA_ERR_MEMORY, and the coder's.
 */
enum dfota_error dfota_rehearsal_walk(struct dfota_rehearsal *rehearsal,
                                      const struct dfota_plan *plan,
                                      struct dfota_coder *coder,
                                      struct dfota_fault *fault);

void dfota_rehearsal_close(struct dfota_rehearsal *rehearsal);

/* How many segments the plan is cut into; 0 where it is not. */
uint32_t dfota_plan_segments(const struct dfota_plan *plan);

/* Copies of at least `length` bytes among the plan's records. */
uint32_t dfota_plan_count(const struct dfota_plan *plan, uint32_t length);

#endif
