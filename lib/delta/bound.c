/* SPDX-License-Identifier: MIT */
#include "lib/delta/bound.h"

#include "lib/apply/copy.h"
#include "lib/base/fault.h"
#include "lib/delta/index.h"

#define MIB ((uint64_t)1 << 20)

/* Program and libraries, the applier's tables, threads: what does not grow. */
#define FIXED (32 * MIB)

/* With which nothing changes: for each byte of old and new. */
#define FULL_OLD      8
#define FULL_NEW      4

#define STREAMS_NEW   32 /* for each byte of new, where it is coded so */
#define CONTENTS_EACH 16 /* for each byte that is unpacked */

/* Of images in files there is in memory: a bit for four bytes of old or of new,
 * the blocks of old, and lists of quiet stretches. */
#define BITS_EACH  32
#define BLOCKS_OLD 64
#define LISTS_NEW  128

#define SHARE_MIN  (16 * MIB) /* of what can be shared */
#define SUFFIXES   8   /* for each byte of a small image: half of it sorted */
#define COPY       256 /* bytes of all lists that have a copy */

/* Of what can be shared, one part in so many. */
#define INDEX_PART 4
#define LISTS_PART 2
#define PAIRS_PART 8 /* and as much again while it grows */
#define DELTA_PART 4

uint64_t dfota_bound_full(const struct dfota_bound_work *work)
{
    uint64_t streams =
        work->is_streams || work->is_patch ? STREAMS_NEW * work->new_size : 0;

    return FIXED + work->extra + FULL_OLD * work->old_size +
           FULL_NEW * work->new_size + streams;
}

/* What cannot be shared. */
static uint64_t taken(const struct dfota_bound_work *work)
{
    uint64_t larger =
        work->old_size > work->new_size ? work->old_size : work->new_size;

    return FIXED + work->extra + larger / BITS_EACH +
           work->old_size / BLOCKS_OLD + work->new_size / LISTS_NEW;
}

/* The bound that leaves `share` bytes to be shared. */
static uint64_t with_share(const struct dfota_bound_work *work, uint64_t share)
{
    uint64_t least = (taken(work) + share) / 3 * 4 + 4;
    uint64_t full = dfota_bound_full(work);

    return work->is_streams || work->is_patch || full < least ? full : least;
}

uint64_t dfota_bound_least(const struct dfota_bound_work *work)
{
    uint64_t share = SHARE_MIN;

    if (dfota_index_is_small((size_t)work->old_size))
        share += SUFFIXES * work->old_size;
    return with_share(work, share);
}

uint64_t dfota_bound_sure(const struct dfota_bound_work *work)
{
    uint64_t least = dfota_bound_least(work);
    uint64_t sure = with_share(
        work, SHARE_MIN + DELTA_PART * (work->new_size + work->new_size / 8));

    return sure < least ? least : sure;
}

enum dfota_error dfota_bound_refuse(uint64_t enough, struct dfota_fault *fault)
{
    return dfota_fail_detail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "MAKE-13",
                             "%lluM",
                             (unsigned long long)((enough + MIB - 1) / MIB));
}

struct dfota_bound dfota_bound_share(const struct dfota_bound_work *work,
                                     uint64_t memory,
                                     struct dfota_spills *spills)
{
    uint64_t full = dfota_bound_full(work);
    struct dfota_bound bound = {.spills = spills};
    uint64_t share;

    if (spills == NULL) {
        uint64_t left = memory - full;

        bound.streams = work->is_streams || work->is_patch ||
                        left / STREAMS_NEW >= work->new_size;
        if (left > work->ram)
            bound.contents = (left - work->ram) / CONTENTS_EACH;
        return bound;
    }
    share = memory - memory / 4 - taken(work);
    bound.index = share / INDEX_PART;
    bound.copies = (size_t)(share / LISTS_PART / COPY);
    bound.pairs = share / PAIRS_PART;
    bound.delta = share / DELTA_PART;
    bound.sure = dfota_bound_sure(work);
    return bound;
}

/* Leaves out copies of less than `length` bytes; gives how many stay. */
static size_t leave_short(struct dfota_copy *copies, size_t count,
                          uint32_t length)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (copies[i].length >= length)
            copies[kept++] = copies[i];
    return kept;
}

void dfota_bound_thin(struct dfota_bound *bound, struct dfota_buffer *copies)
{
    size_t count = copies->size / sizeof(struct dfota_copy);

    if (bound == NULL || bound->copies == 0)
        return;
    for (uint32_t length = 16; count > bound->copies && length != 0;
         length *= 2) {
        count = leave_short((void *)copies->data, count, length);
        bound->is_thin = true;
    }
    copies->size = count * sizeof(struct dfota_copy);
}
