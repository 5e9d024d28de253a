/* SPDX-License-Identifier: MIT */
/* quirks.h - habits of real modules that no document describes */
#ifndef DFOTA_MODULE_QUIRKS_H
#define DFOTA_MODULE_QUIRKS_H

#include "module/module.h"

/* Reads names with commas between, NULL for none, into a set of enum
 * module_quirk.  False, and `*out` untouched, for an unknown name. */
bool module_quirks_parse(const char *list, unsigned *out);

/* Writes a few bytes of noise, as a port does that is switched on. */
void module_quirks_junk(struct module *module);

#endif
