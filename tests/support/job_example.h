/* SPDX-License-Identifier: MIT */
/*
 * job_example.h - two small images for whole jobs.  After cmocka.h.
 *
 * "old" and "new" in the current folder, see folder.h: shifted by an insertion,
 * with a changed byte now and then, as a rebuilt firmware is.
 */
#ifndef DFOTA_TESTS_SUPPORT_JOB_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_JOB_EXAMPLE_H

#include <stdio.h>

#include "dfota/job_make.h"
#include "format/dfota_zip.h"
#include "lib/base/digest.h"
#include "tests/support/folder.h"
#include "tests/support/random.h"

#define EXAMPLE_OLD_SIZE 3000
#define EXAMPLE_NEW_SIZE 3040

struct job_example {
    uint8_t old[EXAMPLE_OLD_SIZE];
    uint8_t new[EXAMPLE_NEW_SIZE];
};

/* Writes "old" and "new". */
static inline struct job_example example_write(void)
{
    struct job_example images;
    uint32_t state = 1;

    random_fill(&state, images.old, EXAMPLE_OLD_SIZE);
    memcpy(images.new, images.old, 1000);
    random_fill(&state, images.new + 1000, 40);
    memcpy(images.new + 1040, images.old + 1000, 2000);
    for (size_t i = 0; i < EXAMPLE_NEW_SIZE; i += 300)
        images.new[i]++;
    folder_write("old", images.old, EXAMPLE_OLD_SIZE);
    folder_write("new", images.new, EXAMPLE_NEW_SIZE);
    return images;
}

/* Makes `out` from "old" and "new", which must work. */
static inline void example_make(const char *out, enum dfota_package_type type)
{
    const struct dfota_make_request request = {
        .old_image = "old", .new_image = "new", .out = out, .type = type};
    struct dfota_made made;
    struct dfota_fault fault;

    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
}

/* The whole file at `path`; the caller frees it. */
static inline struct dfota_buffer example_read(const char *path)
{
    struct dfota_buffer out = {0};

    assert_int_equal(dfota_file_read(path, INT32_MAX, &out, NULL), DFOTA_OK);
    return out;
}

/*
 * Writes what `edit` makes of the DFOTA package `from` as `to`, a package that
 * is sound as far as the container goes.
 */
static inline void example_edit(const char *from, const char *to,
                                void (*edit)(struct dfota_zip *package))
{
    struct dfota_buffer file = example_read(from);
    struct dfota_zip *package = malloc(sizeof(*package));
    struct dfota_view deltas[DFOTA_MANIFEST_PARTITIONS_MAX];
    struct dfota_buffer out = {0};

    assert_non_null(package);
    assert_int_equal(dfota_zip_read(dfota_buffer_view(&file), package, NULL),
                     DFOTA_OK);
    edit(package);
    for (size_t i = 0; i < package->manifest.partition_count; i++) {
        deltas[i] = package->deltas[i].bytes;
        if (package->manifest.partitions[i].unchanged)
            continue;
        assert_int_equal(dfota_digest(deltas[i].data, deltas[i].size,
                                      &package->manifest.partitions[i].delta,
                                      NULL),
                         DFOTA_OK);
    }
    assert_int_equal(dfota_zip_write(&package->manifest, deltas, &out, NULL),
                     DFOTA_OK);
    folder_write(to, out.data, out.size);
    dfota_buffer_free(&out);
    free(package);
    dfota_buffer_free(&file);
}

/* An edit: the same delta for a second partition. */
static inline void example_add_partition(struct dfota_zip *package)
{
    struct dfota_manifest *manifest = &package->manifest;

    manifest->partition_count = 2;
    manifest->partitions[1] = manifest->partitions[0];
    strcpy(manifest->partitions[1].name, "second");
    package->deltas[1] = package->deltas[0];
}

/* Writes the only delta of the DFOTA package `from` by itself as `to`. */
static inline void example_unpack(const char *from, const char *to)
{
    struct dfota_buffer file = example_read(from);
    struct dfota_zip *package = malloc(sizeof(*package));

    assert_non_null(package);
    assert_int_equal(dfota_zip_read(dfota_buffer_view(&file), package, NULL),
                     DFOTA_OK);
    folder_write(to, package->deltas[0].bytes.data,
                 package->deltas[0].bytes.size);
    free(package);
    dfota_buffer_free(&file);
}

/* The digests are those of `bytes`. */
static inline void example_check_digests(const struct dfota_digests *digests,
                                         const uint8_t *bytes, size_t size)
{
    struct dfota_digests want;

    assert_int_equal(dfota_digest(bytes, size, &want, NULL), DFOTA_OK);
    assert_int_equal(digests->size, size);
    assert_int_equal(digests->crc32, want.crc32);
    assert_memory_equal(digests->md5, want.md5, DFOTA_MD5_SIZE);
    assert_memory_equal(digests->sha256, want.sha256, DFOTA_SHA256_SIZE);
}

#endif
