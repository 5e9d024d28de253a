/* SPDX-License-Identifier: MIT */
/* zip_example.h - a small DFOTA zip of two partitions.  After cmocka.h. */
#ifndef DFOTA_TESTS_SUPPORT_ZIP_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_ZIP_EXAMPLE_H

#include <string.h>

#include "format/dfota_zip.h"
#include "format/zip_tail.h"
#include "lib/apply/crc32.h"
#include "lib/apply/zip_local.h"
#include "tests/support/manifest_example.h"

/* What stands for the deltas of "boot" and "app"; the package asks no more. */
static const struct dfota_view zip_example_deltas[2] = {
    {(const uint8_t *)"delta of boot", 13},
    {(const uint8_t *)"another", 7},
};

/* The manifest that goes with them. */
static inline void zip_example_manifest(struct dfota_manifest *out)
{
    struct dfota_view text = {(const uint8_t *)manifest_example,
                              strlen(manifest_example)};

    assert_int_equal(dfota_manifest_read(text, out, NULL), DFOTA_OK);
    out->partition_count = 2;
    out->partitions[1] = out->partitions[0];
    memcpy(out->partitions[0].name, "boot", sizeof("boot"));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(dfota_digest(zip_example_deltas[i].data,
                                      zip_example_deltas[i].size,
                                      &out->partitions[i].delta, NULL),
                         DFOTA_OK);
}

/* Appends an entry with a plain local header, whatever its name. */
static inline void zip_example_add(struct dfota_buffer *out, const char *name,
                                   const void *bytes, size_t size)
{
    dfota_buffer_add_le(out, 0x04034b50, 4);
    dfota_buffer_add_le(out, DFOTA_ZIP_VERSION, 2);
    dfota_buffer_add_le(out, 0, 4); /* flags, method */
    dfota_buffer_add_le(out, DFOTA_ZIP_TIME, 2);
    dfota_buffer_add_le(out, DFOTA_ZIP_DATE, 2);
    dfota_buffer_add_le(out, dfota_crc32(0, bytes, size), 4);
    dfota_buffer_add_le(out, size, 4);
    dfota_buffer_add_le(out, size, 4);
    dfota_buffer_add_le(out, strlen(name), 2);
    dfota_buffer_add_le(out, 0, 2); /* extra */
    dfota_buffer_add(out, name, strlen(name));
    dfota_buffer_add(out, bytes, size);
}

#endif
