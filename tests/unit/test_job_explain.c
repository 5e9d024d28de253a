/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dfota/job_explain.h"
#include "tests/support/job_example.h"

static struct dfota_fault fault;
static struct dfota_explained explained;

static enum dfota_error explain(const char *file, const char *old)
{
    const struct dfota_explain_request request = {.file = file,
                                                  .old_image = old};

    fault = (struct dfota_fault){0};
    return dfota_job_explain(&request, &explained, &fault);
}

/* Explains, which must fail and leave the result alone. */
static void check_refused(const char *file, const char *old,
                          enum dfota_error want, const char *rule)
{
    explained = (struct dfota_explained){.size = 77};
    assert_int_equal(explain(file, old), want);
    assert_int_equal(fault.error, want);
    if (rule != NULL)
        assert_string_equal(fault.rule, rule);
    assert_non_null(fault.input);
    assert_int_equal(explained.size, 77);
    assert_null(explained.deltas);
}

/* What a delta of ours does, and what its streams come to. */
static void check_delta(const struct dfota_explained_delta *delta)
{
    static const char *const names[] = {"control", "difference", "literal"};
    uint64_t coded = 0;

    assert_int_equal(delta->old_size, EXAMPLE_OLD_SIZE);
    assert_int_equal(delta->new_size, EXAMPLE_NEW_SIZE);
    assert_true(delta->ram > 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_string_equal(delta->streams[i].name, names[i]);
        coded += delta->streams[i].coded;
    }
    assert_true(coded > 0 && coded < delta->size);
    if (!delta->counted)
        return;
    assert_int_equal(delta->work.copies, 2);
    assert_int_equal(delta->work.copied + delta->work.literals,
                     EXAMPLE_NEW_SIZE);
    assert_in_range(delta->work.corrected, 8, 12);
    assert_in_range(delta->work.literals, 30, 50);
    assert_int_equal(delta->streams[2].raw, delta->work.literals);
}

static void explains_a_package(void **state)
{
    struct job_example images = example_write();
    struct dfota_buffer file;

    (void)state;
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    file = example_read("out.zip");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(explain("out.zip", i == 0 ? NULL : "old"), DFOTA_OK);
        assert_string_equal(explained.kind, "dfota-zip");
        assert_int_equal(explained.size, file.size);
        assert_string_equal(explained.from, "");
        assert_string_equal(explained.to, "");
        assert_string_equal(explained.family, "lte-standard-a");
        assert_int_equal(explained.delta_count, 1);
        assert_string_equal(explained.deltas[0].partition, "image");
        assert_memory_equal(file.data + explained.deltas[0].offset - 11,
                            "image.delta", 11);
        example_check_digests(&explained.deltas[0].old_image, images.old,
                              EXAMPLE_OLD_SIZE);
        example_check_digests(&explained.deltas[0].new_image, images.new,
                              EXAMPLE_NEW_SIZE);
        assert_true(explained.deltas[0].counted == (i == 1));
        check_delta(explained.deltas);
        dfota_explained_free(&explained);
        dfota_explained_free(&explained);
    }
    dfota_buffer_free(&file);
}

static void explains_a_delta_by_itself(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_unpack("out.zip", "out.delta");
    assert_int_equal(explain("out.delta", "old"), DFOTA_OK);
    assert_string_equal(explained.kind, "dfota-delta");
    assert_int_equal(explained.delta_count, 1);
    assert_int_equal(explained.deltas[0].offset, 0);
    assert_int_equal(explained.deltas[0].size, explained.size);
    assert_int_equal(explained.deltas[0].old_image.size, 0);
    assert_true(explained.deltas[0].counted);
    check_delta(explained.deltas);
    dfota_explained_free(&explained);
}

static void explains_a_patch(void **state)
{
    (void)state;
    example_write();
    example_make("out.patch", DFOTA_TYPE_BSDIFF);
    assert_int_equal(explain("out.patch", NULL), DFOTA_OK);
    assert_string_equal(explained.kind, "bsdiff40");
    assert_null(explained.family);
    assert_int_equal(explained.delta_count, 1);
    assert_int_equal(explained.deltas[0].new_size, EXAMPLE_NEW_SIZE);
    assert_int_equal(explained.deltas[0].size, explained.size);
    assert_int_equal(32 + explained.deltas[0].streams[0].coded +
                         explained.deltas[0].streams[1].coded +
                         explained.deltas[0].streams[2].coded,
                     explained.size);
    dfota_explained_free(&explained);
}

/* Makes a package of a pair in $TESTDATA, and explains it by its old image. */
static void explain_real(const char *name, enum dfota_codec_choice codec)
{
    char old[1024];
    char new[1024];
    const struct dfota_make_request request = {.old_image = old,
                                               .new_image = new,
                                               .out = "real.zip",
                                               .type = DFOTA_TYPE_DFOTA,
                                               .codec = codec};
    struct dfota_made made;

    snprintf(old, sizeof(old), "%s/pairs/%s/old", getenv("TESTDATA"), name);
    snprintf(new, sizeof(new), "%s/pairs/%s/new", getenv("TESTDATA"), name);
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
    assert_int_equal(explain("real.zip", old), DFOTA_OK);
    assert_true(explained.deltas[0].counted);
}

static uint64_t bits_of(const struct dfota_explained_part *parts, size_t count)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < count; i++)
        bits += parts[i].bits;
    return bits;
}

/* Regions follow each other; records are in new, the dearest first. */
static void check_parts(const struct dfota_explained_delta *delta)
{
    const struct dfota_explained_work *work = &delta->work;
    uint64_t at = 0;

    assert_in_range(work->region_count, 1, DFOTA_EXPLAIN_REGIONS);
    for (size_t i = 0; i < work->region_count; i++) {
        assert_int_equal(work->regions[i].offset, at);
        at += work->regions[i].size;
    }
    assert_int_equal(at, delta->new_size);
    assert_in_range(work->top_count, 1, DFOTA_EXPLAIN_TOP);
    for (size_t i = 0; i < work->top_count; i++) {
        const struct dfota_explained_part *part = &work->top[i];

        assert_in_range(part->size, 1, delta->new_size);
        assert_in_range(part->offset, 0, delta->new_size - part->size);
        if (i > 0)
            assert_in_range(part->bits, 0, part[-1].bits);
    }
}

/* All bytes but a few are accounted for, by kind and by region. */
static void check_spent(const struct dfota_explained_delta *delta)
{
    const struct dfota_explained_work *work = &delta->work;
    uint64_t header = work->bits[DFOTA_SPENT_HEADER];
    uint64_t bits = 0;

    for (unsigned i = 0; i < DFOTA_SPENT_COUNT; i++)
        bits += work->bits[i];
    assert_in_range(bits, 8 * (delta->size - 16), 8 * (delta->size + 1));
    assert_in_range(bits_of(work->regions, work->region_count),
                    bits - header - 8, bits - header + 8);
    assert_in_range(bits_of(work->top, work->top_count), 1, bits);
    check_parts(delta);
    assert_int_equal(header % 8, 0);
    assert_in_range(header / 8, 55, 160);
    assert_in_range(work->bits[DFOTA_SPENT_MAP], 8 * 20, bits / 2);
    assert_in_range(work->bits[DFOTA_SPENT_LITERALS], 1, bits);
    assert_in_range(work->foreseen, work->addresses / 2, work->addresses);
    assert_true(work->addresses > 100);
}

static void says_what_the_bytes_of_a_delta_are_spent_on(void **state)
{
    static const char *const names[] = {
        "micropython-armv6m", "tfa-stm32mp1-armv7a", "tfa-sun50i-arm64"};
    static const enum dfota_codec_choice codecs[] = {
        DFOTA_CODEC_MIXED, DFOTA_CODEC_LZMA, DFOTA_CODEC_ZLIB,
        DFOTA_CODEC_STORED};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (size_t j = 0; j < sizeof(codecs) / sizeof(codecs[0]); j++) {
            explain_real(names[i], codecs[j]);
            check_spent(explained.deltas);
            assert_string_equal(explained.deltas[0].streams[0].name,
                                j == 0 ? "records" : "control");
            if (j == 0) /* which alone tells pieces */
                assert_true(explained.deltas[0].work.bits[DFOTA_SPENT_PIECES] >
                            0);
            assert_true((explained.deltas[0].slots > 0) == (j == 0));
            dfota_explained_free(&explained);
        }
}

static void says_what_is_foreseen(void **state)
{
    const struct dfota_explained_prediction *told;

    (void)state;
    explain_real("tfa-sun50i-arm64", DFOTA_CODEC_AUTO);
    told = &explained.deltas[0].prediction;
    assert_int_equal(told->dialect_count, 1);
    assert_string_equal(told->dialects[0].name, "A64");
    assert_in_range(told->dialects[0].class_count, 2, 3);
    assert_string_equal(told->dialects[0].classes[0], "calls");
    assert_string_equal(told->dialects[0].classes[1], "pages");
    assert_true(told->base_count > 0);
    assert_true(told->map_count > 0);
    assert_true(told->learned > 0);
    dfota_explained_free(&explained);
    example_write(); /* bytes without order */
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    assert_int_equal(explain("out.zip", NULL), DFOTA_OK);
    told = &explained.deltas[0].prediction;
    assert_int_equal(told->dialect_count, 0);
    assert_int_equal(told->base_count + told->range_count, 0);
    assert_int_equal(told->map_count + told->learned, 0);
    dfota_explained_free(&explained);
}

static void names_what_bytes_are_spent_on(void **state)
{
    (void)state;
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_HEADER), "header");
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_MAP), "map");
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_PIECES), "pieces");
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_BYTES), "bytes");
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_BRANCHES), "branches");
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_POINTERS), "pointers");
    assert_string_equal(dfota_spent_name(DFOTA_SPENT_LITERALS), "literals");
}

static void explains_every_partition(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_edit("out.zip", "two.zip", example_add_partition);
    assert_int_equal(explain("two.zip", NULL), DFOTA_OK);
    assert_int_equal(explained.delta_count, 2);
    assert_string_equal(explained.deltas[1].partition, "second");
    assert_true(explained.deltas[1].offset > explained.deltas[0].offset);
    check_delta(&explained.deltas[0]);
    check_delta(&explained.deltas[1]);
    dfota_explained_free(&explained);
    check_refused("two.zip", "old", DFOTA_ERR_REFUSED, "INFO-2");
}

static void knows_the_files_of_others(void **state)
{
    (void)state;
    folder_write("file.gz", "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    assert_int_equal(explain("file.gz", NULL), DFOTA_OK);
    assert_string_equal(explained.kind, "gzip");
    assert_int_equal(explained.size, 10);
    assert_int_equal(explained.delta_count, 0);
    dfota_explained_free(&explained);
    check_refused("file.gz", "file.gz", DFOTA_ERR_REFUSED, "INFO-2");
    assert_string_equal(fault.input, "file.gz");
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    folder_write("file", "text", 4);
    check_refused("file", NULL, DFOTA_ERR_FORMAT, "INFO-1");
    assert_string_equal(fault.input, "file");
    folder_write("file", "", 0);
    check_refused("file", NULL, DFOTA_ERR_FORMAT, "INFO-1");
    check_refused("file", "file", DFOTA_ERR_FORMAT, "INFO-1");
}

static void refuses_the_old_image_of_another_delta(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_make("out.patch", DFOTA_TYPE_BSDIFF);
    check_refused("out.zip", "new", DFOTA_ERR_DIGEST, "DLT-14");
    check_refused("out.patch", "old", DFOTA_ERR_REFUSED, "INFO-2");
}

/* Explains the first `size` bytes of `file`, which are not what it was. */
static void check_short(const struct dfota_buffer *file, size_t size)
{
    folder_write("short", file->data, size);
    if (explain("short", NULL))
        return;
    /* A zip of somebody, as long as its first name is cut. */
    assert_string_equal(explained.kind, "empty-zip");
    assert_true(size < 43);
    dfota_explained_free(&explained);
}

static void refuses_every_truncation(void **state)
{
    static const char *const paths[] = {"out.zip", "out.delta"};

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_unpack("out.zip", "out.delta");
    for (size_t p = 0; p < 2; p++) {
        struct dfota_buffer file = example_read(paths[p]);

        for (size_t size = 0; size < file.size; size++)
            check_short(&file, size);
        dfota_buffer_free(&file);
    }
}

static void reports_what_cannot_be_read(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    check_refused("missing", NULL, DFOTA_ERR_IO, NULL);
    assert_int_equal(fault.os_error, ENOENT);
    assert_string_equal(fault.input, "missing");
    check_refused("out.zip", "missing", DFOTA_ERR_IO, NULL);
    assert_string_equal(fault.input, "missing");
    check_refused("out.zip", ".", DFOTA_ERR_IO, NULL);
    assert_int_equal(fault.os_error, EISDIR);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(explains_a_package),
        folder_test(explains_a_delta_by_itself),
        folder_test(explains_a_patch),
        folder_test(says_what_the_bytes_of_a_delta_are_spent_on),
        folder_test(says_what_is_foreseen),
        folder_test(names_what_bytes_are_spent_on),
        folder_test(explains_every_partition),
        folder_test(knows_the_files_of_others),
        folder_test(refuses_what_it_does_not_know),
        folder_test(refuses_the_old_image_of_another_delta),
        folder_test(refuses_every_truncation),
        folder_test(reports_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
