/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/magic.h"

struct sample {
    const char *name;
    size_t at;
    const char *bytes;
    size_t size;
};

#define SAMPLE(name, at, literal)                                              \
    {                                                                          \
        name, at, literal, sizeof(literal) - 1                                 \
    }

/* The shortest beginning of each kind that is enough. */
static const struct sample samples[] = {
    SAMPLE("dfota-delta", 0, "\x89\x44\x46\x44"),
    SAMPLE("bsdiff40", 0, "BSDIFF40"),
    SAMPLE("bsdiff43", 0, "ENDSLEY/BSDIFF43"),
    SAMPLE("bsdf2", 0, "BSDF2"),
    SAMPLE("imgdiff", 0, "IMGDIFF"),
    SAMPLE("puffin", 0, "PUF1"),
    SAMPLE("zucchini", 0, "Zucc"),
    SAMPLE("hdiffpatch", 0, "HDIFF"),
    SAMPLE("vcdiff", 0, "\xd6\xc3\xc4"),
    SAMPLE("rdiff", 0, "\x72\x73\x02\x36"),
    SAMPLE("zchunk", 0, "\x00\x5a\x43\x4b\x31"),
    SAMPLE("marvell-fbf", 0, "Marvell_FBF"),
    SAMPLE("fota-fir", 0, "FOTA_FIR"),
    SAMPLE("fota-sec", 0, "FOTA_SEC"),
    SAMPLE("fota-all", 0, "FOTA_ALL"),
    SAMPLE("pac", 0, "\x42\x00\x50\x00\x5f\x00\x52\x00"),
    SAMPLE("pac", 2116, "\xfa\xff\xfa\xff"),
    SAMPLE("android-payload", 0, "CrAU"),
    SAMPLE("zip", 0, "\x50\x4b\x03\x04"),
    SAMPLE("zip", 0, "\x50\x4b\x05\x06"),
    SAMPLE("gzip", 0, "\x1f\x8b\x08"),
    SAMPLE("xz", 0, "\xfd\x37\x7a\x58\x5a\x00"),
    SAMPLE("bzip2", 4, "\x31\x41\x59\x26\x53\x59"),
    SAMPLE("zstd", 0, "\x28\xb5\x2f\xfd"),
    SAMPLE("lz4", 0, "\x04\x22\x4d\x18"),
    SAMPLE("lzip", 0, "LZIP"),
    SAMPLE("7z", 0, "\x37\x7a\xbc\xaf\x27\x1c"),
    SAMPLE("rar", 0, "\x52\x61\x72\x21\x1a\x07"),
    SAMPLE("cpio", 0, "070701"),
    SAMPLE("tar", 257, "ustar"),
    SAMPLE("elf", 0, "\x7f\x45\x4c\x46"),
    SAMPLE("android-sparse", 0, "\x3a\xff\x26\xed"),
    SAMPLE("android-boot", 0, "ANDROID!"),
    SAMPLE("uimage", 0, "\x27\x05\x19\x56"),
    SAMPLE("fdt", 0, "\xd0\x0d\xfe\xed"),
    SAMPLE("zimage", 36, "\x18\x28\x6f\x01"),
    SAMPLE("arm64-image", 56, "\x41\x52\x4d\x64"),
    SAMPLE("mcuboot", 0, "\x3d\xb8\xf3\x96"),
    SAMPLE("uf2", 0, "\x55\x46\x32\x0a\x57\x51\x5d\x9e"),
    SAMPLE("squashfs", 0, "hsqs"),
    SAMPLE("ubi", 0, "UBI#"),
    SAMPLE("ubifs", 0, "\x31\x18\x10\x06"),
    SAMPLE("html", 0, "<!DOCTYPE"),
    SAMPLE("html", 0, "<!doctype"),
    SAMPLE("html", 0, "<html"),
    SAMPLE("git-lfs", 0, "version https://git-lfs"),
    /* those that take more than a comparison */
    SAMPLE("lzma", 0,
           "\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
    SAMPLE("lzma", 0, "\x5d\x00\x00\xc0\x00\x00\x00\x00\x02\0\0\0\0\x00"),
    SAMPLE("ihex", 0, ":10010000214601360121470136007EFE09D2190140"),
    SAMPLE("ihex", 0, ":00000001ff"),
    SAMPLE("srecord", 0, "S00F000068656C6C6F202020202000003C"),
    SAMPLE("srecord", 0, "S9030000FC"),
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* A file of zeros but for `sample`, cut at `size`; malloc guards its end. */
static uint8_t *file_of(const struct sample *sample, size_t size)
{
    uint8_t *file = calloc(1, size > 0 ? size : 1);

    assert_non_null(file);
    for (size_t i = 0; i < sample->size && sample->at + i < size; i++)
        file[sample->at + i] = (uint8_t)sample->bytes[i];
    return file;
}

static const char *name_of(const uint8_t *file, size_t size)
{
    const struct dfota_magic *magic =
        dfota_magic_of((struct dfota_view){file, size});

    return magic == NULL ? "unknown" : magic->name;
}

static void recognises_every_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t size = samples[i].at + samples[i].size;
        uint8_t *file = file_of(&samples[i], size);

        assert_string_equal(name_of(file, size), samples[i].name);
        free(file);
    }
}

static void recognises_every_kind_by_its_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t *file = file_of(&samples[i], DFOTA_MAGIC_HEAD_SIZE);

        assert_string_equal(name_of(file, DFOTA_MAGIC_HEAD_SIZE),
                            samples[i].name);
        free(file);
    }
}

static void needs_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t full = samples[i].at + samples[i].size;

        for (size_t size = 0; size < full; size++) {
            uint8_t *file = file_of(&samples[i], size);

            assert_string_equal(name_of(file, size), "unknown");
            free(file);
        }
    }
}

/* No bit of a magic may change; only a hex digit's case is free. */
static void heeds_every_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t size = samples[i].at + samples[i].size;
        uint8_t *file = file_of(&samples[i], size);

        if (strcmp(samples[i].name, "lzma") == 0 ||
            strcmp(samples[i].name, "ihex") == 0 ||
            strcmp(samples[i].name, "srecord") == 0 ||
            strcmp(samples[i].name, "html") == 0) {
            free(file);
            continue;
        }
        for (size_t bit = 0; bit < 8 * samples[i].size; bit++) {
            uint8_t *byte = &file[samples[i].at + bit / 8];

            *byte ^= (uint8_t)(1 << bit % 8);
            assert_string_equal(name_of(file, size), "unknown");
            *byte ^= (uint8_t)(1 << bit % 8);
        }
        free(file);
    }
}

static void takes_no_similar_bytes_for_lzma_or_hex(void **state)
{
    static const struct sample similar[] = {
        /* other properties; a dictionary of odd size, none, of five times a
           power of two, a small one; a wrong first byte; 256 GiB of contents */
        SAMPLE("", 0, "\x5e\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        SAMPLE("", 0, "\x5d\x01\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        SAMPLE("", 0, "\x5d\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        SAMPLE("", 0, "\x5d\x00\x00\x50\x00\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        SAMPLE("", 0, "\x5d\x00\x08\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        SAMPLE("", 0, "\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\1"),
        SAMPLE("", 0, "\x5d\x00\x00\x80\x00\0\0\0\0\x40\0\0\0\0"),
        /* wrong checksums, a digit that is none, a type that is none */
        SAMPLE("", 0, ":00000001FE"),
        SAMPLE("", 0, ":0000000GFF"),
        SAMPLE("", 0, "S9030000FB"),
        SAMPLE("", 0, "SA030000FC"),
        SAMPLE("", 0, "S900"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(similar) / sizeof(similar[0]); i++) {
        uint8_t *file = file_of(&similar[i], similar[i].size);

        assert_string_equal(name_of(file, similar[i].size), "unknown");
        free(file);
    }
}

static void describes_every_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t size = samples[i].at + samples[i].size;
        uint8_t *file = file_of(&samples[i], size);
        const struct dfota_magic *magic =
            dfota_magic_of((struct dfota_view){file, size});

        assert_non_null(magic);
        assert_true(strlen(magic->description) > 5);
        assert_int_equal(strspn(magic->name, "abcdefghijklmnopqrstuvwxyz"
                                             "0123456789-"),
                         strlen(magic->name));
        free(file);
    }
}

static void raw_firmware_is_unknown(void **state)
{
    static const uint8_t erased[DFOTA_MAGIC_HEAD_SIZE] = {0};
    static const uint8_t vectors[] = {0x00, 0x00, 0x02, 0x20,
                                      0xc1, 0x01, 0x00, 0x08};
    uint8_t blank[DFOTA_MAGIC_HEAD_SIZE];

    (void)state;
    memset(blank, 0xff, sizeof(blank));
    assert_string_equal(name_of(erased, sizeof(erased)), "unknown");
    assert_string_equal(name_of(blank, sizeof(blank)), "unknown");
    assert_string_equal(name_of(vectors, sizeof(vectors)), "unknown");
    assert_string_equal(name_of(NULL, 0), "unknown");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognises_every_kind),
        cmocka_unit_test(recognises_every_kind_by_its_head),
        cmocka_unit_test(needs_every_byte),
        cmocka_unit_test(heeds_every_bit),
        cmocka_unit_test(takes_no_similar_bytes_for_lzma_or_hex),
        cmocka_unit_test(describes_every_kind),
        cmocka_unit_test(raw_firmware_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
