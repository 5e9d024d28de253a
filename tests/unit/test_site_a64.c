/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/site_check.h"

static void reads_and_writes_calls_and_jumps(void **state)
{
    static const struct site_case cases[] = {
        {"b on", DFOTA_SITE_JUMP, 0x1000, 0x2000, "00040014", 0x1000, 0x2100,
         "40040014"},
        {"b back", DFOTA_SITE_JUMP, 0x2000, 0x1000, "00fcff17", 0x2100, 0x1000,
         "c0fbff17"},
        {"bl on", DFOTA_SITE_CALL, 0x1000, 0x2000, "00040094", 0x1004, 0x2100,
         "3f040094"},
        {"bl as far as it goes", DFOTA_SITE_CALL, 0x1000, 0x8000ffc, "ffffff95",
         0x2000, 0x8001ffc, "ffffff95"},
        {"bl too far", DFOTA_SITE_CALL, 0x1000, 0x8000ffc, "ffffff95", 0x1000,
         0x8001000, NULL},
        {"bl to a halfword", DFOTA_SITE_CALL, 0x1000, 0x2000, "00040094",
         0x1002, 0x2000, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a64, DFOTA_A64_CALLS, cases, COUNT(cases));
}

static void reads_and_writes_pages_with_what_completes_them(void **state)
{
    static const struct site_case cases[] = {
        {"adrp, add", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x2f10,
         "030000b064403c91", 0x1000, 0x3011, "030000d064440091"},
        {"adrp, add from another page", DFOTA_SITE_PAIR_ADDRESS, 0x1ffc, 0x2010,
         "030000b063400091", 0x2004, 0x1fff, "e3fffff063fc3f91"},
        {"adrp, add far behind", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x4010,
         "030000f063400091", 0x1000, 0x80000010, "e3ff3ff063400091"},
        {"adrp, add far before", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x4010,
         "030000f063400091", 0x1000, 0x80001010, "0300c09063400091"},
        {"adrp, ldrb w4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f17,
         "030000b0645c7c39", 0x1100, 0x3117, "030000d0645c4439"},
        {"adrp, strb w4", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f17,
         "030000b0645c3c39", 0x1100, 0x3117, "030000d0645c0439"},
        {"adrp, ldrsb x4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f17,
         "030000b0645cbc39", 0x1100, 0x3117, "030000d0645c8439"},
        {"adrp, ldrsh w4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f16,
         "030000b0642cde79", 0x1100, 0x3116, "030000d0642cc279"},
        {"adrp, strh w4", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f16,
         "030000b0642c1e79", 0x1100, 0x3116, "030000d0642c0279"},
        {"adrp, ldr w4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f14,
         "030000b064144fb9", 0x1100, 0x3114, "030000d0641441b9"},
        {"adrp, str x4", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f18,
         "030000b0648c07f9", 0x1100, 0x3118, "030000d0648c00f9"},
        {"adrp, ldrsw x4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f14,
         "030000b064148fb9", 0x1100, 0x3114, "030000d0641481b9"},
        {"adrp, ldr b4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f17,
         "030000b0645c7c3d", 0x1100, 0x3117, "030000d0645c443d"},
        {"adrp, ldr h4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f16,
         "030000b0642c5e7d", 0x1100, 0x3116, "030000d0642c427d"},
        {"adrp, str s4", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f14,
         "030000b064140fbd", 0x1100, 0x3114, "030000d0641401bd"},
        {"adrp, ldr d4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f18,
         "030000b0648c47fd", 0x1100, 0x3118, "030000d0648c40fd"},
        {"adrp, ldr q4", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f10,
         "030000b064c4c33d", 0x1100, 0x3110, "030000d06444c03d"},
        {"adrp, str q4", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f10,
         "030000b064c4833d", 0x1100, 0x3110, "030000d06444803d"},
        {"adrp, add around another", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x2f10,
         "030000b0e10302aa64403c91", 0x1000, 0x3011,
         "030000d0e10302aa64440091"},
        {"adrp, ldr x4 around another", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f10,
         "030000b0e10302aa648847f9", 0x1000, 0x3018,
         "030000d0e10302aa640c40f9"},
        {"adrp, str q4 to 8 bytes", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f10,
         "030000b064c4833d", 0x1000, 0x2f18, NULL},
        {"adrp, ldrh to a byte", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f16,
         "030000b0642c5e79", 0x1000, 0x2f17, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a64, DFOTA_A64_PAGES, cases, COUNT(cases));
}

/* Of the new target the page counts. */
static void reads_and_writes_pages_alone(void **state)
{
    static const struct site_case cases[] = {
        {"adrp", DFOTA_SITE_PAGE, 0x1234, 0x3000, "030000d0", 0x2000, 0x4567,
         "030000d0"},
        {"adrp back", DFOTA_SITE_PAGE, 0x3000, 0x1000, "e3ffffd0", 0x2000,
         0x1fff, "e3fffff0"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a64, DFOTA_A64_PAGES, cases, COUNT(cases));
}

/* Another base, a shift, an offset beyond the page, other instructions. */
static const uint32_t others[] = {
    0x91004084, /* add x4, x4, #16 */
    0x91404064, /* add x4, x3, #16, lsl #12 */
    0x11004064, /* add w4, w3, #16 */
    0xd1004064, /* sub x4, x3, #16 */
    0xb1004064, /* adds x4, x3, #16 */
    0xf9480064, /* ldr x4, [x3, #4096] */
    0x79600064, /* ldrh w4, [x3, #4096] */
    0x3dc40064, /* ldr q4, [x3, #4096] */
    0xf8410064, /* ldur x4, [x3, #16] */
    0xa9410c64, /* ldp x4, x3, [x3, #16] */
    0xf9400884, /* ldr x4, [x4, #16] */
    0x00000000,
};

static void put_word(uint8_t *bytes, uint32_t word)
{
    for (unsigned k = 0; k < 4; k++)
        bytes[k] = (uint8_t)(word >> (8 * k));
}

static void leaves_what_completes_no_page(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(others) * COUNT(others); i++) {
        uint8_t bytes[12] = {0x03, 0x00, 0x00, 0xb0}; /* adrp x3 */
        struct dfota_site site;

        put_word(bytes + 4, others[i % COUNT(others)]);
        put_word(bytes + 8, others[i / COUNT(others)]);
        assert_true(
            site_read(&dfota_isa_a64, SITE_ALL, bytes, 12, 0x1000, &site));
        assert_int_equal(site.kind, DFOTA_SITE_PAGE);
        assert_int_equal(site.size, 4);
        assert_int_equal(site.target, 0x2000);
    }
}

/* A branch, or another page, would not be seen then. */
static void completes_no_page_across_another_site(void **state)
{
    static const uint32_t between[] = {0x14000400, 0x94000400, 0xb0000004};

    (void)state;
    for (size_t i = 0; i < COUNT(between); i++) {
        uint8_t bytes[12] = {0x03, 0x00, 0x00, 0xb0}; /* adrp x3 */
        struct dfota_site site;

        put_word(bytes + 4, between[i]);
        put_word(bytes + 8, 0x91004064); /* add x4, x3, #16 */
        assert_true(
            site_read(&dfota_isa_a64, SITE_ALL, bytes, 12, 0x1000, &site));
        assert_int_equal(site.size, 4);
    }
}

static void reads_and_writes_what_is_near(void **state)
{
    static const struct site_case cases[] = {
        {"b.ne", DFOTA_SITE_BRANCH, 0x1000, 0x2000, "01800054", 0x1000,
         0x100ffc, "e1ff7f54"},
        {"b.ne too far", DFOTA_SITE_BRANCH, 0x1000, 0x2000, "01800054", 0x1000,
         0x101000, NULL},
        {"cbz", DFOTA_SITE_BRANCH, 0x2000, 0x1000, "0380ffb4", 0x2000, 0x2008,
         "430000b4"},
        {"cbnz", DFOTA_SITE_BRANCH, 0x2000, 0x1000, "0380ff35", 0x2002, 0x100a,
         "4380ff35"},
        {"tbz", DFOTA_SITE_TEST_BRANCH, 0x1000, 0x2000, "038040b6", 0x1000,
         0x8ffc, "e3ff43b6"},
        {"tbnz", DFOTA_SITE_TEST_BRANCH, 0x1000, 0xffc, "e3ff2737", 0x1000,
         0x9000, NULL},
        {"adr", DFOTA_SITE_ADDRESS, 0x1000, 0x2003, "03800070", 0x1001, 0x100,
         "e387ff70"},
        {"adr too far", DFOTA_SITE_ADDRESS, 0x1000, 0x2003, "03800070", 0x1000,
         0x101000, NULL},
        {"ldr x4", DFOTA_SITE_LITERAL, 0x1000, 0x2000, "04800058", 0x1000,
         0x100c, "64000058"},
        {"ldr q4", DFOTA_SITE_LITERAL, 0x1000, 0x2000, "0480009c", 0x1000,
         0x2002, NULL},
        {"ldrsw", DFOTA_SITE_LITERAL, 0x1000, 0xff0, "84ffff98", 0x1010, 0xff0,
         "04ffff98"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a64, DFOTA_A64_NEAR, cases, COUNT(cases));
}

static void sees_no_site_in_other_instructions(void **state)
{
    static const struct no_site_case cases[] = {
        {"ret", "c0035fd6"},
        {"adrp of the zero register", "1f0000b0"},
        {"br x3", "60001fd6"},
        {"ldr x4, [x3, #16]", "640840f9"},
        {"add x4, x3, #16", "64400091"},
        {"adrp further than 2 GiB", "030040b0"},
        {"ldr literal of no register", "030000dc"},
        {"bc.eq", "10000054"},
        {"half a bl", "000400"},
        {"zeros", "00000000"},
        {"nothing", ""},
    };

    (void)state;
    assert_no_sites(&dfota_isa_a64, cases, COUNT(cases));
}

static void keeps_the_contract_on_noise(void **state)
{
    static const uint32_t masks[][2] = {
        {0, 0},
        {0x7c000000, 0x14000000},
        {0x1f000000, 0x10000000},
        {0xff000000, 0x54000000},
        {0x7c000000, 0x34000000},
        {0x3b000000, 0x18000000},
    };

    (void)state;
    assert_sites_of_noise(&dfota_isa_a64, masks, COUNT(masks));
}

static void keeps_the_contract_on_images(void **state)
{
    (void)state;
    assert_sites_of_images(&dfota_isa_a64);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_calls_and_jumps),
        cmocka_unit_test(reads_and_writes_pages_with_what_completes_them),
        cmocka_unit_test(reads_and_writes_pages_alone),
        cmocka_unit_test(leaves_what_completes_no_page),
        cmocka_unit_test(completes_no_page_across_another_site),
        cmocka_unit_test(reads_and_writes_what_is_near),
        cmocka_unit_test(sees_no_site_in_other_instructions),
        cmocka_unit_test(keeps_the_contract_on_noise),
        cmocka_unit_test(keeps_the_contract_on_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
