/* SPDX-License-Identifier: MIT */
/*
 * walk.h - makes new record by record, or writes down how it is made
 *
 * The one place that knows in which order old is read, sites are foreseen, the
 * coder is asked, and addresses are learned.  With a coder that encodes, new is
 * there already; the walk then tells the coder all that the applier will ask.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Making new".
 */
#ifndef DFOTA_LIB_APPLY_WALK_H
#define DFOTA_LIB_APPLY_WALK_H

#include "lib/apply/coder.h"
#include "lib/apply/places.h"

#define DFOTA_WALK_PIECE  256  /* bytes of new that a piece of a copy has */
#define DFOTA_WALK_WINDOW 1024 /* bytes of old that are read at once */

/* Room for a piece, and for a site that begins at its end. */
#define DFOTA_WALK_ROOM (DFOTA_WALK_PIECE + DFOTA_SITE_SIZE_MAX)

struct dfota_walk {
    const struct dfota_applier *applier; /* reads old, takes new */
    struct dfota_predictor *predictor;
    struct dfota_coder *coder;
    const uint8_t *new; /* all of new, for a coder that encodes */
    const struct dfota_places *places; /* in place: what of old can be read */
    uint32_t new_end;                  /* where in new the walk ends ... */
    uint32_t new_pos;                  /* ... and up to where it is made */
    uint32_t window_pos;               /* where in old the window begins ... */
    uint32_t window_size;              /* ... and how much of it is filled */
    uint8_t window[DFOTA_WALK_WINDOW];
    uint8_t foreseen[DFOTA_WALK_ROOM];
    uint8_t actual[DFOTA_WALK_ROOM];
};

/* Makes the walk ready for the records from `new_pos` to `new_end` of new; the
 * memory may hold anything.  Of old nothing is known any more. */
void dfota_walk_begin(struct dfota_walk *walk, uint32_t new_pos,
                      uint32_t new_end);

/*
 * Asks the coder for the next record, or tells it that, and checks it.
 * Errors: DLT-17 to DLT-19, DLT-24 and DLT-33, as dfota_apply_delta() and
 * dfota_in_place_open(), and the coder's.
 */
enum dfota_error dfota_walk_record(struct dfota_walk *walk,
                                   struct dfota_record *record,
                                   struct dfota_fault *fault);

/*
 * Makes what the record says, and hands it on by the applier's write callback
 * unless the coder encodes.
 * Errors: those of the callbacks, and the coder's.
 */
enum dfota_error dfota_walk_make(struct dfota_walk *walk,
                                 const struct dfota_record *record,
                                 struct dfota_fault *fault);

/* The coder's error, as a fault. */
enum dfota_error dfota_walk_error(const struct dfota_walk *walk,
                                  struct dfota_fault *fault);

#endif
