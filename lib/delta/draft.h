/* SPDX-License-Identifier: MIT */
/*
 * draft.h - a plan in the making, and what can be told from it
 *
 * The generator improves its draft step by step: copies, what is foreseen of
 * them, better copies by that, and so on.
 */
#ifndef DFOTA_LIB_DELTA_DRAFT_H
#define DFOTA_LIB_DELTA_DRAFT_H

#include "lib/delta/pairing.h"
#include "lib/delta/plan.h"
#include "lib/delta/quiet.h"
#include "lib/delta/sites.h"

/* A plan that owns its records.  {0} is none. */
struct dfota_draft {
    struct dfota_plan plan;
    struct dfota_buffer records; /* of struct dfota_record: those of the plan */
    struct dfota_quiet quiet;    /* of its copies */
    uint8_t shortlist; /* architectures that are worth another look, a bit each;
                          0: all are */
    size_t cost;       /* of the plan as it is, in a trial; 0: not known */
    size_t pairs_most; /* bytes of values that may be collected; 0: no bound */
    unsigned threads;  /* to read it by, as dfota_parallel() has it */
};

void dfota_draft_free(struct dfota_draft *draft);

/*
 * Gives the draft other copies, an array of struct dfota_copy.  Each is of the
 * dialect that this part of new had before.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_draft_set_copies(struct dfota_draft *draft,
                                        struct dfota_view copies,
                                        struct dfota_fault *fault);

/*
 * Cuts inserted bytes without order out into records of their own.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_draft_split(struct dfota_draft *draft,
                                   struct dfota_fault *fault);

/* What can be told from a draft.  Owns its arrays; the draft must outlive it.
 */
struct dfota_sketch {
    struct dfota_pairing pairing;
    struct dfota_rehearsal rehearsal; /* whose predictor knows the map */
    struct dfota_regions old_regions; /* what code there is in old ... */
    struct dfota_regions new_regions; /* ... and in new */
    const struct dfota_quiet *quiet;  /* that of the draft */
    struct dfota_buffer copies;       /* all ... */
    struct dfota_buffer active; /* ... and those of `pairing`: all but what is
                                   quiet */
    struct dfota_buffer old_list;
    struct dfota_buffer new_list;
};

/*
 * Sketches a draft for a module with `ram` bytes; sets the tables' sizes in the
 * draft's prediction.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_sketch_open(struct dfota_draft *draft, uint32_t ram,
                                   struct dfota_sketch *out,
                                   struct dfota_fault *fault);

void dfota_sketch_close(struct dfota_sketch *sketch);

#endif
