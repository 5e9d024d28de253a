/* SPDX-License-Identifier: MIT */
/*
 * Whatever the bytes and the positions: a site lies within what is left, and
 * is the same one whatever else is looked for.  Made to lead where it leads it
 * stays; made to lead elsewhere it does, as the site it was, and back again it
 * is what it was.
 *
 * Input: the architecture, classes, both positions, the other target, and the
 * code.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/apply/site.h"

#define ALL      0xff /* classes */
#define CODE_MAX 256  /* bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dfota_isa *const isas[] = {
    &dfota_isa_t32,   &dfota_isa_a32, &dfota_isa_a64,
    &dfota_isa_riscv, &dfota_isa_x86, &dfota_isa_xtensa};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_same(const struct dfota_site *a, const struct dfota_site *b)
{
    require(a->target == b->target && a->kind == b->kind &&
            a->size == b->size && a->absolute == b->absolute);
}

/* What is found in `size` bytes alone, so that one more is an error. */
static bool read_alone(const struct dfota_isa *isa, const uint8_t *bytes,
                       size_t size, uint32_t pos, struct dfota_site *out)
{
    uint8_t *block = malloc(size);
    bool found;

    require(block != NULL);
    memcpy(block, bytes, size);
    found = isa->read(ALL, block, size, pos, out);
    free(block);
    return found;
}

/* Makes the site lead elsewhere, and back. */
static void check_write(const struct dfota_isa *isa,
                        const struct dfota_site *site, const uint8_t *bytes,
                        const uint32_t pos[2], uint32_t target)
{
    uint8_t moved[DFOTA_SITE_SIZE_MAX];
    struct dfota_site want = *site;
    struct dfota_site found;

    memcpy(moved, bytes, site->size);
    require(isa->write(site, moved, pos[0], site->target));
    require(memcmp(moved, bytes, site->size) == 0);
    if (!isa->write(site, moved, pos[1], target)) {
        require(memcmp(moved, bytes, site->size) == 0);
        return;
    }
    require(read_alone(isa, moved, site->size, pos[1], &found));
    want.target = target;
    if (site->kind == DFOTA_SITE_PAGE)
        want.target &= ~(uint32_t)0xfff;
    require_same(&found, &want);
    require(isa->write(site, moved, pos[0], site->target));
    require(memcmp(moved, bytes, site->size) == 0);
}

static void check(const struct dfota_isa *isa, uint8_t classes,
                  const struct dfota_cursor *code, const uint32_t pos[2],
                  uint32_t target)
{
    struct dfota_site site;
    struct dfota_site found;

    if (!read_alone(isa, code->next, code->left, pos[0], &site)) {
        require(!isa->read(classes, code->next, code->left, pos[0], &found));
        return;
    }
    require(site.kind < DFOTA_SITE_KIND_COUNT && site.size >= 2);
    require(site.size <= code->left && site.size <= DFOTA_SITE_SIZE_MAX);
    if (isa->read(classes, code->next, code->left, pos[0], &found))
        require_same(&found, &site);
    require(read_alone(isa, code->next, site.size, pos[0], &found));
    require_same(&found, &site);
    check_write(isa, &site, code->next, pos, target);
    check_write(isa, &site, code->next, pos, site.target + (target >> 20));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_cursor input = dfota_cursor(data, size);
    const struct dfota_isa *isa =
        isas[dfota_cursor_le(&input, 1) % (sizeof(isas) / sizeof(isas[0]))];
    uint8_t classes = (uint8_t)dfota_cursor_le(&input, 1);
    uint32_t pos[2];
    uint32_t target;

    pos[0] = (uint32_t)dfota_cursor_le(&input, 4);
    pos[1] = (uint32_t)dfota_cursor_le(&input, 4);
    target = (uint32_t)dfota_cursor_le(&input, 4);
    if (input.short_read || input.left > CODE_MAX)
        return 0;
    while (input.left > 0) {
        check(isa, classes, &input, pos, target);
        if (!dfota_cursor_bytes(&input, isa->step))
            break;
        pos[0] += isa->step;
        pos[1] += isa->step;
    }
    return 0;
}
