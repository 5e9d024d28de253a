/* SPDX-License-Identifier: MIT */
#include "jobs/package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "format/magic.h"
#include "jobs/codecs.h"
#include "jobs/in_place.h"
#include "jobs/trial.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"

/* Where in a zip the first entry's name stands, and what ours begins with. */
#define FIRST_NAME_AT 30
static const char first_name[] = "manifest.json";

/* Also where that name is damaged, or the zip was packed again by others. */
static bool is_our_zip(struct dfota_view file)
{
    size_t length = sizeof(first_name) - 1;

    if (file.size >= FIRST_NAME_AT + length &&
        memcmp(file.data + FIRST_NAME_AT, first_name, length) == 0)
        return true;
    return dfota_zip_has_entry(file, first_name) &&
           dfota_zip_has_suffix(file, ".delta");
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
    } else if (!dfota_zip_has_suffix(file, "")) {
        package->name = "empty-zip";
        package->description = "zip that is cut, damaged or empty";
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
    else if (strcmp(package->name, "dfota-mini-1") == 0)
        package->kind = DFOTA_PACKAGE_MINI;
    else if (strcmp(package->name, "bsdiff40") == 0)
        package->kind = DFOTA_PACKAGE_BSDIFF;
    else if (strcmp(package->name, "zip") == 0)
        describe_zip(package);
}

/* Whether the name is STEM.mini_1, in any case. */
static bool is_first(const char *path)
{
    static const char suffix[] = ".mini_1";
    size_t length = strlen(path);

    return length >= sizeof(suffix) - 1 &&
           strcasecmp(path + length - (sizeof(suffix) - 1), suffix) == 0;
}

/* Of a first file with another name the second is not known. */
static enum dfota_error read_second(struct dfota_package *package,
                                    const char *path, struct dfota_fault *fault)
{
    struct dfota_package_second *second = &package->second;
    struct dfota_buffer file = {0};
    enum dfota_error err = DFOTA_OK;

    if (path == NULL && !is_first(package->path))
        return DFOTA_OK;
    second->path = strdup(path != NULL ? path : package->path);
    if (second->path == NULL)
        return dfota_fail_memory(fault);
    if (path == NULL)
        second->path[strlen(second->path) - 1] = '2';
    second->present = access(second->path, F_OK) == 0;
    if (second->present)
        err = dfota_file_read(second->path, DFOTA_PACKAGE_MAX, &file, fault);
    if (err)
        dfota_package_keep_name(package, fault);
    second->file = file;
    return err;
}

enum dfota_error dfota_package_open_pair(const char *path, const char *second,
                                         struct dfota_package *out,
                                         struct dfota_fault *fault)
{
    struct dfota_package package = {.path = path};
    struct dfota_fault ignored = {0};
    enum dfota_error err;

    if (fault == NULL)
        fault = &ignored;
    err = dfota_file_read(path, DFOTA_PACKAGE_MAX, &package.file, fault);
    if (err)
        return err;
    recognise(&package);
    if (package.kind == DFOTA_PACKAGE_MINI ||
        package.kind == DFOTA_PACKAGE_FOREIGN)
        err = read_second(&package, second, fault);
    if (err)
        dfota_package_close(&package);
    else
        *out = package;
    return err;
}

enum dfota_error dfota_package_open(const char *path, struct dfota_package *out,
                                    struct dfota_fault *fault)
{
    return dfota_package_open_pair(path, NULL, out, fault);
}

void dfota_package_keep_name(const struct dfota_package *package,
                             struct dfota_fault *fault)
{
    if (fault == NULL || fault->input == NULL ||
        fault->input != package->second.path)
        return;
    fault->input = package->path;
    if (fault->detail[0] == '\0')
        snprintf(fault->detail, sizeof(fault->detail), "in its .mini_2");
}

void dfota_package_shift(struct dfota_fault *fault, uint64_t by)
{
    if (fault != NULL && fault->offset != DFOTA_NO_OFFSET)
        fault->offset += by;
}

static bool same_image(const struct dfota_digests *stated, uint32_t size,
                       uint32_t crc32, const uint8_t *digest)
{
    return stated->size == size && stated->crc32 == crc32 &&
           memcmp(stated->sha256, digest, DFOTA_DELTA_DIGEST_SIZE) == 0;
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
    enum dfota_error err;

    if (stated->unchanged)
        return DFOTA_OK;
    err = dfota_trial_header(delta->bytes, &header, fault);
    if (err) {
        dfota_package_shift(fault, delta->offset);
        return err;
    }
    if (!same_image(&stated->old_image, header.old_size, header.old_crc32,
                    header.old_digest))
        differs = "the old image";
    else if (!same_image(&stated->new_image, header.new_size, header.new_crc32,
                         header.new_digest))
        differs = "the new image";
    else if (stated->ram != header.ram)
        differs = "the memory needed";
    else if (strcmp(stated->codec, dfota_delta_codec_name(&header)) != 0)
        differs = "the codec";
    else if (!dfota_in_place_is(&header, &stated->order))
        differs = "the order";
    if (differs == NULL)
        return DFOTA_OK;
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, delta->offset, "PKG-1",
                             "%s of %s", differs, stated->name);
}

static enum dfota_error read_zip(struct dfota_package *package,
                                 struct dfota_fault *fault)
{
    struct dfota_zip *zip = malloc(sizeof(*zip));
    enum dfota_error err = DFOTA_OK;

    if (zip == NULL)
        return dfota_fail_memory(fault);
    err = dfota_zip_read(dfota_buffer_view(&package->file), zip, fault);
    for (size_t i = 0; !err && i < zip->manifest.partition_count; i++)
        err = check_partition(zip, i, fault);
    if (err)
        free(zip);
    else
        package->zip = zip;
    return err;
}

static enum dfota_error read_mini(struct dfota_package *package,
                                  struct dfota_fault *fault)
{
    const struct dfota_view files[2] = {
        dfota_buffer_view(&package->file),
        dfota_buffer_view(&package->second.file)};
    enum dfota_mini_file at_fault = DFOTA_MINI_FIRST;
    struct dfota_mini_pair *pair;
    enum dfota_error err;

    if (!package->second.present)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "PKG-2");
    pair = malloc(sizeof(*pair));
    if (pair == NULL)
        return dfota_fail_memory(fault);
    err = dfota_mini_read_pair(files, pair, &at_fault, fault);
    if (err && at_fault == DFOTA_MINI_SECOND)
        dfota_fault_in(fault, package->second.path);
    if (err)
        free(pair);
    else
        package->mini = pair;
    return err;
}

enum dfota_error dfota_package_read(struct dfota_package *package,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (package->read)
        return DFOTA_OK;
    if (package->kind == DFOTA_PACKAGE_ZIP)
        err = read_zip(package, fault);
    else if (package->kind == DFOTA_PACKAGE_MINI)
        err = read_mini(package, fault);
    if (err)
        dfota_fault_in(fault, package->path);
    package->read = !err;
    return err;
}

void dfota_package_close(struct dfota_package *package)
{
    free(package->mini);
    free(package->zip);
    dfota_buffer_free(&package->second.file);
    free(package->second.path);
    dfota_buffer_free(&package->file);
    *package = (struct dfota_package){0};
}
