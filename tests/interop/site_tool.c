/* SPDX-License-Identifier: MIT */
/*
 * site_tool.c - shows what is taken for a site, and where it leads
 *
 *   site_tool ISA CLASSES SIZE POSITION SHIFT <CODE
 *
 * ISA is a number of enum dfota_isa_id.  Each SIZE bytes of CODE are looked at
 * by themselves, the first at POSITION; all numbers may be hexadecimal.  A line
 * for each that begins with a site: its position, kind, target, and its bytes
 * when they lead SHIFT further, or "-" where they cannot.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/apply/site.h"

#define PIECE_MAX 16

static const struct dfota_isa *find_isa(unsigned long id)
{
    static const struct dfota_isa *const all[] = {
        &dfota_isa_t32,   &dfota_isa_a32, &dfota_isa_a64,
        &dfota_isa_riscv, &dfota_isa_x86, &dfota_isa_xtensa};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i]->id == id)
            return all[i];
    return NULL;
}

static void show_moved(const struct dfota_isa *isa,
                       const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t shift)
{
    printf("%" PRIx32 " %d %" PRIx32 " ", pos, site->kind, site->target);
    if (!isa->write(site, bytes, pos, site->target + shift)) {
        printf("-\n");
        return;
    }
    for (size_t i = 0; i < site->size; i++)
        printf("%02x", bytes[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    uint8_t bytes[PIECE_MAX];
    const struct dfota_isa *isa;
    unsigned long numbers[5];

    if (argc != 6)
        return 2;
    for (int i = 0; i < 5; i++)
        numbers[i] = strtoul(argv[i + 1], NULL, 0);
    isa = find_isa(numbers[0]);
    if (!isa || numbers[2] == 0 || numbers[2] > PIECE_MAX)
        return 2;
    for (uint32_t pos = (uint32_t)numbers[3];
         fread(bytes, 1, numbers[2], stdin) == numbers[2];
         pos += (uint32_t)numbers[2]) {
        struct dfota_site site;

        if (isa->read((uint8_t)numbers[1], bytes, numbers[2], pos, &site))
            show_moved(isa, &site, bytes, pos, (uint32_t)numbers[4]);
    }
    return ferror(stdin) ? 1 : 0;
}
