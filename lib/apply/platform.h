/* SPDX-License-Identifier: MIT */
/* platform.h - what all upgrades on flash do alike */
#ifndef DFOTA_LIB_APPLY_PLATFORM_H
#define DFOTA_LIB_APPLY_PLATFORM_H

#include "dfota/upgrade.h"
#include "lib/apply/flash_area.h"

/* Whose steps a journal holds.  Only ever append. */
enum dfota_upgrade_flow { DFOTA_FLOW_NONE, DFOTA_FLOW_MINI, DFOTA_FLOW_IMAGES };

/* What the journal of a kind of upgrade may hold. */
struct dfota_flow_limits {
    enum dfota_upgrade_flow flow;
    uint32_t blob_size;  /* bytes of a blob at most */
    unsigned step_count; /* steps are below it */
};

/*
 * Checks the flash, and opens the journal of an upgrade.  In all but the first
 * and the last of its steps something is to be done, and so the step is
 * confirmed.  Errors as dfota_mini_upgrade_open().
 */
enum dfota_error dfota_platform_open(const struct dfota_platform *platform,
                                     const struct dfota_flow_limits *limits,
                                     struct dfota_journal *journal,
                                     struct dfota_fault *fault);

/* Errors: FLASH-2 and FLASH-3, that areas are sectors and do not overlap. */
enum dfota_error
dfota_platform_check_areas(const struct dfota_platform *platform,
                           const struct dfota_area *areas, unsigned count,
                           struct dfota_fault *fault);

/* An applier with all that the platform has; callbacks and sizes are left. */
struct dfota_applier
dfota_platform_applier(const struct dfota_platform *platform);

/*
 * Whether `error` is about the bytes of a package or an image, and so lasts,
 * rather than about the flash or the network.
 */
bool dfota_platform_is_final(enum dfota_error error);

#endif
