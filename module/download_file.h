/* SPDX-License-Identifier: MIT */
/* download_file.h - the file that a download fills, and goes on with */
#ifndef DFOTA_MODULE_DOWNLOAD_FILE_H
#define DFOTA_MODULE_DOWNLOAD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Owns a descriptor; -1 is none. */
struct download_file {
    int fd;
    uint64_t got;  /* bytes in it */
    uint64_t room; /* bytes that it may have */
};

/* Opens `path`, and keeps what is in it already if that is to be resumed.
 * False when it cannot be written, or holds more than there is room for. */
bool download_file_open(struct download_file *file, const char *path,
                        bool resume);

/* Adds bytes; false when there is no room for them. */
bool download_file_add(struct download_file *file, const char *bytes,
                       size_t size);

/* Begins anew; false when that cannot be. */
bool download_file_restart(struct download_file *file);

/* False when what was added may be lost. */
bool download_file_close(struct download_file *file);

#endif
