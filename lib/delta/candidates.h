/* SPDX-License-Identifier: MIT */
/*
 * candidates.h - the architectures that an image's code may be of
 *
 * What is tried to foresee code, and which of it is worth a try.
 */
#ifndef DFOTA_LIB_DELTA_CANDIDATES_H
#define DFOTA_LIB_DELTA_CANDIDATES_H

#include <stdint.h>

#include "lib/base/buffer.h"

#define DFOTA_CANDIDATES 7 /* of which number 0 is no code */

/* An architecture, as it is tried at first, and what more of it there is. */
struct dfota_candidate {
    uint8_t isa;     /* enum dfota_isa_id; 0: no code */
    uint8_t classes; /* that it always has */
    uint8_t more;    /* that are tried one by one */
};

extern const struct dfota_candidate dfota_candidates[DFOTA_CANDIDATES];

/*
 * Those of which an image has clearly more sites than by chance, and number 0:
 * a set, a bit each; `threads` as dfota_parallel() has it.
 * Cost: some of a large image's blocks are looked at.
 */
uint8_t dfota_candidates_in(struct dfota_view image, unsigned threads);

#endif
