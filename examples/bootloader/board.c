/* SPDX-License-Identifier: MIT */
/*
 * board.c - QEMU's mps2-an386, with flash in its RAM and a power that fails
 *
 * What the test wants is loaded at 0x21800000: the flash as it is before, the
 * flash as it has to be, and in front of them three numbers.  All of that comes
 * again with a reset; the flash does not, and so it is filled once.
 */
#include "examples/bootloader/board.h"

#define FLASH_SIZE   0x100000
#define SECTOR       4096
#define AT           0x21000000
#define PACKAGE_SIZE (*(volatile uint32_t *)0x21800000)
#define CUT_EVERY    (*(volatile uint32_t *)0x21800004)
#define IMAGE_SIZE   (*(volatile uint32_t *)0x21800008)
#define BEFORE       ((const uint8_t *)0x21801000)
#define WANTED       ((const uint8_t *)0x21a00000)
#define FILLED       (*(volatile uint32_t *)0x21400000)
#define RESETS       (*(volatile uint32_t *)0x21400004)
#define MAGIC        0x600df1a5

#define AIRCR        (*(volatile uint32_t *)0xe000ed0c)

static uint32_t operations; /* since the last reset */

/* --- the processor -------------------------------------------------------- */

int main(void);
extern uint32_t stack_top;

static _Noreturn void start(void);

__attribute__((section(".vectors"), used)) static const struct {
    const void *stack;
    void (*start)(void);
} vectors = {&stack_top, start};

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;

    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_print(const char *text)
{
    semihost(0x04, text);
}

void board_reset(void)
{
    RESETS++;
    AIRCR = 0x05fa0004;
    for (;;)
        ;
}

void board_boot(int good)
{
    const uint8_t *image = (const uint8_t *)(AT + board_image.address);

    for (uint32_t i = 0; good && i < IMAGE_SIZE; i++)
        good = image[i] == WANTED[i];
    if (good && (CUT_EVERY == 0) != (RESETS == 0))
        good = 0;
    board_print(good ? "new image\n" : "wrong\n");
    semihost(0x18, (const void *)(good ? 0x20026 : 0x20023));
    for (;;)
        ;
}

/* --- the flash ------------------------------------------------------------ */

/* The power goes in every so many operations, a little later each time. */
static void operate(uint8_t *at, const uint8_t *bytes, size_t size)
{
    int cut = CUT_EVERY != 0 && ++operations > CUT_EVERY + 3 * RESETS;

    for (size_t i = 0; i < (cut ? size / 2 : size); i++)
        at[i] = bytes != NULL ? at[i] & bytes[i] : 0xff;
    if (cut)
        board_reset();
}

static enum dfota_error flash_read(void *context, uint32_t address, void *out,
                                   size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = ((const uint8_t *)AT)[address + i];
    return DFOTA_OK;
}

static enum dfota_error flash_program(void *context, uint32_t address,
                                      const void *bytes, size_t size)
{
    (void)context;
    operate((uint8_t *)AT + address, bytes, size);
    return DFOTA_OK;
}

static enum dfota_error flash_erase(void *context, uint32_t address)
{
    (void)context;
    operate((uint8_t *)AT + address, NULL, SECTOR);
    return DFOTA_OK;
}

const struct dfota_flash board_flash = {
    .size = FLASH_SIZE,
    .sector_size = SECTOR,
    .program_unit = 4,
    .erased = 0xff,
    .read = flash_read,
    .program = flash_program,
    .erase = flash_erase,
};
const struct dfota_area board_image = {0, 0x40000};
const struct dfota_area board_scratch = {0x40000, 0x8000};
const struct dfota_area board_journal = {0x48000, 0x4000};
const struct dfota_area board_package = {0x80000, 0x80000};

uint32_t board_package_size(void)
{
    return PACKAGE_SIZE;
}

static void start(void)
{
    operations = 0;
    if (FILLED != MAGIC) {
        for (uint32_t i = 0; i < FLASH_SIZE; i++)
            ((uint8_t *)AT)[i] = BEFORE[i];
        RESETS = 0;
        FILLED = MAGIC;
    }
    main();
    board_boot(0);
}
