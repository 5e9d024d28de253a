/* SPDX-License-Identifier: MIT */
/*
 * site_check.h - what unit tests expect of a reader of sites.  After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_SITE_CHECK_H
#define DFOTA_TESTS_SUPPORT_SITE_CHECK_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/apply/site.h"
#include "lib/base/file.h"
#include "tests/support/random.h"

#define SITE_ALL     0xff /* every class */
#define SITE_GUARD   0x5a
#define SITE_PART    0x10000 /* bytes of an image that are looked at */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * An instruction, or two, as assemblers make it of the text beside it, and the
 * same that leads to another place.  Bytes are hexadecimal.
 */
struct site_case {
    const char *what;
    uint8_t kind;
    uint32_t pos;
    uint32_t target;
    const char *code;
    uint32_t new_pos;
    uint32_t new_target;
    const char *new_code; /* NULL when it cannot lead there */
};

/* Gives how many bytes there are. */
static inline size_t site_parse(const char *hex, uint8_t *out)
{
    size_t size = strlen(hex) / 2;

    assert_true(size <= DFOTA_SITE_SIZE_MAX);
    for (size_t i = 0; i < size; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

/* Reads from a block of `left` bytes, so that one byte more is an error. */
static inline bool site_read(const struct dfota_isa *isa, uint8_t classes,
                             const uint8_t *bytes, size_t left, uint32_t pos,
                             struct dfota_site *out)
{
    uint8_t *block = malloc(left + 1);
    bool found;

    assert_non_null(block);
    memcpy(block + 1, bytes, left);
    found = isa->read(classes, block + 1, left, pos, out);
    free(block);
    return found;
}

/* Writes into a block with guards around `size` bytes. */
static inline bool site_write(const struct dfota_isa *isa,
                              const struct dfota_site *site, uint8_t *bytes,
                              uint32_t pos, uint32_t target)
{
    uint8_t block[3 * DFOTA_SITE_SIZE_MAX];
    uint8_t *at = block + DFOTA_SITE_SIZE_MAX;
    bool written;

    memset(block, SITE_GUARD, sizeof(block));
    memcpy(at, bytes, site->size);
    written = isa->write(site, at, pos, target);
    if (!written)
        assert_memory_equal(at, bytes, site->size);
    memcpy(bytes, at, site->size);
    memset(at, SITE_GUARD, site->size);
    for (size_t i = 0; i < sizeof(block); i++)
        assert_int_equal(block[i], SITE_GUARD);
    return written;
}

static inline void assert_site_case(const struct dfota_isa *isa,
                                    uint8_t classes, const struct site_case *c)
{
    uint8_t bytes[DFOTA_SITE_SIZE_MAX];
    uint8_t want[DFOTA_SITE_SIZE_MAX];
    size_t size = site_parse(c->code, bytes);
    struct dfota_site site;

    if (!site_read(isa, classes, bytes, size, c->pos, &site))
        fail_msg("%s: no site", c->what);
    if (site.target != c->target || site.kind != c->kind || site.size != size)
        fail_msg("%s: kind %d, %d bytes, to %#x", c->what, site.kind, site.size,
                 site.target);
    assert_int_equal(site.absolute, c->kind == DFOTA_SITE_VALUE);
    if (site_write(isa, &site, bytes, c->new_pos, c->new_target) !=
        (c->new_code != NULL))
        fail_msg("%s: %s", c->what, c->new_code ? "not written" : "written");
    if (!c->new_code)
        return;
    assert_int_equal(site_parse(c->new_code, want), size);
    if (memcmp(bytes, want, size) != 0)
        fail_msg("%s: written otherwise", c->what);
}

/* Each is a site where one of `classes` is asked for, and else is none. */
static inline void assert_site_cases(const struct dfota_isa *isa,
                                     uint8_t classes,
                                     const struct site_case *cases,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[DFOTA_SITE_SIZE_MAX];
        size_t size = site_parse(cases[i].code, bytes);
        struct dfota_site site;

        assert_site_case(isa, classes, &cases[i]);
        assert_site_case(isa, SITE_ALL, &cases[i]);
        if (site_read(isa, SITE_ALL & ~classes, bytes, size, cases[i].pos,
                      &site))
            fail_msg("%s: is of another class", cases[i].what);
    }
}

/* Something that is no site of any class. */
struct no_site_case {
    const char *what;
    const char *code;
};

static inline void assert_no_sites(const struct dfota_isa *isa,
                                   const struct no_site_case *cases,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[DFOTA_SITE_SIZE_MAX];
        size_t size = site_parse(cases[i].code, bytes);
        struct dfota_site site;

        if (site_read(isa, SITE_ALL, bytes, size, 0x1000, &site))
            fail_msg("%s: kind %d", cases[i].what, site.kind);
    }
}

/* What a site leads to after it was made to lead to `target`. */
static inline uint32_t site_kept(const struct dfota_site *site, uint32_t target)
{
    return site->kind == DFOTA_SITE_PAGE ? target & ~(uint32_t)0xfff : target;
}

/* Makes the site lead from `pos` to `target` and back again. */
static inline bool assert_site_moves(const struct dfota_isa *isa,
                                     const struct dfota_site *site,
                                     const uint8_t *bytes, uint32_t from[2],
                                     uint32_t target)
{
    uint8_t moved[DFOTA_SITE_SIZE_MAX];
    struct dfota_site found;

    memcpy(moved, bytes, site->size);
    if (!site_write(isa, site, moved, from[1], target))
        return false;
    assert_true(site_read(isa, SITE_ALL, moved, site->size, from[1], &found));
    assert_int_equal(found.target, site_kept(site, target));
    assert_int_equal(found.kind, site->kind);
    assert_int_equal(found.size, site->size);
    assert_int_equal(found.absolute, site->absolute);
    assert_true(site_write(isa, site, moved, from[0], site->target));
    assert_memory_equal(moved, bytes, site->size);
    return true;
}

/*
 * Holds the site at `bytes`, if there is one, against the contract; gives its
 * size, or 0.
 */
static inline size_t assert_site(const struct dfota_isa *isa,
                                 const uint8_t *bytes, size_t left,
                                 uint32_t pos, uint32_t *seed)
{
    struct dfota_site site;
    struct dfota_site cut;
    uint32_t from[2] = {pos, pos};

    if (!site_read(isa, SITE_ALL, bytes, left, pos, &site))
        return 0;
    assert_true(site.kind < DFOTA_SITE_KIND_COUNT);
    assert_in_range(site.size, 2, left);
    for (size_t size = 0; size < site.size; size++)
        if (site_read(isa, SITE_ALL, bytes, size, pos, &cut))
            assert_true(cut.size <= size);
    assert_true(assert_site_moves(isa, &site, bytes, from, site.target));
    for (unsigned i = 0; i < 24; i++) {
        uint32_t shift = random_next(seed) >> (i + 4);

        from[1] = pos + random_below(seed, 64) * isa->step;
        assert_site_moves(isa, &site, bytes, from, site.target + shift);
        from[1] = pos + random_below(seed, 64);
        assert_site_moves(isa, &site, bytes, from, site.target - shift);
    }
    return site.size;
}

/* Gives how many sites there are. */
static inline size_t assert_sites(const struct dfota_isa *isa,
                                  const uint8_t *bytes, size_t size)
{
    uint32_t seed = 1;
    size_t count = 0;

    for (size_t at = 0; at < size; at += isa->step) {
        size_t left = size - at;

        if (left > DFOTA_SITE_SIZE_MAX)
            left = DFOTA_SITE_SIZE_MAX;
        if (assert_site(isa, bytes + at, left, (uint32_t)at, &seed) > 0)
            count++;
    }
    return count;
}

/* Random words, with the bits of each `mask` as they are in its `value`. */
static inline void assert_sites_of_noise(const struct dfota_isa *isa,
                                         const uint32_t (*masks)[2],
                                         size_t count)
{
    uint8_t bytes[4096];
    uint32_t seed = 2026;

    for (size_t i = 0; i < count; i++) {
        random_fill(&seed, bytes, sizeof(bytes));
        for (size_t at = 0; at < sizeof(bytes); at++) {
            unsigned shift = 8 * (at & 3);
            uint8_t mask = (uint8_t)(masks[i][0] >> shift);

            bytes[at] =
                (uint8_t)((bytes[at] & ~mask) | (masks[i][1] >> shift & mask));
        }
        assert_true(assert_sites(isa, bytes, sizeof(bytes)) > 0);
    }
}

/* The middle of a file, for it may be large; gives how many sites there are. */
static inline size_t assert_sites_of_file(const struct dfota_isa *isa,
                                          const char *path)
{
    struct dfota_buffer image = {0};
    size_t first;
    size_t count;

    assert_int_equal(dfota_file_read(path, UINT32_MAX, &image, NULL), DFOTA_OK);
    first = image.size > SITE_PART ? (image.size - SITE_PART) / 8 * 4 : 0;
    count = assert_sites(isa, image.data + first,
                         first > 0 ? SITE_PART : image.size);
    dfota_buffer_free(&image);
    return count;
}

/* Every old image of the pairs in `folder`. */
static inline void assert_sites_of_folder(const struct dfota_isa *isa,
                                          const char *folder)
{
    DIR *pairs = opendir(folder);
    size_t count = 0;

    assert_non_null(pairs);
    for (struct dirent *pair; (pair = readdir(pairs)) != NULL;) {
        char path[1024];

        snprintf(path, sizeof(path), "%s/%s/old", folder, pair->d_name);
        if (access(path, R_OK) == 0)
            count += assert_sites_of_file(isa, path);
    }
    closedir(pairs);
    assert_true(count > 100);
}

/* The images of $TESTDATA, and those of $DFOTA_CORPUS where it is set. */
static inline void assert_sites_of_images(const struct dfota_isa *isa)
{
    const char *testdata = getenv("TESTDATA");
    const char *corpus = getenv("DFOTA_CORPUS");
    char path[512];

    if (testdata) {
        snprintf(path, sizeof(path), "%s/pairs", testdata);
        assert_sites_of_folder(isa, path);
    }
    if (corpus != NULL && corpus[0] != '\0')
        assert_sites_of_folder(isa, corpus);
}

#endif
