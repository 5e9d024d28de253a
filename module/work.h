/* SPDX-License-Identifier: MIT */
/* work.h - long jobs on a thread, while the port is served */
#ifndef DFOTA_MODULE_WORK_H
#define DFOTA_MODULE_WORK_H

#include "module/module.h"

/*
 * Calls `run(context)` on another thread and serves the port until it returns,
 * which it is waited for in any case.
 */
void module_work(struct module *module, void (*run)(void *context),
                 void *context);

#endif
