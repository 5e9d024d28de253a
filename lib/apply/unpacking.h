/* SPDX-License-Identifier: MIT */
/*
 * unpacking.h - old and new with their packed regions unpacked
 *
 * Stands between an applier and its caller: what makes new from old sees the
 * unpacked views of both, and the caller sees the images.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Compressed regions".
 */
#ifndef DFOTA_LIB_APPLY_UNPACKING_H
#define DFOTA_LIB_APPLY_UNPACKING_H

#include "lib/apply/coding.h"
#include "lib/apply/region_list.h"

struct dfota_unpacker {
    const struct dfota_applier *applier; /* reads what is packed */
    const struct dfota_delta_header *header;
    struct dfota_fault *fault; /* of the call that reads and writes */
    struct dfota_shelf shelf;
    const struct dfota_shelf_region *news; /* those of new */
    uint32_t next;    /* the region that new is in or comes to */
    uint32_t new_pos; /* in the unpacked view of new */
    struct dfota_parse_old *olds;
    struct dfota_copy copy; /* of the record at hand */
    bool noted;             /* which is kept, if the region has it */
    struct dfota_copy *copies;
    struct dfota_map map;        /* of these */
    struct dfota_mix mix;        /* of parses */
    struct dfota_packed_job job; /* to make a region, or write what is none */
    uint8_t buffer[DFOTA_RANGE_BUFFER];
};

/* How unpacked views are made, for whoever links that in. */
struct dfota_unpacking {
    /*
     * Makes an unpacker in the job's memory, as dfota_delta_memory() counts it.
     * Errors: those of dfota_region_list_read(), DLT-43, that of the decoder.
     */
    enum dfota_error (*open)(struct dfota_coding_job *job,
                             const struct dfota_applier *applier,
                             struct dfota_unpacker **out,
                             struct dfota_fault *fault);

    /* Reads the unpacked view of old.  Errors: of reading, PKD, DLT-44. */
    enum dfota_error (*read)(struct dfota_unpacker *unpacker, uint32_t offset,
                             uint8_t *out, size_t size);

    /* Takes note of a record before it is made. */
    void (*record)(struct dfota_unpacker *unpacker,
                   const struct dfota_copy *copy);

    /* Takes the next bytes of the unpacked view of new.
     * Errors: of writing, PKD, that of the decoder, DLT-45. */
    enum dfota_error (*write)(struct dfota_unpacker *unpacker,
                              const uint8_t *bytes, size_t size);

    /* After the last byte.  Errors: DLT-20. */
    enum dfota_error (*end)(struct dfota_unpacker *unpacker);
};

#define DFOTA_UNPACKING_MEMORY                                                 \
    ((uint32_t)1024) /* bytes of an unpacker, with                             \
                        what its decoder reads */

#define DFOTA_NEW_ENTRY                                                        \
    48 /* bytes of memory for what is known of a region of                     \
          new */

/* Bytes of the shelf for regions of old. */
uint64_t dfota_unpacking_shelf(const struct dfota_unpacked *unpacked);

/* Bytes of memory that a delta needs for its regions, whatever else it
 * needs. */
uint64_t dfota_unpacking_memory(const struct dfota_unpacked *unpacked);

#endif
