/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/manifest.h"
#include "tests/support/edited.h"
#include "tests/support/manifest_example.h"

static const char *const good = manifest_example;

static struct dfota_manifest manifest;
static struct dfota_fault fault;

static enum dfota_error read_text(const char *text)
{
    return dfota_manifest_read(
        (struct dfota_view){(const uint8_t *)text, strlen(text)}, &manifest,
        &fault);
}

/* Writes `manifest` and compares. */
static void check_written(const char *want)
{
    struct dfota_buffer out = {0};

    assert_int_equal(dfota_manifest_write(&manifest, &out, &fault), DFOTA_OK);
    dfota_buffer_add(&out, "", 1);
    assert_string_equal((const char *)out.data, want);
    dfota_buffer_free(&out);
}

static void reads_the_worked_example(void **state)
{
    const struct dfota_manifest_partition *p = &manifest.partitions[0];

    (void)state;
    assert_int_equal(read_text(good), DFOTA_OK);
    assert_int_equal(manifest.family, DFOTA_FAMILY_LTE_STANDARD_A);
    assert_true(manifest.has_identity);
    assert_string_equal(manifest.from.version, "XX21EULAR01A01M16");
    assert_string_equal(manifest.to.project, "XX21EULA");
    assert_string_equal(manifest.to.baseline, "R01A02");
    assert_int_equal(manifest.partition_count, 1);
    assert_string_equal(p->name, "app");
    assert_int_equal(p->address, 0x160000);
    assert_int_equal(p->old_image.size, 4096);
    assert_int_equal(p->old_image.crc32, 1);
    assert_int_equal(p->new_image.size, UINT32_MAX);
    assert_int_equal(p->delta.md5[15], 15);
    assert_int_equal(p->delta.sha256[31], 31);
    assert_string_equal(p->codec, "lzma");
    assert_int_equal(p->ram, 262144);
    assert_true(p->order.in_place);
    assert_int_equal(p->order.sector, 65536);
    assert_int_equal(p->order.scratch, 131072);
}

static void writes_what_it_read(void **state)
{
    (void)state;
    assert_int_equal(read_text(good), DFOTA_OK);
    check_written(good);
}

static void writes_one_form_for_every_spelling(void **state)
{
    char *text = edited(good, "\n  \"version\": 1,", "");
    char *moved = edited(text, "{\n  \"format\"",
                         "\t{ \"version\" : 1, \"f\\u006frmat\"");

    (void)state;
    assert_int_equal(read_text(moved), DFOTA_OK);
    check_written(good);
    free(moved);
    free(text);
}

static void keeps_the_order_sequential(void **state)
{
    char *half = edited(good,
                        "\"in-place\",\n"
                        "        \"sector\": 65536,\n"
                        "        \"scratch\": 131072\n",
                        "\"sequential\"\n");
    /* Written beside the old image, the new one needs room as large as it. */
    char *text = edited(half, "\"space\": 131072", "\"space\": 4294967295");

    (void)state;
    assert_int_equal(read_text(half), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MAN-16");
    free(half);
    assert_int_equal(read_text(text), DFOTA_OK);
    assert_false(manifest.partitions[0].order.in_place);
    assert_int_equal(manifest.partitions[0].order.sector, 0);
    assert_int_equal(manifest.partitions[0].order.scratch, 0);
    check_written(text);
    free(text);
}

#define IDENTITY(baseline)                                                     \
    "{\n    \"version\": \"XX21EULA" baseline "M16\",\n"                       \
    "    \"project\": \"XX21EULA\",\n    \"baseline\": \"" baseline "\"\n  }"

static void needs_no_identity_on_lte(void **state)
{
    char *half = edited(good, IDENTITY("R01A01"), "null");
    char *text = edited(half, IDENTITY("R01A02"), "null");
    char *other = edited(text, "lte-standard-a", "rg50x-rm5xx");

    (void)state;
    assert_int_equal(read_text(text), DFOTA_OK);
    assert_false(manifest.has_identity);
    check_written(text);
    assert_int_equal(read_text(other), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MAN-8");
    free(other);
    free(text);
    free(half);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    /* The last byte is a newline that JSON does not need. */
    for (size_t size = 0; size + 1 < strlen(good); size++) {
        struct dfota_view text = {(const uint8_t *)good, size};

        assert_int_equal(dfota_manifest_read(text, &manifest, &fault),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "MAN-2");
        assert_true(fault.offset <= size);
    }
}

#define TWO_NAMED(name)                                                        \
    "\"name\": \"" name "\", \"address\": 0,"                                  \
    " \"old\": " DIGESTS ", \"new\": " DIGESTS ", \"delta\": " DIGESTS ","     \
    " \"codec\": \"lzma\", \"ram\": 0, \"order\": {\"kind\": \"sequential\"}"  \
    "}, {\"name\": \"app\""
#define DIGESTS                                                                \
    "{\"size\": 0, \"crc32\": \"00000000\", \"md5\": \"" EXAMPLE_MD5           \
    "\", \"sha256\": \"" EXAMPLE_SHA256 "\"}"

#define NAMED_KEPT(codec, order)                                               \
    "\"name\": \"kept\",\n      \"address\": 4294967295,\n      "              \
    "\"old\": " KEPT_DIGESTS ",\n      \"new\": " KEPT_DIGESTS ",\n"           \
    "      \"delta\": null,\n      \"codec\": " codec ",\n"                    \
    "      \"ram\": 0,\n      \"order\": " order "\n    },\n    {\n"           \
    "      \"name\": \"app\""
#define KEPT_DIGESTS                                                           \
    "{\n        \"size\": 9999999,\n        \"crc32\": \"00000004\",\n"        \
    "        \"md5\": \"" EXAMPLE_MD5                                          \
    "\",\n        \"sha256\": \"" EXAMPLE_SHA256 "\"\n      }"

/* However large it is, it needs no room. */
static void lists_an_unchanged_partition(void **state)
{
    char *text = edited(good, "\"name\": \"app\"", NAMED_KEPT("null", "null"));

    (void)state;
    assert_int_equal(read_text(text), DFOTA_OK);
    assert_int_equal(manifest.partition_count, 2);
    assert_true(manifest.partitions[0].unchanged);
    assert_false(manifest.partitions[1].unchanged);
    assert_int_equal(manifest.partitions[0].delta.size, 0);
    assert_int_equal(manifest.partitions[0].new_image.size, 9999999);
    assert_int_equal(dfota_manifest_space(&manifest), 131072);
    assert_int_equal(dfota_manifest_delta_count(&manifest), 1);
    check_written(text);
    free(text);
}

static void takes_partitions_of_different_names(void **state)
{
    char *text = edited(good, "\"name\": \"app\"", TWO_NAMED("App"));

    (void)state;
    assert_int_equal(read_text(text), DFOTA_OK);
    assert_int_equal(manifest.partition_count, 2);
    assert_string_equal(manifest.partitions[0].name, "App");
    assert_string_equal(manifest.partitions[1].name, "app");
    free(text);
}

static const struct {
    const char *rule;
    const char *from;
    const char *to;
    enum dfota_error want;
} broken[] = {
    {"MAN-2", "\"dfota\"", "dfota", DFOTA_ERR_CORRUPT},
    {"MAN-2", "\"ram\"", "\"codec\"", DFOTA_ERR_CORRUPT},
    {"MAN-2", "262144", "99999999999999999999", DFOTA_ERR_CORRUPT},
    {"MAN-3", "\"dfota\"", "\"dfoto\"", DFOTA_ERR_FORMAT},
    {"MAN-3", "\"dfota\"", "\"dfota2\"", DFOTA_ERR_FORMAT},
    {"MAN-3", "\"dfota\"", "1", DFOTA_ERR_FORMAT},
    {"MAN-3", "\"format\"", "\"name\"", DFOTA_ERR_FORMAT},
    {"MAN-4", "1,\n  \"family", "2,\n  \"family", DFOTA_ERR_UNSUPPORTED},
    {"MAN-4", "1,\n  \"family", "4294967296, \"x", DFOTA_ERR_UNSUPPORTED},
    {"MAN-4", "1,\n  \"family", "0,\n  \"family", DFOTA_ERR_CORRUPT},
    {"MAN-5", "1,\n  \"family", "\"1\",\n  \"family", DFOTA_ERR_CORRUPT},
    {"MAN-5", "1,\n  \"family", "1,\n  \"families", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\n  \"family\": \"lte-standard-a\",", "", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"lte-standard-a\"", "null", DFOTA_ERR_CORRUPT},
    {"MAN-5", "4294967295", "4294967296", DFOTA_ERR_CORRUPT},
    {"MAN-5", "4294967295", "-1", DFOTA_ERR_CORRUPT},
    {"MAN-5", "4294967295", "1e3", DFOTA_ERR_CORRUPT},
    {"MAN-5", "1441792", "4294967296", DFOTA_ERR_CORRUPT},
    {"MAN-5", "1441792", "\"0x160000\"", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"00000001\"", "1", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"name\"", "\"owner\": 1, \"name\"", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"app\"", "\"" EXAMPLE_MD5 "x\"", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"lzma\"", "\"abcdefghijklmnopq\"", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"XX21EULAR01A02M16\"", "\"" EXAMPLE_SHA256 "x\"",
     DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"in-place\"", "\"front-to-back-and\"", DFOTA_ERR_CORRUPT},
    {"MAN-5", "65536", "65536, \"size\": 1", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"partitions\": [", "\"partitions\": [1,", DFOTA_ERR_CORRUPT},
    {"MAN-6", "lte-standard-a", "lte-standard-b", DFOTA_ERR_CORRUPT},
    {"MAN-6", "lte-standard-a", "", DFOTA_ERR_CORRUPT},
    {"MAN-7", IDENTITY("R01A01"), "null", DFOTA_ERR_CORRUPT},
    {"MAN-7", IDENTITY("R01A02"), "null", DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"XX21EULAR01A02M16\"", "\"XX21EULBR01A02M16\"",
     DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"XX21EULAR01A02M16\"", "\"XX21EULA\"", DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"XX21EULAR01A02M16\"", "\"XX21EULAR01A02\\n\"",
     DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"XX21EULAR01A02M16\"", "\"XX21EULAR01A02\\u007f\"",
     DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"XX21EULAR01A02M16\"", "\"XX21EULAR01A02\\u00e9\"",
     DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"R01A01\"", "\"\"", DFOTA_ERR_CORRUPT},
    {"MAN-9", "\"R01A01\"", "\"R01A03\"", DFOTA_ERR_CORRUPT},
    {"MAN-11", "\"app\"", "\"\"", DFOTA_ERR_CORRUPT},
    {"MAN-11", "\"app\"", "\"a/b\"", DFOTA_ERR_CORRUPT},
    {"MAN-11", "\"app\"", "\"..\"", DFOTA_ERR_CORRUPT},
    {"MAN-11", "\"app\"", "\"a b\"", DFOTA_ERR_CORRUPT},
    {"MAN-12", "\"name\": \"app\"", TWO_NAMED("app"), DFOTA_ERR_CORRUPT},
    {"MAN-13", "\"lzma\"", "\"\"", DFOTA_ERR_CORRUPT},
    {"MAN-13", "\"lzma\"", "\"lz ma\"", DFOTA_ERR_CORRUPT},
    {"MAN-14", "\"in-place\"", "\"in-Place\"", DFOTA_ERR_CORRUPT},
    {"MAN-14", "\"in-place\"", "\"sequential\"", DFOTA_ERR_CORRUPT},
    {"MAN-14", "\"sector\": 65536,", "", DFOTA_ERR_CORRUPT},
    {"MAN-14", ",\n        \"scratch\": 131072", "", DFOTA_ERR_CORRUPT},
    {"MAN-14", "\"sector\": 65536", "\"sector\": 0", DFOTA_ERR_CORRUPT},
    {"MAN-15", "\"name\": \"app\"", NAMED_KEPT("\"lzma\"", "null"),
     DFOTA_ERR_CORRUPT},
    {"MAN-15", "\"name\": \"app\"",
     NAMED_KEPT("null", "{\"kind\": \"sequential\"}"), DFOTA_ERR_CORRUPT},
    {"MAN-13", "\"lzma\"", "null", DFOTA_ERR_CORRUPT},
    {"MAN-16", "\"space\": 131072", "\"space\": 131071", DFOTA_ERR_CORRUPT},
    {"MAN-16", "\"space\": 131072", "\"space\": 131073", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"space\": 131072", "\"space\": null", DFOTA_ERR_CORRUPT},
    {"MAN-5", "\"space\": 131072,", "", DFOTA_ERR_CORRUPT},
};

static void refuses_each_broken_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char *text = edited(good, broken[i].from, broken[i].to);
        struct dfota_manifest before;

        memset(&manifest, 0x55, sizeof(manifest));
        before = manifest;
        assert_int_equal(read_text(text), broken[i].want);
        assert_string_equal(fault.rule, broken[i].rule);
        if (strcmp(fault.rule, "MAN-2") == 0)
            assert_true(fault.offset <= strlen(text));
        else
            assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
        assert_memory_equal(&manifest, &before, sizeof(manifest));
        free(text);
    }
}

static void refuses_a_manifest_of_no_or_too_many_partitions(void **state)
{
    struct dfota_buffer text = {0};
    const char *list = strstr(good, "    {\n      \"name\"");
    const char *end = strstr(good, "\n  ]\n");

    (void)state;
    for (size_t count = 0; count <= 65; count += 65) {
        text.size = 0;
        dfota_buffer_add(&text, good, (size_t)(list - good));
        for (size_t i = 0; i < count; i++)
            dfota_buffer_add(&text, i == 0 ? "0" : ",0", i == 0 ? 1 : 2);
        dfota_buffer_add(&text, end, strlen(end));
        assert_int_equal(
            dfota_manifest_read(dfota_buffer_view(&text), &manifest, &fault),
            DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "MAN-10");
    }
    dfota_buffer_free(&text);
}

static void refuses_a_text_over_the_limit(void **state)
{
    struct dfota_buffer text = {0};

    (void)state;
    dfota_buffer_add(&text, good, strlen(good));
    while (text.size < DFOTA_MANIFEST_TEXT_MAX)
        dfota_buffer_add(&text, " ", 1);
    assert_int_equal(
        dfota_manifest_read(dfota_buffer_view(&text), &manifest, &fault),
        DFOTA_OK);
    dfota_buffer_add(&text, " ", 1);
    assert_int_equal(
        dfota_manifest_read(dfota_buffer_view(&text), &manifest, &fault),
        DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAN-1");
    assert_int_equal(fault.offset, DFOTA_MANIFEST_TEXT_MAX);
    dfota_buffer_free(&text);
}

/* Makes every field as long as it may be. */
static void fill(void)
{
    struct dfota_manifest_partition *p;

    assert_int_equal(read_text(good), DFOTA_OK);
    memset(manifest.from.version, 'v', DFOTA_MANIFEST_VERSION_MAX);
    memset(manifest.from.project, 'v', DFOTA_MANIFEST_VERSION_MAX - 1);
    memcpy(manifest.from.baseline, "v", sizeof("v"));
    manifest.to = manifest.from;
    p = manifest.partitions;
    memset(p->name, 'n', DFOTA_MANIFEST_NAME_MAX);
    memset(p->codec, 'c', DFOTA_MANIFEST_CODEC_MAX);
    p->address = UINT32_MAX;
    p->ram = UINT32_MAX;
    p->old_image.size = UINT32_MAX;
    p->delta.size = UINT32_MAX;
    p->order.sector = UINT32_MAX;
    p->order.scratch = UINT32_MAX;
    manifest.partition_count = DFOTA_MANIFEST_PARTITIONS_MAX;
    for (size_t i = 1; i < manifest.partition_count; i++) {
        manifest.partitions[i] = *p;
        manifest.partitions[i].name[0] = (char)('0' + i / 10);
        manifest.partitions[i].name[1] = (char)('0' + i % 10);
    }
}

static void the_largest_manifest_is_within_the_limit(void **state)
{
    struct dfota_buffer text = {0};
    struct dfota_buffer again = {0};

    (void)state;
    fill();
    assert_int_equal(dfota_manifest_write(&manifest, &text, &fault), DFOTA_OK);
    assert_true(text.size <= DFOTA_MANIFEST_TEXT_MAX);
    assert_int_equal(
        dfota_manifest_read(dfota_buffer_view(&text), &manifest, &fault),
        DFOTA_OK);
    assert_int_equal(manifest.partition_count, DFOTA_MANIFEST_PARTITIONS_MAX);
    assert_int_equal(dfota_manifest_write(&manifest, &again, &fault), DFOTA_OK);
    assert_int_equal(text.size, again.size);
    assert_memory_equal(text.data, again.data, text.size);
    dfota_buffer_free(&again);
    dfota_buffer_free(&text);
}

/* Writes `manifest`, which must be refused without a byte of output. */
static void check_not_written(const char *rule)
{
    struct dfota_buffer out = {0};

    assert_int_equal(dfota_manifest_write(&manifest, &out, &fault),
                     DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(out.size, 0);
}

static void does_not_write_what_it_would_not_read(void **state)
{
    struct dfota_manifest_partition *p = manifest.partitions;

    (void)state;
    read_text(good);
    p->new_image.size++;
    check_not_written("MAN-5");
    read_text(good);
    manifest.family = DFOTA_FAMILY_NONE;
    check_not_written("MAN-6");
    read_text(good);
    manifest.to.baseline[0] = 'x';
    check_not_written("MAN-9");
    read_text(good);
    manifest.partition_count = 0;
    check_not_written("MAN-10");
    manifest.partition_count = DFOTA_MANIFEST_PARTITIONS_MAX + 1;
    check_not_written("MAN-10");
    read_text(good);
    manifest.partitions[1] = *p;
    manifest.partition_count = 2;
    check_not_written("MAN-12");
    read_text(good);
    p->codec[0] = '\0';
    check_not_written("MAN-13");
    read_text(good);
    p->order.in_place = false;
    check_not_written("MAN-14");
    read_text(good);
    p->unchanged = true;
    check_not_written("MAN-15");
    *p = (struct dfota_manifest_partition){.name = "app", .unchanged = true};
    p->old_image.size = 1;
    check_not_written("MAN-15");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_worked_example),
        cmocka_unit_test(writes_what_it_read),
        cmocka_unit_test(writes_one_form_for_every_spelling),
        cmocka_unit_test(keeps_the_order_sequential),
        cmocka_unit_test(needs_no_identity_on_lte),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(lists_an_unchanged_partition),
        cmocka_unit_test(takes_partitions_of_different_names),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_a_manifest_of_no_or_too_many_partitions),
        cmocka_unit_test(refuses_a_text_over_the_limit),
        cmocka_unit_test(the_largest_manifest_is_within_the_limit),
        cmocka_unit_test(does_not_write_what_it_would_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
