/* SPDX-License-Identifier: MIT */
/*
 * engine.h - AT commands, from bytes to answers
 *
 * A command is a row of the table in engine.c and a handler, which prints its
 * information lines and returns how it went.
 */
#ifndef DFOTA_MODULE_ENGINE_H
#define DFOTA_MODULE_ENGINE_H

#include "module/module.h"

/* How a command went.  Positive: +CME ERROR with that number. */
#define ENGINE_OK     0
#define ENGINE_ERROR  (-1) /* ERROR */
#define ENGINE_SILENT (-2) /* it has answered by itself */

/* Deals with `size` bytes that came in at the port. */
void engine_feed(struct module *module, const uint8_t *bytes, size_t size);

typedef int engine_handler(struct module *module,
                           const struct dfota_at_command *command);

/* commands_base.c: what every module has. */
engine_handler engine_ati;
engine_handler engine_revision; /* +QGMR, +CGMR */
engine_handler engine_csub;
engine_handler engine_cmee;
engine_handler engine_cfun;
engine_handler engine_registration; /* +CREG, +CGREG, +CEREG */
engine_handler engine_csq;

/* commands_net.c: flow control, and the network. */
engine_handler engine_ifc;
engine_handler engine_qcfg;
engine_handler engine_qicsgp;
engine_handler engine_qiact;
engine_handler engine_qideact;

/* commands_file.c: the module's own files. */
engine_handler engine_qflds;
engine_handler engine_qflst;
engine_handler engine_qfdel;
engine_handler engine_qfupl;
engine_handler engine_qfdwl;

/* commands_fota.c */
engine_handler engine_qfotadl;

#endif
