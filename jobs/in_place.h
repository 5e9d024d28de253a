/* SPDX-License-Identifier: MIT */
/*
 * in_place.h - does on the host what a module does that writes new over old
 *
 * The image, the scratch area and the stash are in memory; what a module would
 * have erased is gone here as well.
 */
#ifndef DFOTA_JOBS_IN_PLACE_H
#define DFOTA_JOBS_IN_PLACE_H

#include "format/manifest.h"
#include "jobs/trial.h"

/*
 * Applies the delta that `applier` reads in place, to a copy of `task->old`.
 * Of the callbacks of `*applier` only that for the delta is used; its room for
 * new is not more than DFOTA_TRIAL_RAM_MAX.
 *
 * Cost: memory for the larger image, and twice for a segment and the stash.
 * Errors: those of in_place.h, of source and sinks, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_in_place_try(const struct dfota_applier *applier,
                                    const struct dfota_trial_task *task,
                                    struct dfota_fault *fault);

/* Says what a delta takes of a flash with sectors of `sector` bytes; 0 where
 * that is not known. */
void dfota_in_place_say(const struct dfota_delta_header *header,
                        uint64_t sector, struct dfota_in_place_use *out);

/*
 * Whether the delta is applied as the manifest has it: in place, in segments of
 * whole sectors that fit into the scratch area together with the stash, or not.
 */
bool dfota_in_place_is(const struct dfota_delta_header *header,
                       const struct dfota_manifest_order *order);

#endif
