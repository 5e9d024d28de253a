/* SPDX-License-Identifier: MIT */
/*
 * board.h - the board: what a bootloader has of its own
 *
 * This one is QEMU's mps2-an386, a Cortex-M4.  Its flash is RAM, from
 * 0x21000000 on, which a reset leaves as it is.
 */
#ifndef EXAMPLES_BOOTLOADER_BOARD_H
#define EXAMPLES_BOOTLOADER_BOARD_H

#include "dfota/flash.h"

/* The flash, and what lies where in it. */
extern const struct dfota_flash board_flash;
extern const struct dfota_area board_journal;
extern const struct dfota_area board_image;
extern const struct dfota_area board_scratch;
extern const struct dfota_area board_package;

/* Bytes of the package that somebody has put into its area. */
uint32_t board_package_size(void);

/* A line on the console. */
void board_print(const char *text);

/* Starts again, as a watchdog does. */
_Noreturn void board_reset(void);

/* Hands over to the image; here that is the end of the run. */
_Noreturn void board_boot(int good);

#endif
