/* SPDX-License-Identifier: MIT */
/*
 * A journal of any bytes is opened, within its area; and what is noted in it is
 * found again.  Records get the CRC32 that they lack, which no fuzzer guesses.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/apply/crc32.h"
#include "lib/apply/journal.h"

#define SECTOR 1024
#define SIZE   (4 * SECTOR) /* a sector before the journal, one behind it */

static const struct dfota_area area = {SECTOR, 2 * SECTOR};
static uint8_t bytes[SIZE];

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_range(uint32_t address, size_t size)
{
    check(address >= area.address && size <= area.size &&
          address - area.address <= area.size - size);
}

static enum dfota_error read(void *context, uint32_t address, void *out,
                             size_t size)
{
    (void)context;
    check_range(address, size);
    memcpy(out, bytes + address, size);
    return DFOTA_OK;
}

static enum dfota_error program(void *context, uint32_t address,
                                const void *from, size_t size)
{
    (void)context;
    check_range(address, size);
    for (size_t i = 0; i < size; i++)
        bytes[address + i] &= ((const uint8_t *)from)[i];
    return DFOTA_OK;
}

static enum dfota_error erase(void *context, uint32_t address)
{
    (void)context;
    check_range(address, SECTOR);
    memset(bytes + address, 0xff, SECTOR);
    return DFOTA_OK;
}

static void seal(uint8_t *record)
{
    uint32_t crc32 = dfota_crc32(0, record, 60);

    for (unsigned i = 0; i < 4; i++)
        record[60 + i] = (uint8_t)(crc32 >> (8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dfota_flash flash = {.size = SIZE,
                                      .sector_size = SECTOR,
                                      .program_unit = 1,
                                      .erased = 0xff,
                                      .read = read,
                                      .program = program,
                                      .erase = erase};
    const struct dfota_journal_state state = {.flow = 9,
                                              .numbers = {(uint32_t)size}};
    struct dfota_journal journal;
    uint8_t blob[SECTOR];

    memset(bytes, 0xff, sizeof(bytes));
    memcpy(bytes + SECTOR, data, size < area.size ? size : area.size);
    for (uint32_t at = area.address; at < area.address + area.size; at += 64)
        if (memcmp(bytes + at,
                   "\x89"
                   "DFJ",
                   4) == 0)
            seal(bytes + at);
    check(dfota_journal_open(&journal, &flash, area, NULL) == DFOTA_OK);
    if (journal.blob_size > 0) {
        check(journal.blob_size <= sizeof(blob));
        check(dfota_journal_blob(&journal, blob) == DFOTA_OK);
    }
    dfota_journal_confirm(&journal, NULL);
    if (dfota_journal_note(&journal, &state, NULL))
        return 0;
    check(dfota_journal_open(&journal, &flash, area, NULL) == DFOTA_OK);
    check(journal.state.flow == 9 && journal.state.numbers[0] == size);
    return 0;
}
