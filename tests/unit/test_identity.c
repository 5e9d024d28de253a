/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_explain.h"
#include "jobs/identity.h"
#include "tests/support/job_example.h"

#define A1 "EC200AEUHAR01A01M16"
#define A2 "EC200AEUHAR01A02M16"

static struct dfota_fault fault;
static struct dfota_made made;

/* Makes a package of images that hold `old` and `new` and much else. */
static enum dfota_error make(const char *old, const char *new,
                             struct dfota_make_request request)
{
    struct job_example images = example_write();

    images.old[499] = 0;
    images.new[499] = 0;
    memcpy(images.old + 500, old, strlen(old) + 1);
    memcpy(images.new + 500, new, strlen(new) + 1);
    folder_write("old", images.old, EXAMPLE_OLD_SIZE);
    folder_write("new", images.new, EXAMPLE_NEW_SIZE);
    request.old_image = "old";
    request.new_image = "new";
    request.out = "out";
    fault = (struct dfota_fault){0};
    dfota_made_free(&made);
    return dfota_job_make(&request, &made, &fault);
}

static const struct dfota_make_request plain = {0};

/* Whether one of the warnings has `part` in it. */
static bool warns(const char *part)
{
    for (size_t i = 0; i < made.warning_count; i++)
        if (strstr(made.warnings[i], part) != NULL)
            return true;
    return false;
}

static int free_made(void **state)
{
    dfota_made_free(&made);
    return folder_leave(state);
}

#define made_test(test)                                                        \
    cmocka_unit_test_setup_teardown(test, folder_enter, free_made)

/* --- what it is ---------------------------------------------------------- */

static void reads_the_only_version_in_each_image(void **state)
{
    (void)state;
    assert_int_equal(make(A1, A2, plain), DFOTA_OK);
    assert_string_equal(made.from, A1);
    assert_string_equal(made.to, A2);
    assert_int_equal(made.type, DFOTA_TYPE_DFOTA);
    assert_int_equal(made.warning_count, 0);
    /* Twice the same is one. */
    assert_int_equal(make(A1 "\n" A1, A2 " " A2, plain), DFOTA_OK);
    assert_string_equal(made.from, A1);
    assert_string_equal(made.to, A2);
}

static void takes_what_is_given_before_what_is_found(void **state)
{
    struct dfota_make_request request = {.from = "EC200AEUHAR01A03M16",
                                         .to = "EC200AEUHAR01A04M16"};

    (void)state;
    assert_int_equal(make(A1, A2, request), DFOTA_OK);
    assert_string_equal(made.from, request.from);
    assert_string_equal(made.to, request.to);
    request.to = NULL;
    assert_int_equal(make(A1, A2, request), DFOTA_OK);
    assert_string_equal(made.from, request.from);
    assert_string_equal(made.to, A2);
}

static void goes_without_where_there_is_not_exactly_one(void **state)
{
    static const struct {
        const char *old;
        const char *new;
        const char *reason;
    } cases[] = {
        {"", A2, "old holds no version string"},
        {A1, "", "new holds no version string"},
        {A1, A2 "." A1, "new holds several version strings: " A2 " " A1},
        {A1 "." A2, A2, "old holds several version strings: " A1 " " A2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(make(cases[i].old, cases[i].new, plain), DFOTA_OK);
        assert_string_equal(made.from, "");
        assert_string_equal(made.to, "");
        assert_int_equal(made.warning_count, 1);
        assert_true(warns("no identity"));
        assert_true(warns(cases[i].reason));
    }
}

static void a_patch_has_none(void **state)
{
    (void)state;
    assert_int_equal(make(A1, A2,
                          (struct dfota_make_request){.type = DFOTA_TYPE_BSDIFF,
                                                      .from = "nonsense"}),
                     DFOTA_OK);
    assert_string_equal(made.from, "");
    assert_int_equal(made.warning_count, 0);
}

static void lists_a_few_of_many_versions(void **state)
{
    char text[300] = "";
    const struct dfota_view parts[2] = {{(const uint8_t *)text, sizeof(text)},
                                        {(const uint8_t *)A2, sizeof(A2)}};
    struct dfota_versions found = {0};
    const struct dfota_identity_source many = {NULL, "a/b", &found};
    struct dfota_identity identity;
    size_t length;

    (void)state;
    for (int i = 0; i < 10; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 "EC200AEUHAR01A%02dM16 ", i);
    dfota_versions_search(&found, parts[0]);
    dfota_versions_search(&found, parts[1]);
    assert_int_equal(found.count, DFOTA_VERSIONS_MAX);
    assert_int_equal(dfota_identity_find(&many, &many, &identity, &fault),
                     DFOTA_OK);
    assert_false(identity.known);
    length = strlen(identity.reason);
    assert_true(length > 4 * sizeof(A1) && length < 6 * sizeof(A1));
    assert_memory_equal(identity.reason, "b holds several", 15);
}

/* Whatever the pieces and wherever a window ends, the same is found. */
static void finds_the_same_piece_by_piece(void **state)
{
    enum { SIZE = 3 * DFOTA_SEARCH_WINDOW };
    static uint8_t image[SIZE];
    static struct dfota_version_search search;
    uint32_t seed = 3;

    (void)state;
    for (size_t at = DFOTA_SEARCH_WINDOW - 25; at < DFOTA_SEARCH_WINDOW + 3;
         at++) {
        struct dfota_versions whole = {0};
        struct dfota_versions pieces = {0};
        size_t done = 0;

        memset(image, at % 2 == 0 ? '\n' : 'Z', SIZE);
        memcpy(image + 100, "\n" A1 "\n", sizeof(A1) + 1);
        memcpy(image + at, "\n" A2 "_x.1\n", sizeof(A2) + 5);
        memcpy(image + SIZE - sizeof(A1), "\n" A1, sizeof(A1));
        dfota_versions_search(&whole, (struct dfota_view){image, SIZE});
        memset(&search, 0, sizeof(search));
        search.found = &pieces;
        while (done < SIZE) {
            size_t step = 1 + random_below(&seed, 5000);

            step = step < SIZE - done ? step : SIZE - done;
            dfota_version_search_add(&search, image + done, step);
            done += step;
        }
        dfota_version_search_finish(&search);
        assert_int_equal(whole.count, 2);
        assert_int_equal(pieces.count, 2);
        for (size_t i = 0; i < 2; i++)
            assert_string_equal(pieces.items[i].text, whole.items[i].text);
    }
}

/* What ends like a version but is much longer is none. */
static void takes_no_end_of_a_long_string_for_a_version(void **state)
{
    static uint8_t image[2 * DFOTA_SEARCH_WINDOW + 10];
    static struct dfota_version_search search;
    struct dfota_versions found = {0};

    (void)state;
    memset(image, 'Z', sizeof(image));
    memcpy(image + DFOTA_SEARCH_WINDOW, A1 "\n", sizeof(A1));
    memcpy(image + 2 * (size_t)DFOTA_SEARCH_WINDOW - 60, "\n" A2 "\n",
           sizeof(A2) + 1);
    search.found = &found;
    dfota_version_search_add(&search, image, sizeof(image));
    dfota_version_search_finish(&search);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].text, A2);
}

/* Nor where that string came in pieces. */
static void a_string_that_is_too_long_is_skipped_to_its_end(void **state)
{
    static uint8_t piece[DFOTA_SEARCH_WINDOW];
    static struct dfota_version_search search;
    struct dfota_versions found = {0};

    (void)state;
    memset(piece, 'z', sizeof(piece));
    search.found = &found;
    dfota_version_search_add(&search, piece, sizeof(piece));
    dfota_version_search_add(&search, piece, 1);
    dfota_version_search_add(&search, (const uint8_t *)A1, sizeof(A1));
    assert_int_equal(found.count, 0);
    dfota_version_search_add(&search, piece, sizeof(piece) - sizeof(A2));
    dfota_version_search_add(&search, (const uint8_t *)A2, sizeof(A2) - 1);
    assert_int_equal(found.count, 0);
    dfota_version_search_finish(&search);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].text, A2);
}

/* --- what is refused ----------------------------------------------------- */

static void refuses_what_is_no_version(void **state)
{
    static const struct {
        const char *given;
        const char *rule;
        enum dfota_error want;
    } cases[] = {
        {"", "VER-2", DFOTA_ERR_FORMAT},
        {"EC200A", "VER-2", DFOTA_ERR_FORMAT},
        {"ec200aR01A01", "VER-3", DFOTA_ERR_CORRUPT},
        {A1 "x", "VER-4", DFOTA_ERR_CORRUPT},
        {"EC200AEUHAR01A01V1", "VER-5", DFOTA_ERR_CORRUPT},
        {"EC200AEUHAR01A01M1", "VER-6", DFOTA_ERR_CORRUPT},
        {A1 "_", "VER-7", DFOTA_ERR_CORRUPT},
        {A1 "_2345678901234567890123456789012345678901234567890", "VER-1",
         DFOTA_ERR_LIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_make_request request = {.from = cases[i].given};

        assert_int_equal(make(A1, A2, request), cases[i].want);
        assert_string_equal(fault.rule, cases[i].rule);
        assert_non_null(strstr(fault.detail, cases[i].given));
        request = (struct dfota_make_request){.to = cases[i].given};
        assert_int_equal(make(A1, A2, request), cases[i].want);
        assert_string_equal(fault.rule, cases[i].rule);
        assert_int_equal(folder_count("."), 2);
    }
}

/* Two letters that changed places make another region: guide, chapter 6. */
static void refuses_another_project_unless_told_otherwise(void **state)
{
    static const char *const traps[][2] = {
        {"EC200NEAAAR03A01M16", "EC200NAEAAR03A02M16"},
        {"EC200NAPAAR03A01M16", "EC200NPAAAR03A02M16"},
        {"EC200NCNLAR03A01M16", "EC200NCNAAR03A02M16"}};

    (void)state;
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        struct dfota_make_request request = plain;

        assert_int_equal(make(traps[i][0], traps[i][1], request),
                         DFOTA_ERR_REFUSED);
        assert_string_equal(fault.rule, "MAKE-8");
        assert_int_equal(folder_count("."), 2);
        request.force_project = true;
        assert_int_equal(make(traps[i][0], traps[i][1], request), DFOTA_OK);
        assert_true(warns("from project"));
        assert_int_equal(unlink("out.zip"), 0);
    }
}

/* --- what is only said --------------------------------------------------- */

static void warns_of_versions_that_nobody_can_tell_apart(void **state)
{
    (void)state;
    assert_int_equal(make(A1, A1, plain), DFOTA_OK);
    assert_int_equal(made.warning_count, 1);
    assert_true(warns("both versions are " A1));
}

static void warns_of_an_unknown_module(void **state)
{
    (void)state;
    assert_int_equal(make("XX99AEUHAR01A01M16", "XX99AEUHAR01A02M16", plain),
                     DFOTA_OK);
    assert_int_equal(made.warning_count, 1);
    assert_true(warns("no module that is known"));
}

static void warns_of_the_other_method(void **state)
{
    struct dfota_make_request request = {.type = DFOTA_TYPE_DFOTA};

    (void)state;
    assert_int_equal(
        make("EC200NCNLAR03A01M08", "EC200NCNLAR03A02M08", request), DFOTA_OK);
    assert_int_equal(made.warning_count, 1);
    assert_true(warns("updated by MiniFOTA"));
}

static void warns_of_a_delta_nearly_as_large_as_its_image(void **state)
{
    struct job_example images = example_write();
    struct dfota_make_request request = {.old_image = "old",
                                         .new_image = "new",
                                         .out = "out",
                                         .from = A1,
                                         .to = A2};
    uint32_t seed = 99;

    (void)state;
    random_fill(&seed, images.new, EXAMPLE_NEW_SIZE);
    folder_write("new", images.new, EXAMPLE_NEW_SIZE);
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    assert_int_equal(made.warning_count, 1);
    assert_true(warns("do the images belong together"));
}

/* --- what follows from it ------------------------------------------------ */

static void the_version_chooses_the_type(void **state)
{
    static const char *const dfota[][2] = {
        {"EC200AEUHAR01A01M08", "EC200AEUHAR01A02M08"},
        {"EC200AEUHAR01A01M16", "EC200AEUHAR01A02M16"},
        {"EC200NCNLAR03A01M16", "EC200NCNLAR03A02M16"},
        {"EC200NCNLAR03A01", "EC200NCNLAR03A02"},
        {"RM520NGLAAR01A01M4G", "RM520NGLAAR01A02M4G"}};

    (void)state;
    for (size_t i = 0; i < sizeof(dfota) / sizeof(dfota[0]); i++) {
        assert_int_equal(make(dfota[i][0], dfota[i][1], plain), DFOTA_OK);
        assert_int_equal(made.type, DFOTA_TYPE_DFOTA);
        assert_string_equal(made.from, dfota[i][0]);
        assert_int_equal(made.warning_count, 0);
    }
    /* MiniFOTA, for which a layout is missing. */
    assert_int_equal(make("EC200NCNLAR03A01M08", "EC200NCNLAR03A02M08", plain),
                     DFOTA_ERR_USAGE);
    assert_string_equal(fault.rule, "MAKE-6");
}

static void the_family_is_that_of_the_model(void **state)
{
    static const char *const versions[][3] = {
        {A1, A2, "lte-standard-a"},
        {"RM520NGLAAR01A01M4G", "RM520NGLAAR01A02M4G", "rg50x-rm5xx"},
        {"XX99AEUHAR01A01", "XX99AEUHAR01A02", "lte-standard-a"}};

    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        const struct dfota_explain_request request = {.file = "out.zip"};
        struct dfota_explained explained;

        assert_int_equal(make(versions[i][0], versions[i][1], plain), DFOTA_OK);
        assert_int_equal(dfota_job_explain(&request, &explained, &fault),
                         DFOTA_OK);
        assert_string_equal(explained.from, versions[i][0]);
        assert_string_equal(explained.to, versions[i][1]);
        assert_string_equal(explained.family, versions[i][2]);
        dfota_explained_free(&explained);
    }
}

/* An image too large for a small window, to be told twice. */
static void a_large_module_has_more_memory_for_patching(void **state)
{
    enum { SIZE = 1200000 };
    struct dfota_make_request request = {.old_image = "old",
                                         .new_image = "new",
                                         .out = "out",
                                         .codec = DFOTA_CODEC_LZMA};
    uint8_t *image = malloc(SIZE);
    uint32_t seed = 5;

    (void)state;
    assert_non_null(image);
    folder_write("old", "", 0);
    random_fill(&seed, image, SIZE / 2);
    memcpy(image + SIZE / 2, image, SIZE / 2);
    folder_write("new", image, SIZE);
    free(image);
    request.from = A1;
    request.to = A2;
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    assert_in_range(made.deltas[0].ram, 1, 256 << 10);
    dfota_made_free(&made);
    request.from = "RM520NGLAAR01A01M4G";
    request.to = "RM520NGLAAR01A02M4G";
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    assert_in_range(made.deltas[0].ram, SIZE / 2, 64 << 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        made_test(reads_the_only_version_in_each_image),
        made_test(takes_what_is_given_before_what_is_found),
        made_test(goes_without_where_there_is_not_exactly_one),
        made_test(a_patch_has_none),
        made_test(lists_a_few_of_many_versions),
        made_test(finds_the_same_piece_by_piece),
        made_test(takes_no_end_of_a_long_string_for_a_version),
        made_test(a_string_that_is_too_long_is_skipped_to_its_end),
        made_test(refuses_what_is_no_version),
        made_test(refuses_another_project_unless_told_otherwise),
        made_test(warns_of_versions_that_nobody_can_tell_apart),
        made_test(warns_of_an_unknown_module),
        made_test(warns_of_the_other_method),
        made_test(warns_of_a_delta_nearly_as_large_as_its_image),
        made_test(the_version_chooses_the_type),
        made_test(the_family_is_that_of_the_model),
        made_test(a_large_module_has_more_memory_for_patching),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
