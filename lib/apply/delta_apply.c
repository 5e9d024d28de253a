/* SPDX-License-Identifier: MIT */
#include "lib/apply/delta_header.h"
#include "lib/apply/delta_run.h"

/* Reads all records once, for the map of addresses. */
static enum dfota_error read_map(struct dfota_run *run,
                                 struct dfota_fault *fault)
{
    enum dfota_error err;

    dfota_walk_begin(&run->walk, 0, run->header->new_size);
    err = dfota_run_read_records(run, fault);
    if (!err)
        err = dfota_run_end_map(run, fault);
    if (!err)
        err = run->coding->rewind(&run->job, run->walk.coder, fault);
    return err;
}

static enum dfota_error make_new(struct dfota_run *run,
                                 struct dfota_fault *fault)
{
    const struct dfota_hash *hash = run->caller->sha256;
    struct dfota_walk *walk = &run->walk;
    enum dfota_error err;

    if (hash != NULL)
        hash->begin(hash->context);
    dfota_walk_begin(walk, 0, run->header->new_size);
    err = dfota_run_make(run, fault);
    if (err)
        return err;
    walk->coder->end_records(walk->coder);
    walk->coder->end(walk->coder);
    return dfota_walk_error(walk, fault);
}

enum dfota_error dfota_apply_delta(const struct dfota_applier *applier,
                                   struct dfota_fault *fault)
{
    struct dfota_delta_header header;
    struct dfota_run *run = applier->memory;
    enum dfota_error err = dfota_run_read_head(applier, &header, fault);

    if (!err && header.order.segment_size > 0)
        err = dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 5, "DLT-35");
    if (!err)
        err = dfota_run_begin(run, applier, &header, run + 1, fault);
    if (!err)
        err = dfota_run_open(run, fault);
    if (!err && dfota_run_predicts(run))
        err = read_map(run, fault);
    if (!err)
        err = dfota_run_check_image(run, DFOTA_RUN_OLD, fault);
    if (!err)
        err = make_new(run, fault);
    if (!err)
        err = dfota_run_check_digest(run, DFOTA_RUN_NEW, run->new_crc32, fault);
    return err;
}
