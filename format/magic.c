/* SPDX-License-Identifier: MIT */
#include "format/magic.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/apply/cursor.h"

/*
 * LZMA without a container has no magic: five bytes of properties, the size
 * of the contents, and a range coder that always begins with a zero.  Only the
 * properties that everybody uses are recognised, and only sizes that make
 * sense, so that raw data is not mistaken for it.
 */
static bool is_lzma(struct dfota_view head)
{
    struct dfota_cursor cursor = dfota_cursor(head.data, head.size);
    uint64_t properties = dfota_cursor_le(&cursor, 1);
    uint64_t dictionary = dfota_cursor_le(&cursor, 4);
    uint64_t contents = dfota_cursor_le(&cursor, 8);
    uint64_t first = dfota_cursor_le(&cursor, 1);
    uint64_t low = dictionary & (0 - dictionary); /* its lowest bit */

    return !cursor.short_read && properties == 0x5d && first == 0 &&
           dictionary >= 4096 &&
           (dictionary == low || dictionary == 3 * low) && /* 2^n or 3*2^n */
           (contents < (uint64_t)1 << 38 || contents == UINT64_MAX);
}

/* The value of a hex digit, or -1. */
static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* The next two hex digits as a byte, or -1. */
static int hex_byte(struct dfota_cursor *cursor)
{
    const uint8_t *text = dfota_cursor_bytes(cursor, 2);
    int high = text != NULL ? digit_of(text[0]) : -1;
    int low = text != NULL ? digit_of(text[1]) : -1;

    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/*
 * True when after `skip` characters comes a line of hex bytes, the first of
 * which says how many follow but for `more`, and which sum to `sum` modulo
 * 256: the shape of Intel HEX and Motorola S-records.
 */
static bool is_hex_record(struct dfota_view head, size_t skip, int more,
                          int sum)
{
    struct dfota_cursor cursor = dfota_cursor(head.data, head.size);
    int total;
    int left;

    dfota_cursor_bytes(&cursor, skip);
    total = hex_byte(&cursor);
    if (total < 0)
        return false;
    for (left = total + more; left > 0; left--) {
        int byte = hex_byte(&cursor);

        if (byte < 0)
            return false;
        total += byte;
    }
    return total % 256 == sum;
}

static bool is_ihex(struct dfota_view head)
{
    return is_hex_record(head, 1, 4, 0); /* address, type, checksum */
}

static bool is_srecord(struct dfota_view head)
{
    return head.size > 1 && digit_of(head.data[1]) >= 0 &&
           digit_of(head.data[1]) <= 9 && is_hex_record(head, 2, 0, 255);
}

struct pattern {
    struct dfota_magic magic;
    size_t at;                            /* offset of `bytes` in the file */
    const char *bytes;                    /* must be there */
    size_t size;                          /* number of `bytes` */
    bool (*also)(struct dfota_view head); /* must hold too, unless NULL */
};

/* The bytes of a string literal without its terminator, and where they lie. */
#define AT(offset, literal)                                                    \
    .at = (offset), .bytes = (literal), .size = sizeof(literal) - 1
#define START(literal) AT(0, literal)

/* Asked in this order. */
static const struct pattern patterns[] = {
    /* ours */
    {{"dfota-delta", "mkdelta delta"}, START("\211DFD")},
    {{"dfota-mini-1", "MiniFOTA package, first file"}, START("\211DFM")},
    {{"dfota-mini-2", "MiniFOTA package, second file"}, START("\211DFN")},

    /* patches of others */
    {{"bsdiff40", "bsdiff 4 patch (BSDIFF40)"}, START("BSDIFF40")},
    {{"bsdiff43", "bsdiff patch in one stream (ENDSLEY/BSDIFF43)"},
     START("ENDSLEY/BSDIFF43")},
    {{"bsdf2", "Android bsdiff patch (BSDF2)"}, START("BSDF2")},
    {{"imgdiff", "Android imgdiff patch"}, START("IMGDIFF")},
    {{"puffin", "Android puffin patch"}, START("PUF1")},
    {{"zucchini", "zucchini patch"}, START("Zucc")},
    {{"hdiffpatch", "HDiffPatch patch"}, START("HDIFF")},
    {{"vcdiff", "VCDIFF patch (xdelta3, open-vcdiff)"}, START("\xd6\xc3\xc4")},
    {{"rdiff", "rdiff delta"}, START("rs\0026")},
    {{"zchunk", "zchunk file"}, START("\0ZCK1")},

    /* packages of others */
    {{"marvell-fbf", "Marvell flash package (Marvell_FBF)"},
     START("Marvell_FBF")},
    {{"fota-fir", "vendor package (FOTA_FIR)"}, START("FOTA_FIR")},
    {{"fota-sec", "vendor package (FOTA_SEC)"}, START("FOTA_SEC")},
    {{"fota-all", "vendor package (FOTA_ALL)"}, START("FOTA_ALL")},
    {{"pac", "UNISOC flash package (.pac)"}, START("B\0P\0_\0R\0")},
    {{"pac", "UNISOC flash package (.pac)"}, AT(2116, "\xfa\xff\xfa\xff")},
    {{"android-payload", "Android A/B update payload"}, START("CrAU")},

    /* archives and compressed files */
    {{"zip", "zip archive"}, START("PK\3\4")},
    {{"zip", "empty zip archive"}, START("PK\5\6")},
    {{"gzip", "gzip file"}, START("\x1f\x8b\x08")},
    {{"xz", "xz file"}, START("\3757zXZ\0")},
    {{"bzip2", "bzip2 file"}, AT(4, "1AY&SY")},
    {{"zstd", "Zstandard file"}, START("\x28\xb5\x2f\xfd")},
    {{"lz4", "LZ4 file"}, START("\x04\x22\x4d\x18")},
    {{"lzip", "lzip file"}, START("LZIP")},
    {{"7z", "7-Zip archive"}, START("7z\xbc\xaf\x27\x1c")},
    {{"rar", "RAR archive"}, START("Rar!\x1a\x07")},
    {{"cpio", "cpio archive"}, START("070701")},
    {{"tar", "tar archive"}, AT(257, "ustar")},
    {{"lzma", "LZMA file without container"}, START("\x5d"), .also = is_lzma},

    /* images */
    {{"elf", "ELF program"}, START("\177ELF")},
    {{"android-sparse", "Android sparse image"}, START("\x3a\xff\x26\xed")},
    {{"android-boot", "Android boot image"}, START("ANDROID!")},
    {{"uimage", "U-Boot image (uImage)"}, START("\x27\x05\x19\x56")},
    {{"fdt", "device tree or FIT image"}, START("\xd0\x0d\xfe\xed")},
    {{"zimage", "Arm Linux kernel (zImage)"}, AT(36, "\x18\x28\x6f\x01")},
    {{"arm64-image", "Arm64 Linux kernel (Image)"}, AT(56, "ARMd")},
    {{"mcuboot", "MCUboot image"}, START("\x3d\xb8\xf3\x96")},
    {{"uf2", "UF2 image"}, START("UF2\n\x57\x51\x5d\x9e")},
    {{"squashfs", "squashfs file system"}, START("hsqs")},
    {{"ubi", "UBI image"}, START("UBI#")},
    {{"ubifs", "UBIFS file system"}, START("\x31\x18\x10\x06")},
    {{"ihex", "Intel HEX file"}, START(":"), .also = is_ihex},
    {{"srecord", "Motorola S-record file"}, START("S"), .also = is_srecord},

    /* what a failed download leaves behind */
    {{"html", "HTML page"}, START("<!DOCTYPE")},
    {{"html", "HTML page"}, START("<!doctype")},
    {{"html", "HTML page"}, START("<html")},
    {{"git-lfs", "Git LFS pointer, not the file itself"},
     START("version https://git-lfs")},
};

static bool matches(const struct pattern *pattern, struct dfota_view head)
{
    if (head.size < pattern->at || head.size - pattern->at < pattern->size)
        return false;
    if (memcmp(head.data + pattern->at, pattern->bytes, pattern->size) != 0)
        return false;
    return pattern->also == NULL || pattern->also(head);
}

const struct dfota_magic *dfota_magic_of(struct dfota_view head)
{
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (matches(&patterns[i], head))
            return &patterns[i].magic;
    return NULL;
}
