/* SPDX-License-Identifier: MIT */
/* delta_run.h - what applying a delta takes, be it beside old or over it */
#ifndef DFOTA_LIB_APPLY_DELTA_RUN_H
#define DFOTA_LIB_APPLY_DELTA_RUN_H

#include "lib/apply/coding.h"
#include "lib/apply/walk.h"

/* Everything the applier knows while it runs, in the caller's memory. */
struct dfota_run {
    struct dfota_applier applier; /* the caller's, but for its callbacks */
    const struct dfota_applier *caller;
    const struct dfota_delta_header *header;
    const struct dfota_coding *coding;
    struct dfota_coding_job job;
    struct dfota_predictor predictor;
    struct dfota_walk walk;
    uint32_t (*crc32)(uint32_t crc, const uint8_t *bytes, size_t size);
    uint32_t new_crc32; /* of what was written */
    uint32_t copies;    /* that the map needs room for */
};

/*
 * Reads the header, and checks that it can be done with what there is.
 * Errors: those of dfota_delta_read_header(), of the callback, DLT-12, DLT-13.
 */
enum dfota_error dfota_run_read_head(const struct dfota_applier *applier,
                                     struct dfota_delta_header *header,
                                     struct dfota_fault *fault);

/*
 * Begins a run, which deals out `memory` behind itself.
 * Errors: DFOTA_ERR_UNSUPPORTED  DLT-5.
 */
enum dfota_error dfota_run_begin(struct dfota_run *run,
                                 const struct dfota_applier *applier,
                                 const struct dfota_delta_header *header,
                                 void *memory, struct dfota_fault *fault);

/*
 * Makes predictor and coder, with an empty map.
 * Errors: DLT-26, those of the coding.
 */
enum dfota_error dfota_run_open(struct dfota_run *run,
                                struct dfota_fault *fault);

/* Whether anything is foreseen, so that there is a map. */
bool dfota_run_predicts(const struct dfota_run *run);

/*
 * Reads the records from `walk.new_pos` to `walk.new_end` and adds their copies
 * to the map.  Errors: those of dfota_walk_record().
 */
enum dfota_error dfota_run_read_records(struct dfota_run *run,
                                        struct dfota_fault *fault);

/* When all records have been read: finishes the map.  Errors: DLT-23. */
enum dfota_error dfota_run_end_map(struct dfota_run *run,
                                   struct dfota_fault *fault);

/*
 * Makes new from `walk.new_pos` to `walk.new_end`, record by record.
 * Errors: those of dfota_walk_record() and dfota_walk_make().
 */
enum dfota_error dfota_run_make(struct dfota_run *run,
                                struct dfota_fault *fault);

/* An image, and what the header says of it. */
enum dfota_run_image { DFOTA_RUN_OLD, DFOTA_RUN_NEW };

/*
 * Refuses what has another CRC32, or another digest than the one in the making.
 * Errors: DLT-14, DLT-21.
 */
enum dfota_error dfota_run_check_digest(const struct dfota_run *run,
                                        enum dfota_run_image image,
                                        uint32_t crc32,
                                        struct dfota_fault *fault);

/*
 * Reads all that `read_old` gives of the image, and checks it.
 * Errors: DLT-14, DLT-21, and the callback's.
 */
enum dfota_error dfota_run_check_image(struct dfota_run *run,
                                       enum dfota_run_image image,
                                       struct dfota_fault *fault);

#endif
