/* SPDX-License-Identifier: MIT */
#include "module/image_flow.h"

#include <stdio.h>
#include <unistd.h>

#include "jobs/package.h"
#include "lib/base/file.h"
#include "module/background.h"
#include "module/fetched.h"
#include "module/flow_platform.h"

#define ASIDE     "aside"
#define ENTRY_END ".delta"

/* What the flow is about, as the package says. */
struct image_flow {
    struct module *module;
    char path[MODULE_PATH_SIZE];
    struct dfota_package package;
    struct flow_layout layout;
    uint32_t scratch;
    char entries[DFOTA_MANIFEST_PARTITIONS_MAX]
                [DFOTA_MANIFEST_NAME_MAX + sizeof(ENTRY_END)];
    struct dfota_image_part parts[DFOTA_MANIFEST_PARTITIONS_MAX];
    uint8_t part_count;
    enum dfota_image_step step;
    bool good;
};

static uint32_t round_up(uint64_t size, uint32_t sector)
{
    return (uint32_t)((size + sector - 1) / sector * sector);
}

/* --- what the package says ------------------------------------------------ */

static void add_part(struct image_flow *flow,
                     const struct dfota_manifest_partition *partition)
{
    uint64_t old = partition->old_image.size;
    uint64_t new = partition->new_image.size;
    char *entry = flow->entries[flow->part_count];

    snprintf(entry, sizeof(flow->entries[0]), "%s" ENTRY_END, partition->name);
    flow->layout.sector = (uint32_t)partition->order.sector;
    flow->scratch = (uint32_t)partition->order.scratch;
    flow->parts[flow->part_count++] = (struct dfota_image_part){
        entry,
        {(uint32_t)partition->address,
         round_up(new > old ? new : old, flow->layout.sector)}};
}

/* Reads the partitions; false unless all that change do so in place. */
static bool read_parts(struct image_flow *flow)
{
    const struct dfota_manifest *manifest;

    if (dfota_package_open(flow->path, &flow->package, NULL) ||
        flow->package.kind != DFOTA_PACKAGE_ZIP ||
        dfota_package_read(&flow->package, NULL))
        return false;
    manifest = &flow->package.zip->manifest;
    for (size_t i = 0; i < manifest->partition_count; i++) {
        const struct dfota_manifest_partition *partition =
            &manifest->partitions[i];

        if (partition->unchanged)
            continue;
        if (!partition->order.in_place)
            return false;
        add_part(flow, partition);
    }
    return flow->part_count > 0;
}

/* Behind the image: the package, the scratch area, and the journal. */
static void lay_out(struct image_flow *flow)
{
    struct flow_layout *layout = &flow->layout;
    uint32_t package = round_up(flow->package.file.size, layout->sector);

    layout->aside = ASIDE;
    layout->aside_at = round_up(flow->module->flash_size, layout->sector);
    layout->aside_size =
        package + flow->scratch + FLOW_JOURNAL_SECTORS * layout->sector;
    layout->journal = layout->aside_at + package + flow->scratch;
    layout->size = layout->aside_at + layout->aside_size;
}

static bool open_flow(struct image_flow *flow)
{
    fetched_path(flow->module, flow->path);
    if (!read_parts(flow))
        return false;
    lay_out(flow);
    return true;
}

/* --- preparing ------------------------------------------------------------ */

/* Puts the package at the start of what lies aside. */
static void store(void *context)
{
    struct image_flow *flow = context;
    struct dfota_output output = {0};
    char path[MODULE_PATH_SIZE];

    if (!open_flow(flow))
        return;
    module_path(flow->module, ASIDE, path);
    flow->good =
        dfota_output_open(&output, path, NULL) == DFOTA_OK &&
        dfota_output_write(&output, flow->package.file.data,
                           flow->package.file.size, NULL) == DFOTA_OK &&
        dfota_output_commit(&output, NULL) == DFOTA_OK;
    dfota_output_discard(&output);
}

bool image_flow_prepare(struct module *module)
{
    struct image_flow flow = {.module = module};

    if (module->flash_is_folder) /* whose files have no addresses */
        return false;
    module_background(module, store, &flow);
    if (flow.good && !module_stopped(module)) {
        module->state.storage_at = flow.layout.aside_at;
        module->state.storage_size = flow.package.file.size;
        module_save(module);
    }
    dfota_package_close(&flow.package);
    return image_flow_is_prepared(module);
}

bool image_flow_is_prepared(const struct module *module)
{
    return module->state.storage_size != 0;
}

void image_flow_forget(struct module *module)
{
    module->state.storage_at = 0;
    module->state.storage_size = 0;
}

void image_flow_clear(const struct module *module)
{
    char path[MODULE_PATH_SIZE];

    module_path(module, ASIDE, path);
    (void)unlink(path);
}

/* --- running -------------------------------------------------------------- */

/* From wherever it stands to the end, or an error. */
static enum dfota_error run_all(struct dfota_image_upgrade *upgrade)
{
    enum dfota_error err = DFOTA_OK;

    if (dfota_image_upgrade_step(upgrade) == DFOTA_IMAGE_STEP_IDLE)
        err = dfota_image_upgrade_begin(upgrade, NULL);
    while (!err && dfota_image_upgrade_mode(upgrade) == DFOTA_MODE_UPGRADE)
        err = dfota_image_upgrade_run(upgrade, NULL);
    return err;
}

static void run(void *context)
{
    struct image_flow *flow = context;
    struct flow_platform platform;
    uint32_t package;
    struct dfota_image_upgrade upgrade;
    enum dfota_error err;

    if (!open_flow(flow) ||
        !flow_platform_open(flow->module, &flow->layout, &platform))
        return;
    package = round_up(flow->package.file.size, flow->layout.sector);
    upgrade = (struct dfota_image_upgrade){
        .platform = &platform.platform,
        .parts = flow->parts,
        .part_count = flow->part_count,
        .package = {flow->layout.aside_at, package},
        .package_size = (uint32_t)flow->package.file.size,
        .scratch = {flow->layout.aside_at + package, flow->scratch},
    };
    err = dfota_image_upgrade_open(&upgrade, NULL);
    if (!err) {
        err = run_all(&upgrade);
        flow->step = dfota_image_upgrade_step(&upgrade);
    }
    flow->good = !err && flow->step == DFOTA_IMAGE_STEP_DONE;
    module_trace_add(&flow->module->trace, "flow", "images: %s, step %u",
                     dfota_error_text(err), (unsigned)flow->step);
    flow_platform_close(&platform);
}

bool image_flow_run(struct module *module)
{
    struct image_flow flow = {.module = module, .step = DFOTA_IMAGE_STEP_CHECK};

    module_background(module, run, &flow);
    dfota_package_close(&flow.package);
    if (flow.step == DFOTA_IMAGE_STEP_IDLE) {
        image_flow_forget(module);
        module_save(module);
        image_flow_clear(module);
    }
    return flow.good;
}
