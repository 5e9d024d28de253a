/* SPDX-License-Identifier: MIT */
/* main.c - a bootloader that brings an upgrade to its end, or boots */
#include "dfota/upgrade.h"
#include "examples/bootloader/board.h"

/* Only what is named here is linked. */
static const struct dfota_coding *const codings[] = {&dfota_coding_mixed, NULL};
static const struct dfota_isa *const isas[] = {&dfota_isa_t32, NULL};
static const struct dfota_codec *const codecs[] = {&dfota_codec_stored, NULL};

static _Alignas(16) uint8_t memory[64 * 1024];

int main(void)
{
    const struct dfota_platform platform = {
        .flash = &board_flash,
        .journal = board_journal,
        .codings = codings,
        .isas = isas,
        .codecs = codecs,
        .memory = memory,
        .memory_size = sizeof(memory),
    };
    const struct dfota_image_part parts[] = {{"app.delta", board_image}};
    struct dfota_image_upgrade upgrade = {
        .platform = &platform,
        .parts = parts,
        .part_count = 1,
        .package = board_package,
        .package_size = board_package_size(),
        .scratch = board_scratch,
    };
    struct dfota_fault fault = {0};

    if (dfota_image_upgrade_open(&upgrade, &fault))
        board_reset();
    if (dfota_image_upgrade_step(&upgrade) == DFOTA_IMAGE_STEP_IDLE) {
        board_print("begin\n");
        if (dfota_image_upgrade_begin(&upgrade, &fault))
            board_reset();
    }
    while (dfota_image_upgrade_mode(&upgrade) == DFOTA_MODE_UPGRADE)
        if (dfota_image_upgrade_run(&upgrade, &fault)) {
            board_print(fault.rule != NULL ? fault.rule : "flash");
            board_print("\n");
            if (dfota_image_upgrade_mode(&upgrade) == DFOTA_MODE_UPGRADE)
                board_reset();
        }
    board_boot(dfota_image_upgrade_step(&upgrade) == DFOTA_IMAGE_STEP_DONE);
}
