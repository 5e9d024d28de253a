/* SPDX-License-Identifier: MIT */
/*
 * journal.h - where an upgrade stands, in the caller's hands
 *
 * What an upgrade notes in flash, so that it goes on after a power cut.  A
 * caller makes room for the structs and leaves what is in them to the applier.
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash.
 */
#ifndef DFOTA_JOURNAL_H
#define DFOTA_JOURNAL_H

#include <stdbool.h>

#include "dfota/flash.h"

#define DFOTA_JOURNAL_NUMBERS 7

/* What a record says.  All zero: no upgrade has ever begun. */
struct dfota_journal_state {
    uint8_t flow; /* whose step it is */
    uint8_t step;
    uint8_t tries;                           /* that have failed */
    uint8_t part;                            /* the partition in work */
    uint32_t numbers[DFOTA_JOURNAL_NUMBERS]; /* the step's own */
};

struct dfota_journal {
    const struct dfota_flash *flash;
    struct dfota_area area;
    struct dfota_journal_state state;
    uint32_t blob_size;    /* bytes that go with the state */
    uint32_t blob_crc32;   /* their CRC32 */
    uint32_t blob_address; /* where they are in the flash */
    uint32_t sequence;     /* of the half in use; 0: none is */
    uint32_t half;         /* which one it is: 0 or 1 */
    uint32_t end;          /* where in it the next record goes */
    bool young;            /* it does not count yet, and the other half does */
    bool lost;             /* it has to be opened anew, for a note failed */
    bool loose_blob;       /* nothing has been noted behind the blob */
};

#endif
