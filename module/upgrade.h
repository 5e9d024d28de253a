/* SPDX-License-Identifier: MIT */
/*
 * upgrade.h - upgrades, from AT+QFOTADL to the last reboot
 *
 * What is done next is `state.step`, which is saved before it is begun: so a
 * module that was cut off goes on with it when it is switched on.
 */
#ifndef DFOTA_MODULE_UPGRADE_H
#define DFOTA_MODULE_UPGRADE_H

#include "lib/module/transfer.h"
#include "module/module.h"

/* Does what AT+QFOTADL asked for, or an earlier upgrade left to be done; at
 * once back when that is nothing. */
void module_upgrade(struct module *module);

/* --- shared by upgrade.c and upgrade_mini.c ------------------------------- */

/* What forbids to fetch from the URL of `state`, or DFOTA_TRANSFER_DONE. */
enum dfota_transfer module_upgrade_judge(const struct module *module);

/* Saves `step` as what is done next. */
void module_upgrade_enter(struct module *module, enum module_step step);

/* The package is in the flash: takes on its version, and forgets it. */
void module_upgrade_finish(struct module *module);

/* Forgets the package: the module is what it was, or what it has become. */
void module_upgrade_abandon(struct module *module);

/* upgrade_mini.c: MiniFOTA, from the step in `state` on. */
void module_upgrade_mini(struct module *module);

#endif
