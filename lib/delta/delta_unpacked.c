/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta.h"
#include "lib/delta/delta_making.h"
#include "lib/delta/find.h"

#define TRIES   3  /* of leaving out streams that cannot be made again */
#define FINDING 16 /* times the room for contents that finding may take */

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

/* What became of the regions of new, in a delta that unpacks them, or not. */
static struct dfota_made_regions
count_regions(const struct dfota_packed_side *side, bool unpacks)
{
    struct dfota_made_regions counts = {
        .unpacked = dfota_packed_count(side, DFOTA_PACKED_UNPACKED),
        .same = dfota_packed_count(side, DFOTA_PACKED_SAME),
        .unsound = dfota_packed_count(side, DFOTA_PACKED_UNSOUND),
        .no_room = dfota_packed_count(side, DFOTA_PACKED_NO_ROOM),
        .no_use = dfota_packed_count(side, DFOTA_PACKED_NO_USE),
        .other = side->left_alone,
    };

    if (!unpacks) {
        counts.no_use += counts.unpacked;
        counts.unpacked = 0;
    }
    return counts;
}

/* Appends the smaller of both. */
static enum dfota_error choose(const struct dfota_buffer *plain,
                               const struct dfota_buffer *unpacked,
                               struct dfota_buffer *out,
                               struct dfota_fault *fault)
{
    const struct dfota_buffer *best =
        unpacked->size > 0 && (plain->size == 0 || unpacked->size < plain->size)
            ? unpacked
            : plain;

    dfota_buffer_add(out, best->data, best->size);
    return dfota_buffer_check(out, fault);
}

/* As make_unpacked(), without the streams that cannot be made again. */
static enum dfota_error try_unpacked(const struct dfota_images *images,
                                     const struct dfota_delta_options *options,
                                     struct dfota_packed_pair *packed,
                                     struct dfota_buffer *out,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_ERR_REFUSED;

    if (options->sector > 0) /* what is in place reads old as it is */
        return DFOTA_OK;
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
static enum dfota_error open_packed(const struct dfota_delta_making *making,
                                    const struct dfota_delta_options *options,
                                    struct dfota_packed_pair *packed,
                                    struct dfota_fault *fault)
{
    uint64_t most = contents_most(options->bound);
    enum dfota_error err;

    if (most == 0) {
        options->bound->is_packed = true;
        return DFOTA_OK;
    }
    err = dfota_packed_open(making->old, making->new, most, packed, fault);
    if (!err && packed->too_much)
        options->bound->is_packed = true;
    return err;
}

enum dfota_error dfota_delta_make(const struct dfota_images *images,
                                  const struct dfota_delta_options *options,
                                  struct dfota_buffer *out,
                                  struct dfota_fault *fault)
{
    struct dfota_delta_making making = {
        .images = images, .old = images->old.bytes, .new = images->new.bytes};
    struct dfota_packed_pair packed = {0};
    struct dfota_buffer unpacked = {0};
    struct dfota_buffer plain = {0};
    enum dfota_error err;

    dfota_delta_report(options, "unpacking");
    err = open_packed(&making, options, &packed, fault);
    if (!err)
        err = try_unpacked(images, options, &packed, &unpacked, fault);
    if (!err &&
        (unpacked.size == 0 || unpacked.size > packed_bytes(&packed.new) / 2))
        err = dfota_delta_make_one(&making, options, &plain, fault);
    if (!err)
        err = choose(&plain, &unpacked, out, fault);
    if (!err && options->regions != NULL)
        *options->regions = count_regions(
            &packed.new, unpacked.size > 0 &&
                             (plain.size == 0 || unpacked.size < plain.size));
    dfota_buffer_free(&plain);
    dfota_buffer_free(&unpacked);
    dfota_packed_close(&packed);
    return err;
}
