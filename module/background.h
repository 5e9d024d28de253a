/* SPDX-License-Identifier: MIT */
/* background.h - long jobs on a thread, while the port is served */
#ifndef DFOTA_MODULE_BACKGROUND_H
#define DFOTA_MODULE_BACKGROUND_H

#include "module/module.h"

/*
 * Calls `run(context)` on another thread and serves the port until it returns,
 * which it is waited for in any case.
 */
void module_background(struct module *module, void (*run)(void *context),
                       void *context);

#endif
