/* SPDX-License-Identifier: MIT */
#include "format/dfota_zip.h"

#include <stdio.h>
#include <string.h>

#include <zip.h>

#include "format/zip_tail.h"
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/apply/zip_local.h"
#include "lib/base/fault.h"

#define MANIFEST "manifest.json"

/* The name of a partition's entry. */
struct entry_name {
    char text[DFOTA_ZIP_NAME_MAX + 1];
};

static struct entry_name
delta_name(const struct dfota_manifest_partition *partition)
{
    struct entry_name name;

    snprintf(name.text, sizeof(name.text), "%s.delta", partition->name);
    return name;
}

/* The zip in `bytes`, which must outlive it, or NULL and why. */
static zip_t *open_zip(struct dfota_view bytes, int flags, zip_error_t *error)
{
    zip_source_t *source =
        zip_source_buffer_create(bytes.data, bytes.size, 0, error);
    zip_t *zip = source != NULL
                     ? zip_open_from_source(source, ZIP_RDONLY | flags, error)
                     : NULL;

    if (zip == NULL)
        zip_source_free(source);
    return zip;
}

/* --- reading: the local headers ------------------------------------------ */

/* A walk from entry to entry, and the tail that the entries call for. */
struct walk {
    struct dfota_view file;
    struct dfota_cursor cursor;
    struct dfota_buffer tail; /* central directory, then end record */
};

static uint64_t position(const struct walk *walk)
{
    return walk->file.size - walk->cursor.left;
}

/* Steps over one entry: its header into `local`, its bytes into `contents`. */
static enum dfota_error next_entry(struct walk *walk,
                                   struct dfota_zip_local *local,
                                   struct dfota_view *contents,
                                   struct dfota_fault *fault)
{
    uint64_t offset = position(walk);
    enum dfota_error err =
        dfota_zip_local_read(&walk->cursor, offset, local, fault);

    if (err)
        return err;
    contents->data = dfota_cursor_bytes(&walk->cursor, local->size);
    contents->size = local->size;
    if (walk->cursor.short_read)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, walk->file.size, "ZIP-3");
    dfota_zip_add_central(&walk->tail, local, offset);
    return DFOTA_OK;
}

/* True for a zip that begins with some entry, but not with the manifest. */
static bool begins_otherwise(struct dfota_view file)
{
    struct dfota_cursor c = dfota_cursor(file.data, file.size);
    const uint8_t *signature = dfota_cursor_bytes(&c, 4);
    size_t name_size;
    const uint8_t *name;

    dfota_cursor_bytes(&c, DFOTA_ZIP_LOCAL_SIZE - 8);
    name_size = (size_t)dfota_cursor_le(&c, 2);
    dfota_cursor_bytes(&c, 2);
    name = dfota_cursor_bytes(&c, name_size);
    return !c.short_read && memcmp(signature, "PK\3\4", 4) == 0 &&
           (name_size != strlen(MANIFEST) ||
            memcmp(name, MANIFEST, name_size) != 0);
}

static enum dfota_error read_manifest(struct walk *walk,
                                      struct dfota_manifest *manifest,
                                      struct dfota_fault *fault)
{
    struct dfota_zip_local local;
    struct dfota_view text;
    uint64_t offset;
    enum dfota_error err;

    if (begins_otherwise(walk->file))
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "ZIP-2");
    err = next_entry(walk, &local, &text, fault);
    if (err)
        return err;
    offset = local.header_size;
    if (text.size > DFOTA_MANIFEST_TEXT_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, offset, "ZIP-12");
    if (dfota_crc32(0, text.data, text.size) != local.crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, offset, "ZIP-13");
    err = dfota_manifest_read(text, manifest, fault);
    if (err && err != DFOTA_ERR_MEMORY && fault != NULL)
        fault->offset =
            fault->offset == DFOTA_NO_OFFSET ? offset : offset + fault->offset;
    return err;
}

static enum dfota_error
read_delta(struct walk *walk, const struct dfota_manifest_partition *partition,
           struct dfota_zip_delta *delta, struct dfota_fault *fault)
{
    struct entry_name due = delta_name(partition);
    uint64_t header = position(walk);
    struct dfota_zip_local local;
    struct dfota_digests digests;
    enum dfota_error err;

    if (partition->unchanged)
        return DFOTA_OK;
    err = next_entry(walk, &local, &delta->bytes, fault);
    if (err)
        return err;
    if (!dfota_zip_local_is(&local, due.text))
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT,
                                 header + DFOTA_ZIP_LOCAL_SIZE, "ZIP-14",
                                 "\"%s\" is due", due.text);
    if (local.size != partition->delta.size ||
        local.crc32 != partition->delta.crc32)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, header + 14, "ZIP-15");
    delta->offset = header + local.header_size;
    err = dfota_digest(delta->bytes.data, delta->bytes.size, &digests, fault);
    if (err)
        return err;
    if (!dfota_digests_same(&digests, &partition->delta))
        return dfota_fail_detail(fault, DFOTA_ERR_DIGEST, delta->offset,
                                 "ZIP-16", "%s", due.text);
    return DFOTA_OK;
}

/* --- reading: the central directory --------------------------------------- */

/* Compares what follows the last entry with what must, byte by byte. */
static enum dfota_error check_tail(struct walk *walk, size_t count,
                                   struct dfota_fault *fault)
{
    uint64_t at = position(walk);
    const uint8_t *found = walk->cursor.next;
    size_t left = walk->cursor.left;
    size_t central = walk->tail.size;
    enum dfota_error err;

    dfota_zip_add_end(&walk->tail, count, at);
    err = dfota_buffer_check(&walk->tail, fault);
    if (err)
        return err;
    for (size_t i = 0; i < walk->tail.size; i++) {
        if (i == left)
            return dfota_fail(fault, DFOTA_ERR_TRUNCATED, at + i, "ZIP-3");
        if (found[i] != walk->tail.data[i])
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + i,
                              i < 4         ? "ZIP-17"
                              : i < central ? "ZIP-18"
                                            : "ZIP-19");
    }
    if (left > walk->tail.size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + walk->tail.size,
                          "ZIP-20");
    return DFOTA_OK;
}

/* True when libzip lists at `index` what the local headers said. */
static bool lists(zip_t *zip, uint64_t index, const char *name, uint64_t size)
{
    zip_stat_t found;

    return zip_stat_index(zip, index, 0, &found) == 0 &&
           strcmp(found.name, name) == 0 && found.size == size &&
           found.comp_size == size && found.comp_method == ZIP_CM_STORE;
}

/*
 * Whether libzip failed for want of memory.  In places it then says that there
 * is no end record, or nothing; check_tail() has seen the end record.
 */
static bool out_of_memory(const zip_error_t *error)
{
    int code = zip_error_code_zip(error);

    return code == ZIP_ER_MEMORY || code == ZIP_ER_NOZIP || code == ZIP_ER_OK;
}

/*
 * Asks a reader that goes by the central directory, as most others do.  After
 * check_tail() it can only agree; if it does not, one of the two is wrong.
 */
static enum dfota_error check_listing(struct dfota_view file,
                                      const struct dfota_zip *package,
                                      struct dfota_fault *fault)
{
    const struct dfota_manifest *manifest = &package->manifest;
    zip_uint64_t index = 0;
    zip_error_t error;
    zip_t *zip;
    bool agrees;

    zip_error_init(&error);
    zip = open_zip(file, ZIP_CHECKCONS, &error);
    if (zip == NULL && out_of_memory(&error)) {
        zip_error_fini(&error);
        return dfota_fail_memory(fault);
    }
    agrees = zip != NULL &&
             zip_get_num_entries(zip, 0) ==
                 (zip_int64_t)dfota_manifest_delta_count(manifest) + 1;
    for (size_t i = 0; agrees && i < manifest->partition_count; i++)
        agrees = manifest->partitions[i].unchanged ||
                 lists(zip, ++index, delta_name(&manifest->partitions[i]).text,
                       package->deltas[i].bytes.size);
    if (zip != NULL)
        zip_discard(zip);
    zip_error_fini(&error);
    if (!agrees)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, "ZIP-18");
    return DFOTA_OK;
}

enum dfota_error dfota_zip_read(struct dfota_view file, struct dfota_zip *out,
                                struct dfota_fault *fault)
{
    struct walk walk = {.file = file,
                        .cursor = dfota_cursor(file.data, file.size)};
    struct dfota_zip package = {0};
    enum dfota_error err;

    if (file.size >= UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, UINT32_MAX, "ZIP-21");
    err = read_manifest(&walk, &package.manifest, fault);
    for (size_t i = 0; !err && i < package.manifest.partition_count; i++)
        err = read_delta(&walk, &package.manifest.partitions[i],
                         &package.deltas[i], fault);
    if (!err)
        err = check_tail(
            &walk, dfota_manifest_delta_count(&package.manifest) + 1, fault);
    if (!err)
        err = check_listing(file, &package, fault);
    if (!err)
        *out = package;
    dfota_buffer_free(&walk.tail);
    return err;
}

/* --- writing -------------------------------------------------------------- */

/* Adds an entry in the one form there is; `contents` must outlive `zip`. */
static bool add_entry(zip_t *zip, const char *name, struct dfota_view contents)
{
    zip_source_t *source =
        zip_source_buffer(zip, contents.data, contents.size, 0);
    zip_int64_t added =
        source != NULL ? zip_file_add(zip, name, source, 0) : -1;
    zip_uint64_t index = (zip_uint64_t)added;

    if (added < 0)
        zip_source_free(source);
    return added >= 0 &&
           zip_set_file_compression(zip, index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, index, DFOTA_ZIP_TIME, DFOTA_ZIP_DATE,
                                0) == 0 &&
           zip_file_set_external_attributes(zip, index, 0, ZIP_OPSYS_UNIX,
                                            DFOTA_ZIP_ATTRIBUTES) == 0;
}

/* Lets libzip write all entries into `archive`. */
static bool write_entries(zip_source_t *archive, struct dfota_view text,
                          const struct dfota_manifest *manifest,
                          const struct dfota_view *deltas)
{
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    bool ok;

    if (zip == NULL)
        return false;
    zip_source_keep(archive); /* the other belongs to `zip` now */
    ok = add_entry(zip, MANIFEST, text);
    for (size_t i = 0; ok && i < manifest->partition_count; i++)
        ok = manifest->partitions[i].unchanged ||
             add_entry(zip, delta_name(&manifest->partitions[i]).text,
                       deltas[i]);
    if (ok && zip_close(zip) == 0)
        return true;
    zip_discard(zip);
    return false;
}

/* Appends what `archive` holds to `out`. */
static bool copy_out(zip_source_t *archive, struct dfota_buffer *out)
{
    zip_stat_t status;
    uint8_t *room;
    bool ok;

    if (zip_source_stat(archive, &status) != 0 || zip_source_open(archive) != 0)
        return false;
    room = dfota_buffer_reserve(out, (size_t)status.size);
    ok = room != NULL && zip_source_read(archive, room, status.size) ==
                             (zip_int64_t)status.size;
    if (ok)
        out->size += (size_t)status.size;
    zip_source_close(archive);
    return ok;
}

static enum dfota_error check_sizes(const struct dfota_manifest *manifest,
                                    const struct dfota_view *deltas,
                                    size_t text_size, struct dfota_fault *fault)
{
    const size_t headers = DFOTA_ZIP_LOCAL_SIZE + DFOTA_ZIP_CENTRAL_SIZE;
    uint64_t total =
        DFOTA_ZIP_END_SIZE + headers + 2 * strlen(MANIFEST) + text_size;

    if (text_size > DFOTA_MANIFEST_TEXT_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "ZIP-12");
    for (size_t i = 0; i < manifest->partition_count; i++) {
        struct entry_name name = delta_name(&manifest->partitions[i]);

        if (deltas[i].size != manifest->partitions[i].delta.size)
            return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET,
                                     NULL, "%s is of another size", name.text);
        if (manifest->partitions[i].unchanged)
            continue;
        total += deltas[i].size;
        total += headers + 2 * strlen(name.text);
    }
    if (total >= UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "ZIP-21");
    return DFOTA_OK;
}

enum dfota_error dfota_zip_write(const struct dfota_manifest *manifest,
                                 const struct dfota_view *deltas,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    struct dfota_buffer text = {0};
    zip_source_t *archive = NULL;
    enum dfota_error err = dfota_manifest_write(manifest, &text, fault);

    if (!err)
        err = check_sizes(manifest, deltas, text.size, fault);
    if (err)
        goto out;
    archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    /* All of it is in memory, so there is only one way to fail. */
    if (archive == NULL ||
        !write_entries(archive, dfota_buffer_view(&text), manifest, deltas) ||
        !copy_out(archive, out))
        err = out->error ? dfota_buffer_check(out, fault)
                         : dfota_fail_memory(fault);
out:
    zip_source_free(archive);
    dfota_buffer_free(&text);
    return err;
}

/* --- zips of others --------------------------------------------------------
 */

/* True when an entry's name is `text` or, with `suffix`, ends in it. */
static bool has_name(struct dfota_view file, const char *text, bool suffix)
{
    size_t size = strlen(text);
    zip_t *zip = open_zip(file, 0, NULL);
    zip_int64_t count = zip != NULL ? zip_get_num_entries(zip, 0) : 0;
    bool found = false;

    for (zip_int64_t i = 0; i < count && !found; i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        size_t length = name != NULL ? strlen(name) : 0;

        found = name != NULL && (suffix ? length >= size : length == size) &&
                memcmp(name + length - size, text, size) == 0;
    }
    if (zip != NULL)
        zip_discard(zip);
    return found;
}

bool dfota_zip_has_entry(struct dfota_view file, const char *name)
{
    return has_name(file, name, false);
}

bool dfota_zip_has_suffix(struct dfota_view file, const char *suffix)
{
    return has_name(file, suffix, true);
}
