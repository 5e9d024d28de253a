/* SPDX-License-Identifier: MIT */
/* work.h - counts what a delta does, by doing it */
#ifndef DFOTA_JOBS_WORK_H
#define DFOTA_JOBS_WORK_H

#include "dfota/job_explain.h"
#include "lib/base/buffer.h"

/*
 * Applies `delta` to `old` and counts what it does, and what its bytes are
 * spent on; of its regions, which `unpacking` lists, as well.
 * Errors: those of dfota_trial_apply().
 */
enum dfota_error dfota_work_count(struct dfota_view delta,
                                  struct dfota_view old,
                                  struct dfota_explained_work *out,
                                  struct dfota_explained_unpacking *unpacking,
                                  struct dfota_fault *fault);

#endif
