/* SPDX-License-Identifier: MIT */
/* mix_sets.h - which sets of weights the content is coded with */
#ifndef DFOTA_LIB_APPLY_MIX_SETS_H
#define DFOTA_LIB_APPLY_MIX_SETS_H

#include "lib/apply/bytes.h"
#include "lib/apply/mix_coder.h"

enum dfota_mix_set {
    DFOTA_SET_CLEAN = 0,
    DFOTA_SET_HIT = 1, /* and 14 more, by how long all was right */
    DFOTA_SET_SITE_HIT = 16,
    DFOTA_SET_MISS = 17,   /* and one more, for sites */
    DFOTA_SET_SITE = 19,   /* and 5 more, by the source */
    DFOTA_SET_OTHER = 25,  /* and 6 more, by its number */
    DFOTA_SET_LITERAL = 32 /* and 63 more */
};

#endif
