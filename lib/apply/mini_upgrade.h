/* SPDX-License-Identifier: MIT */
/* mini_upgrade.h - what the steps of MiniFOTA on flash share */
#ifndef DFOTA_LIB_APPLY_MINI_UPGRADE_H
#define DFOTA_LIB_APPLY_MINI_UPGRADE_H

#include "dfota/upgrade.h"

/* Where in the journal's numbers the next frame is, and where in .mini_2. */
#define DFOTA_MINI_FRAME_AT  0
#define DFOTA_MINI_OFFSET_AT 1

/* Notes that a step comes next, from its beginning. */
enum dfota_error dfota_mini_upgrade_enter(struct dfota_mini_upgrade *up,
                                          enum dfota_mini_step step,
                                          struct dfota_fault *fault);

/* Reads the header from the journal, through the platform's memory. */
enum dfota_error dfota_mini_upgrade_load(struct dfota_mini_upgrade *up,
                                         struct dfota_fault *fault);

/* As dfota_mini_check_flash(). */
enum dfota_error dfota_mini_upgrade_check(const struct dfota_mini_upgrade *up,
                                          enum dfota_mini_state state,
                                          struct dfota_fault *fault);

/* The step SECOND. */
enum dfota_error dfota_mini_upgrade_second(struct dfota_mini_upgrade *up,
                                           struct dfota_fault *fault);

#endif
