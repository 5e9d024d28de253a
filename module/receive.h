/* SPDX-License-Identifier: MIT */
/*
 * receive.h - "FILE:<length>": the host sends the package over the port
 *
 * Without flow control a module takes 15 KB in a second; what comes faster is
 * lost, and then the file never becomes complete.
 */
#ifndef DFOTA_MODULE_RECEIVE_H
#define DFOTA_MODULE_RECEIVE_H

#include "module/module.h"

enum module_receive_status {
    MODULE_RECEIVING,
    MODULE_RECEIVED,
    MODULE_RECEIVE_FAILED
};

/* Takes what comes in as `length` bytes of the file at `path`; false when it
 * cannot be written. */
bool module_receive_begin(struct module *module, const char *path,
                          uint64_t length);

/* How it goes, and how many bytes have come. */
enum module_receive_status module_receive_status(const struct module *module,
                                                 uint64_t *got);

/* Ends it, complete or not. */
void module_receive_end(struct module *module);

#endif
