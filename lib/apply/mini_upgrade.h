/* SPDX-License-Identifier: MIT */
/* mini_upgrade.h - what the steps of MiniFOTA on flash share */
#ifndef DFOTA_LIB_APPLY_MINI_UPGRADE_H
#define DFOTA_LIB_APPLY_MINI_UPGRADE_H

#include "dfota/upgrade.h"
#include "lib/apply/flash_area.h"
#include "lib/apply/mini_header.h"

/* Where in the journal's numbers the next frame is, and where in .mini_2. */
#define DFOTA_MINI_FRAME_AT  0
#define DFOTA_MINI_OFFSET_AT 1

/* Bytes of a header up to and with its last region; zeros follow. */
#define DFOTA_MINI_HEADER_USED_MAX                                             \
    (DFOTA_MINI_REGIONS_AT + DFOTA_MINI_REGION_SIZE * DFOTA_MINI_REGIONS_MAX)

/* Notes that a step comes next, from its beginning. */
enum dfota_error dfota_mini_upgrade_enter(struct dfota_mini_upgrade *up,
                                          enum dfota_mini_step step,
                                          struct dfota_fault *fault);

/* The same, and the header, whose bytes are in the platform's memory, is the
 * one from now on. */
enum dfota_error dfota_mini_upgrade_enter_anew(struct dfota_mini_upgrade *up,
                                               enum dfota_mini_step step,
                                               struct dfota_fault *fault);

/* Reads the header from the journal, through the platform's memory. */
enum dfota_error dfota_mini_upgrade_load(struct dfota_mini_upgrade *up,
                                         struct dfota_fault *fault);

/* As dfota_mini_check_flash(). */
enum dfota_error dfota_mini_upgrade_check(const struct dfota_mini_upgrade *up,
                                          enum dfota_mini_state state,
                                          struct dfota_fault *fault);

/* Applies the delta in the storage to the Mini system at `old`; `writer` may be
 * NULL, and then the outcome is dropped. */
enum dfota_error dfota_mini_upgrade_apply(struct dfota_mini_upgrade *up,
                                          uint32_t old,
                                          struct dfota_flash_writer *writer,
                                          struct dfota_fault *fault);

/* Another package is on offer while the big system is written. */
enum dfota_error dfota_mini_upgrade_take(struct dfota_mini_upgrade *up,
                                         struct dfota_fault *fault);

/* A function for each step in which there is something to do. */

enum dfota_error dfota_mini_upgrade_header(struct dfota_mini_upgrade *up,
                                           struct dfota_fault *fault);

enum dfota_error dfota_mini_upgrade_package(struct dfota_mini_upgrade *up,
                                            struct dfota_fault *fault);

enum dfota_error dfota_mini_upgrade_patch(struct dfota_mini_upgrade *up,
                                          struct dfota_fault *fault);

enum dfota_error dfota_mini_upgrade_restore(struct dfota_mini_upgrade *up,
                                            struct dfota_fault *fault);

enum dfota_error dfota_mini_upgrade_second(struct dfota_mini_upgrade *up,
                                           struct dfota_fault *fault);

#endif
