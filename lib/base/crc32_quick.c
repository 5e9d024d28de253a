/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32_quick.h"

#include <pthread.h>

#include "lib/apply/crc32.h"
#include "lib/apply/site_bits.h"

#define STEP 16 /* bytes that are taken at once */

/* Of a byte that has so many others behind it: what it does to the CRC. */
static uint32_t tables[STEP][256];

static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void fill(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t first = (uint8_t)byte;

        /* Without the inversions before and behind, which the zero has too. */
        tables[0][byte] = dfota_crc32(UINT32_MAX, &first, 1) ^ UINT32_MAX;
    }
    for (unsigned i = 1; i < STEP; i++)
        for (unsigned byte = 0; byte < 256; byte++) {
            uint32_t before = tables[i - 1][byte];

            tables[i][byte] = tables[0][before & 0xff] ^ before >> 8;
        }
}

/* What four bytes do that have `behind` others behind them. */
static uint32_t four(uint32_t bytes, unsigned behind)
{
    return tables[behind + 3][bytes & 0xff] ^
           tables[behind + 2][bytes >> 8 & 0xff] ^
           tables[behind + 1][bytes >> 16 & 0xff] ^ tables[behind][bytes >> 24];
}

uint32_t dfota_crc32_quick(uint32_t crc, const uint8_t *bytes, size_t size)
{
    pthread_once(&filled, fill);
    crc = ~crc;
    for (; size >= STEP; size -= STEP, bytes += STEP)
        crc = four(crc ^ dfota_get32(bytes), 12) ^
              four(dfota_get32(bytes + 4), 8) ^
              four(dfota_get32(bytes + 8), 4) ^
              four(dfota_get32(bytes + 12), 0);
    return dfota_crc32(~crc, bytes, size);
}
