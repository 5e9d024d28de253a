/* SPDX-License-Identifier: MIT */
/*
 * flash_example.h - two images of a small flash and their layout.  After
 * cmocka.h.
 *
 * "old.img", "new.img" and "flash.json" in the current folder, see folder.h.
 * The Mini system, two partitions of the big one, and around them what differs
 * on every unit, in which a version string stands that is nobody's business.
 */
#ifndef DFOTA_TESTS_SUPPORT_FLASH_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_FLASH_EXAMPLE_H

#include <stdio.h>

#include "dfota/job_apply.h"
#include "tests/support/edited.h"
#include "tests/support/job_example.h"

#define FLASH_SIZE    0x10000
#define FLASH_PARTS   3

#define FLASH_VERSION 0x1800 /* where it stands, behind a zero */
#define FLASH_FROM    "EC200NCNLAR03A01M08"
#define FLASH_TO      "EC200NCNLAR03A02M08"

static const char flash_layout[] =
    "{\"flash\": {\"size\": \"64K\", \"sector\": 4096},\n"
    " \"partitions\": [\n"
    "  {\"name\": \"boot\", \"offset\": 0, \"size\": 4096,"
    " \"role\": \"keep\"},\n"
    "  {\"name\": \"mini\", \"offset\": \"0x1000\", \"size\": \"16K\","
    " \"role\": \"mini\"},\n"
    "  {\"name\": \"app\", \"offset\": \"0x5000\", \"size\": \"24K\","
    " \"role\": \"app\"},\n"
    "  {\"name\": \"data\", \"offset\": \"0xb000\", \"size\": \"8K\","
    " \"role\": \"app\"},\n"
    "  {\"name\": \"nv\", \"offset\": \"0xd000\", \"size\": \"12K\","
    " \"role\": \"keep\"}]}\n";

/* The big system, as it stands there, with another role. */
#define FLASH_APPS(role)                                                       \
    "{\"name\": \"app\", \"offset\": \"0x5000\", \"size\": \"24K\","           \
    " \"role\": \"" role "\"},\n  {\"name\": \"data\","                        \
    " \"offset\": \"0xb000\", \"size\": \"8K\", \"role\": \"" role "\"}"

/* What is updated. */
static const struct flash_part {
    const char *name;
    size_t at;
    size_t size;
} flash_parts[FLASH_PARTS] = {{"mini", 0x1000, 0x4000},
                              {"app", 0x5000, 0x6000},
                              {"data", 0xb000, 0x2000}};

struct flash_example {
    uint8_t old[FLASH_SIZE];
    uint8_t new[FLASH_SIZE];
};

/* Fills what is kept with bytes that depend on `unit`. */
static inline void flash_fill_kept(uint8_t *flash, uint32_t unit)
{
    random_fill(&unit, flash, 0x1000);
    memcpy(flash + 16, "\0EC200NCNLAR99A99M08", 21);
    random_fill(&unit, flash + 0xd000, 0x3000);
}

static inline struct flash_example flash_example(void)
{
    struct flash_example flash;
    uint32_t state = 7;

    memset(flash.old, 0xff, FLASH_SIZE);
    random_fill(&state, flash.old + 0x1000, 0x3000);
    flash.old[FLASH_VERSION - 1] = 0;
    random_fill(&state, flash.old + 0x5000, 0x4000);
    random_fill(&state, flash.old + 0xb000, 0x0800);
    memcpy(flash.old + FLASH_VERSION, FLASH_FROM, sizeof(FLASH_FROM));
    memcpy(flash.new, flash.old, FLASH_SIZE);
    for (size_t i = 0x1003; i < 0xb800; i += 701)
        flash.new[i]++;
    memcpy(flash.new + FLASH_VERSION, FLASH_TO, sizeof(FLASH_TO));
    flash_fill_kept(flash.old, 11);
    flash_fill_kept(flash.new, 12);
    return flash;
}

static inline void flash_write(const struct flash_example *flash)
{
    folder_write("old.img", flash->old, FLASH_SIZE);
    folder_write("new.img", flash->new, FLASH_SIZE);
    folder_write("flash.json", flash_layout, strlen(flash_layout));
}

/* Writes all three files. */
static inline struct flash_example flash_example_write(void)
{
    struct flash_example flash = flash_example();

    flash_write(&flash);
    return flash;
}

/* Writes the layout with its only `from` replaced by `to`. */
static inline void flash_edit_layout(const char *from, const char *to)
{
    char *text = edited(flash_layout, from, to);

    folder_write("flash.json", text, strlen(text));
    free(text);
}

/* The image at `path` is new in each part and old everywhere else. */
static inline void flash_check(const char *path,
                               const struct flash_example *flash)
{
    uint8_t want[FLASH_SIZE];

    memcpy(want, flash->old, FLASH_SIZE);
    for (size_t i = 0; i < FLASH_PARTS; i++)
        memcpy(want + flash_parts[i].at, flash->new + flash_parts[i].at,
               flash_parts[i].size);
    folder_check(path, want, FLASH_SIZE);
}

/* Applies the pair "out" to "old.img", which must give the new flash. */
static inline void flash_check_pair(const struct flash_example *flash)
{
    const struct dfota_apply_request request = {
        .package = "out.mini_1", .old_image = "old.img", .out = "applied"};
    struct dfota_applied applied;

    assert_int_equal(dfota_job_apply(&request, &applied, NULL), DFOTA_OK);
    assert_int_equal(applied.type, DFOTA_TYPE_MINI);
    assert_true(applied.ram > 0);
    assert_int_equal(applied.new_image.size, FLASH_SIZE);
    flash_check("applied", flash);
    assert_int_equal(unlink("applied"), 0);
}

/* Makes a package of `type`, named after "out", which must work. */
static inline void flash_make(enum dfota_package_type type)
{
    const struct dfota_make_request request = {.old_image = "old.img",
                                               .new_image = "new.img",
                                               .out = "out",
                                               .layout = "flash.json",
                                               .type = type};
    struct dfota_made made;
    struct dfota_fault fault;

    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
}

#endif
