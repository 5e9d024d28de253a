/* SPDX-License-Identifier: MIT */
/*
 * mini_example.h - a MiniFOTA pair made by hand, to be broken byte by byte
 *
 * Knows nothing of the writers: all headers are written out here by
 * docs/SPEC.md, chapter MiniFOTA.  A flash of 512 bytes, the Mini region in the
 * midst of it, two app regions around it, frames of 16 bytes, all stored.
 */
#ifndef DFOTA_TESTS_SUPPORT_MINI_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_MINI_EXAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "dfota/mini.h"
#include "lib/apply/crc32.h"
#include "lib/base/buffer.h"
#include "lib/base/digest.h"
#include "tests/support/delta_example.h"

#define MINI_FLASH_SIZE  512
#define MINI_REGIONS     3
#define MINI_FRAME_SIZE  16
#define MINI_FRAMES      6
#define MINI_APP_SIZE    77
#define MINI_DELTA_SIZE  82                 /* a header of 63 bytes, 19 */
#define MINI_SECOND_SIZE (44 + 6 * 24 + 77) /* stored frames */
#define MINI_FIRST_SIZE  (2048 + MINI_DELTA_SIZE)

static const struct mini_example_region {
    uint8_t role;
    uint32_t address;
    uint32_t length;
} mini_example_regions[MINI_REGIONS] = {{1, 256, 16}, {2, 0, 40}, {2, 300, 37}};

/* Where each frame belongs. */
static const struct mini_example_frame {
    uint32_t address;
    uint32_t size;
} mini_example_frames[MINI_FRAMES] = {{0, 16},   {16, 16},  {32, 8},
                                      {300, 16}, {316, 16}, {332, 5}};

/* What the flash holds, in and between the regions. */
struct mini_example_flash {
    uint8_t old[MINI_FLASH_SIZE];
    uint8_t new[MINI_FLASH_SIZE];
};

static inline struct mini_example_flash mini_example_flash(void)
{
    struct mini_example_flash flash;

    for (unsigned i = 0; i < MINI_FLASH_SIZE; i++) {
        flash.old[i] = (uint8_t)(i * 7 + i / 19);
        flash.new[i] = flash.old[i];
    }
    for (unsigned r = 0; r < MINI_REGIONS; r++)
        for (uint32_t i = 0; i < mini_example_regions[r].length; i++)
            flash.new[mini_example_regions[r].address + i] =
                (uint8_t)(i * 29 + i / 5 + r);
    return flash;
}

static inline void mini_example_put(uint8_t *file, size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        file[at + i] = (uint8_t)(value >> (8 * i));
}

/* Makes the CRC32 right that stands behind `size` bytes from `at` on. */
static inline void mini_example_seal(uint8_t *file, size_t at, size_t size)
{
    mini_example_put(file, at + size, dfota_crc32(0, file + at, size));
}

static inline void mini_example_seal_first(uint8_t *file)
{
    mini_example_seal(file, 0, 2044);
}

static inline void mini_example_seal_second(uint8_t *file)
{
    mini_example_seal(file, 0, 40);
}

/* Where frame `index` begins, 6 being the end. */
static inline size_t mini_example_frame_at(unsigned index)
{
    size_t at = 44;

    for (unsigned i = 0; i < index; i++)
        at += 24 + mini_example_frames[i].size;
    return at;
}

static inline void mini_example_seal_frame(uint8_t *file, unsigned index)
{
    mini_example_seal(file, mini_example_frame_at(index), 20);
}

/* The delta of the Mini region: all of it literals.  The caller frees it. */
static inline struct dfota_buffer mini_example_delta(void)
{
    struct mini_example_flash flash = mini_example_flash();
    struct delta_example example = {
        .old = {flash.old + 256, 16},
        .new = {flash.new + 256, 16},
        .streams = {{.coded = BYTES("\x00\x10\x00")},
                    {.coded = {NULL, 0}},
                    {.coded = {flash.new + 256, 16}}},
    };

    return delta_example_build(&example);
}

/* The .mini_2 that belongs to `delta`.  The caller frees it. */
static inline struct dfota_buffer
mini_example_second(const struct dfota_buffer *delta)
{
    struct mini_example_flash flash = mini_example_flash();
    struct dfota_buffer out = {0};
    struct dfota_digests digests = {0};

    dfota_digest(delta->data, delta->size, &digests, NULL);
    dfota_buffer_add(&out,
                     "\x89"
                     "DFN\x01\0\0\0",
                     8);
    dfota_buffer_add_le(&out, MINI_FRAME_SIZE, 4);
    dfota_buffer_add_le(&out, MINI_FRAMES, 4);
    dfota_buffer_add_le(&out, delta->size, 4);
    dfota_buffer_add(&out, digests.md5, sizeof(digests.md5));
    dfota_buffer_add_le(&out, MINI_APP_SIZE, 4);
    dfota_buffer_add_le(&out, 0, 4); /* sealed below */
    for (unsigned i = 0; i < MINI_FRAMES; i++) {
        const struct mini_example_frame *frame = &mini_example_frames[i];
        const uint8_t *raw = flash.new + frame->address;

        dfota_buffer_add_le(&out, frame->address, 4);
        dfota_buffer_add_le(&out, frame->size, 4);
        dfota_buffer_add_le(&out, 0, 4); /* stored */
        dfota_buffer_add_le(&out, frame->size, 4);
        dfota_buffer_add_le(&out, dfota_crc32(0, raw, frame->size), 4);
        dfota_buffer_add_le(&out, 0, 4); /* sealed below */
        dfota_buffer_add(&out, raw, frame->size);
    }
    if (out.error)
        abort();
    mini_example_seal_second(out.data);
    for (unsigned i = 0; i < MINI_FRAMES; i++)
        mini_example_seal_frame(out.data, i);
    return out;
}

static inline void mini_example_add_identity(struct dfota_buffer *out,
                                             const char *version)
{
    char padded[64] = {0};

    memcpy(padded, version, strlen(version));
    dfota_buffer_add(out, padded, sizeof(padded));
    dfota_buffer_add_le(out, 8, 1); /* XX21EULA */
    dfota_buffer_add_le(out, 3, 1); /* R01 */
}

/* The .mini_1 of `delta` and `second`.  The caller frees it. */
static inline struct dfota_buffer
mini_example_first(const struct dfota_buffer *delta,
                   const struct dfota_buffer *second)
{
    struct mini_example_flash flash = mini_example_flash();
    struct dfota_buffer out = {0};
    struct dfota_digests digests = {0};

    dfota_digest(delta->data, delta->size, &digests, NULL);
    dfota_buffer_add(&out,
                     "\x89"
                     "DFM\x01\x03\0\0",
                     8);
    dfota_buffer_add_le(&out, MINI_FLASH_SIZE, 4);
    dfota_buffer_add_le(&out, delta->size, 4);
    dfota_buffer_add(&out, digests.md5, sizeof(digests.md5));
    dfota_buffer_add_le(&out, 4096, 4); /* RAM of both without codecs */
    dfota_digest(second->data, second->size, &digests, NULL);
    dfota_buffer_add_le(&out, second->size, 4);
    dfota_buffer_add(&out, digests.md5, sizeof(digests.md5));
    dfota_buffer_add(&out, digests.sha256, sizeof(digests.sha256));
    mini_example_add_identity(&out, "XX21EULAR01A01M04");
    mini_example_add_identity(&out, "XX21EULAR01A02M04");
    for (unsigned i = 0; i < MINI_REGIONS; i++) {
        const struct mini_example_region *region = &mini_example_regions[i];

        dfota_buffer_add_le(&out, region->role, 4);
        dfota_buffer_add_le(&out, region->address, 4);
        dfota_buffer_add_le(&out, region->length, 4);
        dfota_buffer_add_le(
            &out, dfota_crc32(0, flash.old + region->address, region->length),
            4);
        dfota_buffer_add_le(
            &out, dfota_crc32(0, flash.new + region->address, region->length),
            4);
    }
    while (out.size < 2048 && !out.error)
        dfota_buffer_add_le(&out, 0, 4);
    dfota_buffer_add(&out, delta->data, delta->size);
    if (out.error)
        abort();
    mini_example_seal_first(out.data);
    return out;
}

/* Both files. */
struct mini_example {
    struct dfota_buffer first;
    struct dfota_buffer second;
};

static inline struct mini_example mini_example_build(void)
{
    struct dfota_buffer delta = mini_example_delta();
    struct mini_example example;

    example.second = mini_example_second(&delta);
    example.first = mini_example_first(&delta, &example.second);
    dfota_buffer_free(&delta);
    return example;
}

static inline void mini_example_free(struct mini_example *example)
{
    dfota_buffer_free(&example->first);
    dfota_buffer_free(&example->second);
}

#endif
