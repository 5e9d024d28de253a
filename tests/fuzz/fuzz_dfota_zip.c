/* SPDX-License-Identifier: MIT */
/*
 * Input that begins with 'P' is a file.  Other input changes a good package: by
 * three bytes each, the offset and what to flip there.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/dfota_zip.h"

/* A package of one partition, whose delta is eight bytes. */
static struct dfota_buffer good_package(void)
{
    static const uint8_t bytes[8] = "a delta";
    struct dfota_view delta = {bytes, sizeof(bytes)};
    struct dfota_manifest manifest = {.family = DFOTA_FAMILY_LTE_STANDARD_A,
                                      .partition_count = 1};
    struct dfota_buffer out = {0};

    memcpy(manifest.partitions[0].name, "image", sizeof("image"));
    memcpy(manifest.partitions[0].codec, "lzma", sizeof("lzma"));
    if (dfota_digest(bytes, sizeof(bytes), &manifest.partitions[0].delta,
                     NULL) ||
        dfota_zip_write(&manifest, &delta, &out, NULL))
        abort();
    return out;
}

/* No byte of a package can change without being noticed. */
static void check_changed(const uint8_t *data, size_t size)
{
    struct dfota_buffer file = good_package();
    struct dfota_buffer good = good_package();
    struct dfota_zip package;
    bool same;

    for (; size >= 3; data += 3, size -= 3) {
        size_t at = (size_t)data[0] | (size_t)data[1] << 8;

        file.data[at % file.size] ^= data[2];
    }
    same = memcmp(file.data, good.data, good.size) == 0;
    if ((dfota_zip_read(dfota_buffer_view(&file), &package, NULL) ==
         DFOTA_OK) != same)
        abort();
    dfota_buffer_free(&good);
    dfota_buffer_free(&file);
}

/*
 * What the reader accepts, the writer reproduces: byte for byte, but for a
 * manifest that was spelled in another way.
 */
static void check_file(struct dfota_view file)
{
    struct dfota_view deltas[DFOTA_MANIFEST_PARTITIONS_MAX];
    struct dfota_buffer again = {0};
    struct dfota_zip package;
    size_t first;

    if (dfota_zip_read(file, &package, NULL))
        return;
    for (size_t i = 0; i < package.manifest.partition_count; i++)
        deltas[i] = package.deltas[i].bytes;
    if (dfota_zip_write(&package.manifest, deltas, &again, NULL) ||
        dfota_zip_read(dfota_buffer_view(&again), &package, NULL))
        abort();
    first = (size_t)package.deltas[0].offset;
    if (again.size == file.size && memcmp(again.data, file.data, first) == 0 &&
        memcmp(again.data, file.data, file.size) != 0)
        abort();
    dfota_buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_view file = {data, size};

    if (size > 0 && data[0] != 'P') {
        check_changed(data, size);
        return 0;
    }
    check_file(file);
    if (dfota_zip_has_entry(file, "manifest.json") &&
        !dfota_zip_has_suffix(file, "manifest.json"))
        abort();
    return 0;
}
