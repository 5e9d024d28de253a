/* SPDX-License-Identifier: MIT */
#include "jobs/package.h"

#include <stdlib.h>
#include <string.h>

#include "format/magic.h"
#include "jobs/codecs.h"
#include "jobs/trial.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"

/* Where in a zip the first entry's name stands, and what ours begins with. */
#define FIRST_NAME_AT 30
static const char first_name[] = "manifest.json";

static bool is_our_zip(struct dfota_view file)
{
    size_t length = sizeof(first_name) - 1;

    return file.size >= FIRST_NAME_AT + length &&
           memcmp(file.data + FIRST_NAME_AT, first_name, length) == 0;
}

/* Zips of others are told apart by what they hold. */
static void describe_zip(struct dfota_package *package)
{
    struct dfota_view file = dfota_buffer_view(&package->file);

    if (is_our_zip(file)) {
        package->kind = DFOTA_PACKAGE_ZIP;
        package->name = "dfota-zip";
        package->description = "DFOTA package";
    } else if (dfota_zip_has_entry(
                   file, "META-INF/com/google/android/updater-script")) {
        package->name = "android-recovery";
        package->description = "Android recovery package";
    } else if (dfota_zip_has_suffix(file, ".diff")) {
        package->name = "redbend";
        package->description = "zip with a RedBend .diff";
    }
}

static void recognise(struct dfota_package *package)
{
    struct dfota_view file = dfota_buffer_view(&package->file);
    const struct dfota_magic *magic = dfota_magic_of(file);

    package->kind = DFOTA_PACKAGE_FOREIGN;
    package->name = magic != NULL ? magic->name : "unknown";
    package->description =
        magic != NULL ? magic->description : "not a known kind of file";
    if (strcmp(package->name, "dfota-delta") == 0)
        package->kind = DFOTA_PACKAGE_DELTA;
    else if (strcmp(package->name, "bsdiff40") == 0)
        package->kind = DFOTA_PACKAGE_BSDIFF;
    else if (strcmp(package->name, "zip") == 0)
        describe_zip(package);
}

enum dfota_error dfota_package_open(const char *path, struct dfota_package *out,
                                    struct dfota_fault *fault)
{
    struct dfota_package package = {.path = path};
    enum dfota_error err;

    err = dfota_file_read(path, DFOTA_PACKAGE_MAX, &package.file, fault);
    if (err)
        return err;
    recognise(&package);
    *out = package;
    return DFOTA_OK;
}

void dfota_package_shift(struct dfota_fault *fault, uint64_t by)
{
    if (fault != NULL && fault->offset != DFOTA_NO_OFFSET)
        fault->offset += by;
}

static bool same_image(const struct dfota_digests *stated, uint32_t size,
                       uint32_t crc32, const uint8_t *sha256)
{
    return stated->size == size && stated->crc32 == crc32 &&
           memcmp(stated->sha256, sha256, DFOTA_SHA256_SIZE) == 0;
}

/* A delta's header and the manifest must tell the same story. */
static enum dfota_error check_partition(const struct dfota_zip *zip,
                                        size_t index, struct dfota_fault *fault)
{
    const struct dfota_manifest_partition *stated =
        &zip->manifest.partitions[index];
    const struct dfota_zip_delta *delta = &zip->deltas[index];
    struct dfota_delta_header header;
    const char *differs = NULL;
    enum dfota_error err = dfota_trial_header(delta->bytes, &header, fault);

    if (err) {
        dfota_package_shift(fault, delta->offset);
        return err;
    }
    if (!same_image(&stated->old_image, header.old_size, header.old_crc32,
                    header.old_sha256))
        differs = "the old image";
    else if (!same_image(&stated->new_image, header.new_size, header.new_crc32,
                         header.new_sha256))
        differs = "the new image";
    else if (stated->ram != header.ram)
        differs = "the memory needed";
    else if (strcmp(stated->codec, dfota_delta_codec_name(&header)) != 0)
        differs = "the codec";
    if (differs == NULL)
        return DFOTA_OK;
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, delta->offset, "PKG-1",
                             "%s of %s", differs, stated->name);
}

enum dfota_error dfota_package_read_zip(struct dfota_package *package,
                                        struct dfota_fault *fault)
{
    struct dfota_zip *zip = malloc(sizeof(*zip));
    enum dfota_error err = DFOTA_OK;

    if (zip == NULL)
        return dfota_fail_memory(fault);
    err = dfota_zip_read(dfota_buffer_view(&package->file), zip, fault);
    for (size_t i = 0; !err && i < zip->manifest.partition_count; i++)
        err = check_partition(zip, i, fault);
    if (err) {
        free(zip);
        dfota_fault_in(fault, package->path);
        return err;
    }
    package->zip = zip;
    return DFOTA_OK;
}

void dfota_package_close(struct dfota_package *package)
{
    free(package->zip);
    dfota_buffer_free(&package->file);
    *package = (struct dfota_package){0};
}
