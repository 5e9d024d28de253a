/* SPDX-License-Identifier: MIT */
/* mini_header.h - what reader and writer of a .mini_1 header share */
#ifndef DFOTA_LIB_APPLY_MINI_HEADER_H
#define DFOTA_LIB_APPLY_MINI_HEADER_H

#include "dfota/mini.h"

#define DFOTA_MINI_MAGIC                                                       \
    "\x89"                                                                     \
    "DFM"
#define DFOTA_MINI_FORMAT    1 /* the version of the format, of both files */

#define DFOTA_MINI_ROLE_MINI 1
#define DFOTA_MINI_ROLE_APP  2

/* Where in the header things stand, in bytes. */
#define DFOTA_MINI_FROM_AT       88
#define DFOTA_MINI_TO_AT         154
#define DFOTA_MINI_REGIONS_AT    220
#define DFOTA_MINI_REGION_SIZE   20
#define DFOTA_MINI_HEADER_CRC_AT 2044

#endif
