/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/neutral.h"
#include "lib/delta/pairs.h"
#include "tests/support/moved.h"
#include "tests/support/random.h"

#define BASE 0x08000000u

static struct dfota_buffer neutral(const struct moved *moved,
                                   struct dfota_view image,
                                   const struct dfota_leads *leads)
{
    const struct dfota_neutral_task task = {image, &moved->predictor,
                                            &moved->regions, leads, NULL};
    struct dfota_buffer form = {0};
    uint8_t *room = dfota_buffer_reserve(&form, image.size);

    assert_non_null(room);
    dfota_neutral_make(&task, 0, (uint32_t)image.size, room);
    form.size = image.size;
    return form;
}

/* The forms of what was copied from 0 on are the same. */
static void assert_same_forms(const struct moved *moved, uint32_t new_pos,
                              uint32_t length)
{
    struct dfota_leads leads = {0};
    struct dfota_buffer old = neutral(moved, moved->plan.old, &leads);
    struct dfota_buffer new = neutral(moved, moved->plan.new, NULL);

    assert_memory_equal(old.data, new.data + new_pos, length);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
}

static const struct {
    const struct dfota_isa *isa;
    uint8_t classes;
    uint8_t kind;
    uint8_t bytes[4]; /* a call of some kind, to anywhere */
} calls[] = {
    {&dfota_isa_t32, DFOTA_T32_CALLS, DFOTA_SITE_CALL, {0, 0xf0, 0, 0xf8}},
    {&dfota_isa_t32, DFOTA_T32_BRANCHES, DFOTA_SITE_BRANCH, {0, 0xf0, 0, 0x80}},
    {&dfota_isa_t32,
     DFOTA_T32_EXCHANGES,
     DFOTA_SITE_EXCHANGE,
     {0, 0xf0, 0, 0xc0}},
    {&dfota_isa_a32, DFOTA_A32_CALLS, DFOTA_SITE_CALL, {0, 0, 0, 0xeb}},
    {&dfota_isa_a64, DFOTA_A64_CALLS, DFOTA_SITE_CALL, {0, 0, 0, 0x94}},
    {&dfota_isa_riscv, DFOTA_RISCV_CALLS, DFOTA_SITE_CALL, {0xef, 0, 0, 0}},
    {&dfota_isa_x86, DFOTA_X86_CALLS, DFOTA_SITE_CALL, {0xe8, 0, 0, 0}},
    {&dfota_isa_xtensa, DFOTA_XTENSA_CALLS, DFOTA_SITE_CALL, {0x05, 0, 0, 0}},
};

/* A site of row `i` at `pos`, to `target`. */
static void put_site(size_t i, uint8_t *image, uint32_t pos, uint32_t target)
{
    struct dfota_site site;

    memcpy(image + pos, calls[i].bytes, 4);
    assert_true(
        calls[i].isa->read(calls[i].classes, image + pos, 8, pos, &site));
    assert_int_equal(site.kind, calls[i].kind);
    assert_true(calls[i].isa->write(&site, image + pos, pos, target));
}

/* Of code, and of what it leads to, the second half moved further. */
static uint32_t moved_to(uint32_t pos)
{
    return pos + (pos < 2048 ? 64 : 128);
}

static void code_is_the_same_wherever_it_lies(void **state)
{
    uint32_t random = 77;

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct moved moved;

        moved_begin(&moved, calls[i].isa, calls[i].classes);
        moved_add_copy(&moved, moved_to(0), 0, 2048);
        moved_add_copy(&moved, moved_to(2048), 2048, 2048);
        for (uint32_t pos = 0; pos < 4096; pos += 16) {
            uint32_t target = 4 * random_below(&random, 1024);

            put_site(i, moved.old, pos, target);
            put_site(i, moved.new, moved_to(pos), moved_to(target));
        }
        assert_memory_not_equal(moved.old, moved.new + moved_to(0), 2048);
        assert_same_forms(&moved, moved_to(0), 2048);
    }
}

static void pointers_lead_to_where_things_are_now(void **state)
{
    struct moved moved;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved_add_copy(&moved, 64, 0, 4096);
    moved.prediction.bases[0] = BASE;
    moved.prediction.base_count = 1;
    for (uint32_t pos = 0; pos < 4096; pos += 4) {
        dfota_put32(moved.old + pos, BASE + pos / 2);
        dfota_put32(moved.new + 64 + pos, BASE + pos / 2 + 64);
    }
    assert_same_forms(&moved, 64, 4096);
}

/* Far away a wide branch still leads somewhere that its target decides. */
static void distant_targets_decide_alone(void **state)
{
    struct dfota_buffer old = {0};
    struct dfota_buffer form;
    struct moved moved;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_BRANCHES);
    for (uint32_t i = 0; i < (uint32_t)5 << 20; i++)
        dfota_buffer_add_le(&old, 0, 1);
    put_site(1, old.data, 0x400000, 0x3ff000);
    put_site(1, old.data, 0x400200, 0x3ff000);
    put_site(1, old.data, 0x400400, 0x3ff200);
    form = neutral(&moved, dfota_buffer_view(&old), NULL);
    assert_memory_equal(form.data + 0x400000, form.data + 0x400200, 4);
    assert_memory_not_equal(form.data + 0x400000, form.data + 0x400400, 4);
    dfota_buffer_free(&form);
    dfota_buffer_free(&old);
}

static void what_is_no_site_stays_as_it_is(void **state)
{
    struct moved moved;
    struct dfota_buffer form;
    uint32_t random = 6;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved.region.dialect = 0;
    random_fill(&random, moved.new, MOVED_SIZE);
    form = neutral(&moved, moved.plan.new, NULL);
    assert_memory_equal(form.data, moved.new, MOVED_SIZE);
    dfota_buffer_free(&form);
    form = neutral(&moved, (struct dfota_view){NULL, 0}, NULL);
    dfota_buffer_free(&form);
}

/* Whatever the bytes are, and whatever is looked for in them. */
static void any_bytes_have_a_form(void **state)
{
    static const struct dfota_isa *const isas[] = {
        &dfota_isa_t32,   &dfota_isa_a32, &dfota_isa_a64,
        &dfota_isa_riscv, &dfota_isa_x86, &dfota_isa_xtensa};
    uint32_t random = 9;

    (void)state;
    for (unsigned i = 0; i < 120; i++) {
        struct moved moved;
        struct dfota_leads leads = {0};
        struct dfota_buffer form;

        moved_begin(&moved, isas[i % 6], UINT8_MAX);
        moved_add_copy(&moved, 100 + i, 0, 4000);
        random_fill(&random, moved.old, MOVED_SIZE);
        form = neutral(&moved, (struct dfota_view){moved.old, MOVED_SIZE - i},
                       &leads);
        dfota_buffer_free(&form);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_have_a_form),
        cmocka_unit_test(code_is_the_same_wherever_it_lies),
        cmocka_unit_test(distant_targets_decide_alone),
        cmocka_unit_test(pointers_lead_to_where_things_are_now),
        cmocka_unit_test(what_is_no_site_stays_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
