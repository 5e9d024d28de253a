/* SPDX-License-Identifier: MIT */
/*
 * state.h - what a module remembers without power
 *
 * One JSON file, written whole or not at all, so that the process may be
 * killed at any moment.
 */
#ifndef DFOTA_MODULE_STATE_H
#define DFOTA_MODULE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "dfota/digest.h"
#include "dfota/error.h"

#define MODULE_VERSION_MAX 64
#define MODULE_URL_MAX     1024
#define MODULE_NAME_MAX    128

/* Where the module goes on when it is switched on. */
enum module_step {
    MODULE_IDLE,        /* in normal operation */
    MODULE_UPGRADE,     /* DFOTA: patches the flash */
    MODULE_MINI_FIRST,  /* MiniFOTA: fetches .mini_1, nothing erased yet */
    MODULE_MINI_ERASED, /* likewise, and the big system is erased */
    MODULE_MINI_PATCH,  /* patches the Mini system */
    MODULE_MINI_SECOND, /* fetches .mini_2 and writes the big system */
    MODULE_DEAD         /* for MODULE_QUIRK_POWER_LOSS: nowhere */
};

struct module_state {
    char version[MODULE_VERSION_MAX + 1];
    uint64_t step;                       /* enum module_step */
    char url[MODULE_URL_MAX + 1];        /* where the package is */
    char package[MODULE_NAME_MAX + 1];   /* its name in the folder package */
    char target[MODULE_VERSION_MAX + 1]; /* the version it leads to, or "" */
    uint64_t mode;                       /* upgrade_mode, as set last */
    uint64_t download_max;               /* download_URC_max, likewise */
    uint64_t attempts;                   /* upgrades that failed, B 4 */
    uint64_t cid;                        /* AT+QCFG="fota/cid"; 0: not set */
    uint64_t usb_rts;                    /* AT+QCFG="usbifc" */
    uint64_t usb_cts;
    /* SHA-256 of the image that is about to become the flash, else zeros. */
    uint8_t image[DFOTA_SHA256_SIZE];
    /* Areas of the flash that MiniFOTA works with, in bytes from its start;
     * all 0: none are chosen. */
    uint64_t journal_at;
    uint64_t storage_at;
    uint64_t storage_size;
    uint64_t backup_at;
    uint64_t backup_size;
};

/*
 * Reads the state at `path`.  `*found` is false, and `*out` untouched, when
 * there is no such file.  Errors: those of dfota_file_read(), and
 * DFOTA_ERR_CORRUPT for a file that is no state.
 */
enum dfota_error module_state_read(const char *path, struct module_state *out,
                                   bool *found, struct dfota_fault *fault);

/* Writes it.  Errors: those of dfota_output_commit(). */
enum dfota_error module_state_write(const char *path,
                                    const struct module_state *state,
                                    struct dfota_fault *fault);

#endif
