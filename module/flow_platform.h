/* SPDX-License-Identifier: MIT */
/* flow_platform.h - the module's flash, as the applier's flows want it */
#ifndef DFOTA_MODULE_FLOW_PLATFORM_H
#define DFOTA_MODULE_FLOW_PLATFORM_H

#include "dfota/upgrade.h"
#include "module/module.h"

#define FLOW_JOURNAL_SECTORS 4

/* What a flow needs of it, in bytes. */
struct flow_layout {
    uint32_t size; /* of the flash: whole sectors */
    uint32_t sector;
    uint32_t journal; /* where it begins; it has FLOW_JOURNAL_SECTORS */
    /* Sectors that are no part of the image but of a file of this name, in the
     * folder of the state. */
    const char *aside;
    uint32_t aside_at;
    uint32_t aside_size;
};

/* Owns files and memory; must stay where it is. */
struct flow_platform {
    struct flash_file file;
    struct dfota_flash flash;
    struct dfota_platform platform;
};

/* Opens it; false, and nothing is open, when that cannot be. */
bool flow_platform_open(struct module *module, const struct flow_layout *layout,
                        struct flow_platform *out);
void flow_platform_close(struct flow_platform *platform);

#endif
