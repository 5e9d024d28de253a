/* SPDX-License-Identifier: MIT */
#include "module/flow_platform.h"

#include <stdlib.h>

#include "jobs/codecs.h"

/* Bytes that packages may ask for; what they do not ask for costs nothing. */
#define MEMORY_SIZE ((size_t)64 << 20)
#define ALIGNMENT   16

static void describe(const struct flow_layout *layout,
                     struct flow_platform *out)
{
    out->flash = (struct dfota_flash){
        .context = &out->file,
        .size = layout->size,
        .sector_size = layout->sector,
        .program_unit = 1,
        .erased = FLASH_FILE_ERASED,
        .read = flash_file_read,
        .program = flash_file_program,
        .erase = flash_file_erase,
    };
    out->platform = (struct dfota_platform){
        .flash = &out->flash,
        .journal = {layout->journal, FLOW_JOURNAL_SECTORS * layout->sector},
        .codings = dfota_codings,
        .isas = dfota_all_isas,
        .codecs = dfota_codecs,
        .memory = aligned_alloc(ALIGNMENT, MEMORY_SIZE),
        .memory_size = MEMORY_SIZE,
    };
}

bool flow_platform_open(struct module *module, const struct flow_layout *layout,
                        struct flow_platform *out)
{
    char path[MODULE_PATH_SIZE];

    if (flash_file_open(module->flash, &module->faults, &out->file, NULL))
        return false;
    module_path(module, layout->aside, path);
    out->file.sector = layout->sector;
    describe(layout, out);
    if (out->platform.memory != NULL &&
        flash_file_set_aside(&out->file, path, layout->aside_at,
                             layout->aside_size, NULL) == DFOTA_OK)
        return true;
    flow_platform_close(out);
    return false;
}

void flow_platform_close(struct flow_platform *platform)
{
    flash_file_close(&platform->file);
    free(platform->platform.memory);
}
