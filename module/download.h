/* SPDX-License-Identifier: MIT */
/*
 * download.h - fetches a package from an FTP, HTTP or HTTPS server
 *
 * As primitive as a module: no redirect, no proxy, no coding of contents.  A
 * transfer that breaks off goes on where it was, by a range, some times.
 */
#ifndef DFOTA_MODULE_DOWNLOAD_H
#define DFOTA_MODULE_DOWNLOAD_H

#include "lib/module/transfer.h"
#include "module/module.h"

struct module_download {
    const char *url;
    const char *path; /* the file that is written */
    uint64_t room;    /* bytes that it may have */
    uint64_t enough;  /* bytes after which to stop; 0: all */
    bool resume;      /* what is in the file already is its beginning */
    /* Called as bytes come; `total` is 0 while it is not known. */
    void (*progress)(struct module *module, uint64_t done, uint64_t total);
};

/* How a download ended. */
struct module_downloaded {
    bool interrupted; /* module_interrupted(), or AT+QFOTADL came anew */
    bool began;       /* some bytes of the file came */
    enum dfota_transfer failure;
    unsigned code; /* the number to report, 0 when all is well */
};

/* Fetches, serving the port meanwhile. */
void module_download(struct module *module,
                     const struct module_download *download,
                     struct module_downloaded *out);

/* Once, before and after everything else. */
bool module_download_start(void);
void module_download_stop(void);

#endif
