/* SPDX-License-Identifier: MIT */
/* upload.h - AT+QFUPL: the host writes a file of the module's own */
#ifndef DFOTA_MODULE_UPLOAD_H
#define DFOTA_MODULE_UPLOAD_H

#include "module/module.h"

/* What AT+QFUPL said. */
struct module_upload_request {
    const char *name; /* as ufs_name() gives it */
    uint64_t size;    /* bytes to come */
    unsigned seconds; /* without any, until it is given up */
    bool acknowledge; /* an A for each 1,024 bytes */
};

/* Prints CONNECT and takes what comes in until it is complete; then, or when
 * nothing comes any more, answers.  False when there is no room for it. */
bool module_upload_begin(struct module *module,
                         const struct module_upload_request *request);

/* Gives up the upload, if there is one. */
void module_upload_end(struct module *module);

/*
 * The checksum of AT+QFUPL and AT+QFDWL: all pairs of bytes, the first one
 * high, in exclusive or; `offset` is where `bytes` stand in the file.
 */
unsigned module_checksum(unsigned sum, uint64_t offset, const uint8_t *bytes,
                         size_t size);

#endif
