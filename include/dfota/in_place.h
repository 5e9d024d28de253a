/* SPDX-License-Identifier: MIT */
/*
 * in_place.h - the module's side of a delta that is written over the old image
 *
 * New is cut into segments, and the delta says in which order they are made.
 * All of a segment is made while the image is as it was before that segment;
 * what comes of it goes to a scratch area first, and from there over the image.
 * What a segment reads of old has not been overwritten by then, or has been
 * saved in a stash before the first segment was made.
 *
 * Making a segment depends on nothing but the delta, the image and the stash:
 * so after a power cut any segment is made again, and its number is all that
 * has to be known.  Where the image lies, how it is erased and written, and
 * what is noted for after a cut, is the caller's affair.
 *
 * Freestanding as apply.h is.  Spec: docs/SPEC.md, chapter Delta, "In place".
 */
#ifndef DFOTA_IN_PLACE_H
#define DFOTA_IN_PLACE_H

#include "dfota/apply.h"

/* Some of new.  Its place in the image is all of `segment_size` bytes, even
 * where new ends before that. */
struct dfota_segment {
    uint32_t new_pos; /* where in new, and in the image, it begins */
    uint32_t size;    /* bytes */
};

/* Some of old that is saved before the first segment is made. */
struct dfota_stash_range {
    uint32_t old_pos; /* where in the image it begins */
    uint32_t size;    /* bytes */
    uint32_t offset;  /* where in the stash it goes; without gaps */
};

/* A delta that is being applied in place; lies in the applier's memory. */
struct dfota_in_place;

/*
 * Reads the header and all records, and checks them; old is not looked at.
 * `*applier` must outlive what comes of it.  Its callbacks are
 *
 *   read_old    the image as it is now: `old_size` bytes of it, or those of
 *               new where these are more
 *   read_stash  the stash; may be NULL where the delta has none
 *   write_new   the next bytes of the segment that is being made
 *
 * Cost: as dfota_apply_delta(); of the delta, only the records are read.
 * Errors: those of dfota_apply_delta() but for DLT-14, DLT-16 and DLT-21, and
 *   DFOTA_ERR_CORRUPT      DLT-31  the segments have no such order
 *   DFOTA_ERR_CORRUPT      DLT-32  the stash is not in old, or not as stated
 *   DFOTA_ERR_CORRUPT      DLT-33  a copy reads what has been overwritten
 *   DFOTA_ERR_CORRUPT      DLT-34  what is coded is not all of a segment's
 *   DFOTA_ERR_UNSUPPORTED  DLT-35  the delta is not one to be applied in place
 */
DFOTA_API enum dfota_error
dfota_in_place_open(const struct dfota_applier *applier,
                    struct dfota_in_place **out, struct dfota_fault *fault);

/* The header of the delta. */
DFOTA_API const struct dfota_delta_header *
dfota_in_place_header(const struct dfota_in_place *in_place);

/* How many segments new has; 0 where it is empty. */
DFOTA_API uint32_t
dfota_in_place_segments(const struct dfota_in_place *in_place);

/*
 * The segment that is made after `turn` others, which is less than there are
 * segments.  Cost: linear in their number.
 */
DFOTA_API struct dfota_segment
dfota_in_place_segment(const struct dfota_in_place *in_place, uint32_t turn);

/*
 * Range `index` of the stash, which is less than the header's `stash_count`.
 * The caller saves all of them before the first segment is made.
 */
DFOTA_API struct dfota_stash_range
dfota_in_place_stash(const struct dfota_in_place *in_place, uint32_t index);

/*
 * Whether the image is the old one, and `old_size` its size: before anything
 * has been overwritten.
 * Errors: those of `read_old`, and
 *   DFOTA_ERR_DIGEST  DLT-14
 */
DFOTA_API enum dfota_error
dfota_in_place_check_old(struct dfota_in_place *in_place,
                         struct dfota_fault *fault);

/*
 * Whether the image is the new one: `read_old` is asked for as many bytes as
 * that has.
 * Errors: those of `read_old`, and
 *   DFOTA_ERR_DIGEST  DLT-21
 */
DFOTA_API enum dfota_error
dfota_in_place_check_new(struct dfota_in_place *in_place,
                         struct dfota_fault *fault);

/*
 * Makes the segment of a turn while the image is as those before have left it,
 * and gives its bytes to `write_new`, from the first to the last.  Turns may be
 * repeated and passed over, after an error as well.
 * Errors: those of the callbacks, and DLT-15 and DLT-20.
 */
DFOTA_API enum dfota_error dfota_in_place_make(struct dfota_in_place *in_place,
                                               uint32_t turn,
                                               struct dfota_fault *fault);

#endif
