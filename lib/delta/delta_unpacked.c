/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta.h"
#include "lib/delta/delta_making.h"
#include "lib/delta/find.h"
#include "lib/delta/packed_price.h"

#define TRIES       3  /* of leaving out streams that cannot be made again */
#define SAVED_LEAST 16 /* bytes; what costs are estimated is no better */
#define FINDING     16 /* times the room for contents that finding may take */

/* Bytes of new that are packed and looked at unpacked. */
static size_t packed_bytes(const struct dfota_packed_side *side)
{
    size_t size = 0;

    for (size_t i = 0; i < side->count; i++)
        if (side->streams[i].fate == DFOTA_PACKED_UNPACKED)
            size += side->streams[i].region.packed_size;
    return size;
}

/*
 * Appends a delta of the unpacked views; nothing where there is nothing to
 * unpack, or where it does not come out exactly.
 */
static enum dfota_error make_unpacked(const struct dfota_images *images,
                                      const struct dfota_delta_options *options,
                                      struct dfota_packed_pair *packed,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault)
{
    struct dfota_delta_making making = {.images = images, .packed = packed};
    enum dfota_error err =
        dfota_packed_fit(packed, options->ram, &making.section.stated, fault);

    if (err || making.section.stated.new_count == 0)
        return err;
    err = dfota_packed_view(packed, fault);
    making.old = dfota_buffer_view(&packed->old.view);
    making.new = dfota_buffer_view(&packed->new.view);
    if (!err)
        err = dfota_delta_make_one(&making, options, out, fault);
    dfota_packed_section_free(&making.section);
    return err;
}

/* Leaves all packed that are unpacked. */
static void leave_all(struct dfota_packed_side *side,
                      enum dfota_packed_fate fate)
{
    for (size_t i = 0; i < side->count; i++)
        if (side->streams[i].fate == DFOTA_PACKED_UNPACKED)
            dfota_packed_leave(&side->streams[i], fate);
}

/* As make_unpacked(), without the streams that cannot be made again. */
static enum dfota_error try_unpacked(const struct dfota_images *images,
                                     const struct dfota_delta_options *options,
                                     struct dfota_packed_pair *packed,
                                     struct dfota_buffer *out,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_ERR_REFUSED;

    if (options->sector > 0) {
        leave_all(&packed->new, DFOTA_PACKED_IN_PLACE);
        return DFOTA_OK;
    }
    for (unsigned i = 0; i < TRIES && err == DFOTA_ERR_REFUSED; i++)
        err = make_unpacked(images, options, packed, out, fault);
    if (err == DFOTA_ERR_REFUSED || err == DFOTA_ERR_LIMIT)
        err = DFOTA_OK;
    return err;
}

/* Bytes of contents that may be unpacked; none where there is not even room for
 * finding streams. */
static uint64_t contents_most(const struct dfota_bound *bound)
{
    if (bound == NULL)
        return UINT64_MAX;
    return bound->contents < DFOTA_FIND_CONTENTS_MAX / FINDING
               ? 0
               : bound->contents;
}

/* Finds streams; with a bound that leaves no room, there is nothing to find. */
static enum dfota_error open_packed(const struct dfota_images *images,
                                    const struct dfota_delta_options *options,
                                    struct dfota_packed_pair *packed,
                                    struct dfota_fault *fault)
{
    static const struct dfota_places nowhere = {NULL, 0};
    uint64_t most = contents_most(options->bound);
    enum dfota_error err;

    if (most == 0) {
        options->bound->is_packed = true;
        return DFOTA_OK;
    }
    packed->most = most;
    packed->threads = options->threads;
    err = dfota_packed_open(
        images->old.bytes, images->new.bytes,
        options->places != NULL ? options->places : &nowhere, packed, fault);
    if (!err && packed->too_much)
        options->bound->is_packed = true;
    return err;
}

/* A delta, and what it does with the regions of new. */
struct attempt {
    struct dfota_buffer delta;
    struct dfota_buffer streams; /* as in struct dfota_findings */
    size_t packed;               /* bytes of new that it looks at unpacked */
};

static void free_attempt(struct attempt *attempt)
{
    dfota_buffer_free(&attempt->delta);
    dfota_buffer_free(&attempt->streams);
}

static enum dfota_error attempt(const struct dfota_images *images,
                                const struct dfota_delta_options *options,
                                struct dfota_packed_pair *packed,
                                struct attempt *out, struct dfota_fault *fault)
{
    enum dfota_error err =
        try_unpacked(images, options, packed, &out->delta, fault);

    dfota_packed_tell(&packed->new, &out->streams);
    out->packed = packed_bytes(&packed->new);
    return err ? err : dfota_buffer_check(&out->streams, fault);
}

/* Keeps the smaller delta in `best`, and lets go of the other; one of no bytes
 * is none. */
static void keep_smaller(struct attempt *best, struct attempt *other)
{
    struct attempt first = *best;

    if (other->delta.size > 0 &&
        (best->delta.size == 0 || other->delta.size < best->delta.size)) {
        *best = *other;
        *other = first;
    }
    free_attempt(other);
}

/*
 * Makes a delta of the unpacked views, and once more without the regions that
 * cost more so than as they are, if there are any.
 */
static enum dfota_error make_best(const struct dfota_images *images,
                                  const struct dfota_delta_options *options,
                                  struct dfota_packed_pair *packed,
                                  struct attempt *best,
                                  struct dfota_fault *fault)
{
    struct attempt second = {.packed = 0};
    uint64_t saved = 0;
    enum dfota_error err = attempt(images, options, packed, best, fault);

    if (!err && best->delta.size > 0)
        err = dfota_packed_drop(packed, &saved, fault);
    if (!err && saved >= SAVED_LEAST)
        err = attempt(images, options, packed, &second, fault);
    if (second.delta.size == 0 && saved >= SAVED_LEAST)
        best->packed = 0; /* all of it may cost less as it is */
    keep_smaller(best, &second);
    return err;
}

/* Makes a delta of the images as they are, unless `best` is far smaller than
 * what it looks at unpacked, and keeps the smaller one. */
static enum dfota_error make_plain(const struct dfota_images *images,
                                   const struct dfota_delta_options *options,
                                   struct dfota_packed_pair *packed,
                                   struct attempt *best,
                                   struct dfota_fault *fault)
{
    struct dfota_delta_making making = {
        .images = images, .old = images->old.bytes, .new = images->new.bytes};
    struct attempt plain = {.packed = 0};
    enum dfota_error err;

    if (best->delta.size > 0 && best->delta.size <= best->packed / 2)
        return DFOTA_OK;
    leave_all(&packed->new, DFOTA_PACKED_NO_GAIN);
    dfota_packed_tell(&packed->new, &plain.streams);
    err = dfota_buffer_check(&plain.streams, fault);
    if (!err)
        err = dfota_delta_make_one(&making, options, &plain.delta, fault);
    keep_smaller(best, &plain);
    return err;
}

enum dfota_error dfota_delta_make(const struct dfota_images *images,
                                  const struct dfota_delta_options *options,
                                  struct dfota_buffer *out,
                                  struct dfota_fault *fault)
{
    struct dfota_packed_pair packed = {0};
    struct attempt best = {.packed = 0};
    enum dfota_error err;

    dfota_delta_report(options, "unpacking");
    err = open_packed(images, options, &packed, fault);
    if (!err)
        err = make_best(images, options, &packed, &best, fault);
    if (!err)
        err = make_plain(images, options, &packed, &best, fault);
    if (!err) {
        dfota_buffer_add(out, best.delta.data, best.delta.size);
        err = dfota_buffer_check(out, fault);
    }
    if (!err && options->findings != NULL) {
        *options->findings = (struct dfota_findings){
            best.streams, packed.old.held | packed.new.held};
        best.streams = (struct dfota_buffer){0}; /* now the caller's */
    }
    free_attempt(&best);
    dfota_packed_close(&packed);
    return err;
}
