/* SPDX-License-Identifier: MIT */
#include "tests/power/sim.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/random.h"

#define PAGE 4096

/* What a byte has gone through since it was erased. */
enum byte_state { BLANK, PROGRAMMED, TORN };

struct sim_page {
    unsigned users;
    bool unstable; /* `mask` is not all zero */
    uint8_t bytes[PAGE];
    uint8_t mask[PAGE]; /* bits that read differently each time */
    uint8_t state[PAGE];
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static uint32_t page_count(const struct sim *sim)
{
    return (sim->flash.size + PAGE - 1) / PAGE;
}

static void drop(struct sim_page *page)
{
    if (--page->users == 0)
        free(page);
}

/* The page of its own that a flash may write to. */
static struct sim_page *own(struct sim *sim, uint32_t index)
{
    struct sim_page *page = sim->pages[index];

    if (page->users > 1) {
        struct sim_page *copy = must(malloc(sizeof(*copy)));

        memcpy(copy, page, sizeof(*copy));
        copy->users = 1;
        page->users--;
        sim->pages[index] = copy;
    }
    return sim->pages[index];
}

/* How much of `size` bytes at `address` lies on its page. */
static uint32_t part_of(uint32_t address, uint32_t size)
{
    uint32_t left = PAGE - address % PAGE;

    return size < left ? size : left;
}

static void complain(struct sim *sim, const char *what)
{
    if (sim->misuse == NULL)
        sim->misuse = what;
}

/* --- damage --------------------------------------------------------------- */

/* Makes a few bits of those in which the operation changes a byte unstable. */
static void shake(struct sim *sim, const struct sim_op *op)
{
    unsigned count = 1 + random_below(&sim->random, 3);

    for (unsigned i = 0; i < count; i++) {
        uint32_t at = op->address + random_below(&sim->random, op->size);
        struct sim_page *page = own(sim, at / PAGE);

        page->mask[at % PAGE] |= (uint8_t)(1U << random_below(&sim->random, 8));
        page->unstable = true;
    }
}

static void damage_byte(struct sim *sim, uint32_t at, uint8_t to,
                        enum sim_damage damage)
{
    struct sim_page *page = own(sim, at / PAGE);
    uint8_t *byte = &page->bytes[at % PAGE];
    uint8_t change = *byte ^ to;

    page->state[at % PAGE] = TORN;
    if (damage == SIM_MARGINAL) {
        *byte = to;
        page->mask[at % PAGE] = 0;
    }
    if (damage != SIM_SUBSET && damage != SIM_UNSTABLE)
        return;
    *byte ^= change & (uint8_t)random_next(&sim->random);
    if (damage != SIM_UNSTABLE)
        return;
    page->mask[at % PAGE] |= change & (uint8_t)random_next(&sim->random);
    page->unstable = true;
}

void sim_damage(struct sim *sim, const struct sim_op *op,
                enum sim_damage damage)
{
    uint32_t done = op->size;

    if (damage == SIM_NOTHING)
        return;
    if (damage == SIM_PREFIX)
        done = random_below(&sim->random, op->size);
    for (uint32_t i = 0; i < op->size; i++) {
        uint32_t at = op->address + i;
        uint8_t to = op->bytes != NULL ? op->bytes[i] : sim->flash.erased;
        bool whole = damage == SIM_ALL || (damage == SIM_PREFIX && i < done);
        struct sim_page *page = own(sim, at / PAGE);

        if (!whole) {
            damage_byte(sim, at, to, damage);
            continue;
        }
        page->bytes[at % PAGE] = to;
        page->mask[at % PAGE] = 0;
        page->state[at % PAGE] = damage != SIM_ALL   ? TORN
                                 : op->bytes != NULL ? PROGRAMMED
                                                     : BLANK;
    }
    if (damage == SIM_TRACE || damage == SIM_MARGINAL)
        shake(sim, op);
}

/* --- the flash's callbacks ------------------------------------------------ */

static bool inside(struct sim *sim, uint32_t address, size_t size)
{
    if (size <= sim->flash.size && address <= sim->flash.size - size)
        return true;
    complain(sim, "asked for bytes outside the flash");
    return false;
}

static enum dfota_error sim_read(void *context, uint32_t address, void *out,
                                 size_t size)
{
    struct sim *sim = context;
    uint8_t *to = out;

    if (sim->off || !inside(sim, address, size))
        return DFOTA_ERR_IO;
    for (uint32_t part, left = (uint32_t)size; left > 0; left -= part) {
        const struct sim_page *page = sim->pages[address / PAGE];

        part = part_of(address, left);
        memcpy(to, page->bytes + address % PAGE, part);
        for (uint32_t i = 0; page->unstable && i < part; i++)
            to[i] ^= page->mask[address % PAGE + i] &
                     (uint8_t)random_next(&sim->random);
        address += part;
        to += part;
    }
    return DFOTA_OK;
}

/* Whether the operation goes on as it should. */
static bool goes_on(struct sim *sim, const struct sim_op *op)
{
    sim->ops++;
    if (sim->watch != NULL)
        sim->watch(sim, op);
    if (!sim->fail || sim->off)
        return !sim->off;
    sim->fail = false;
    sim_damage(sim, op, sim->damage);
    return false;
}

/* Programs what is known to be in one page. */
static enum dfota_error program(struct sim *sim, const struct sim_op *op)
{
    struct sim_page *page = own(sim, op->address / PAGE);
    uint32_t at = op->address % PAGE;

    for (uint32_t i = 0; i < op->size; i++) {
        if (page->state[at + i] == TORN)
            return DFOTA_ERR_IO; /* as hardware does that counts writes */
        if (page->state[at + i] == PROGRAMMED)
            complain(sim, "programmed a unit that was not erased");
    }
    memcpy(page->bytes + at, op->bytes, op->size);
    memset(page->state + at, PROGRAMMED, op->size);
    sim->programmed += op->size;
    return DFOTA_OK;
}

static enum dfota_error sim_program(void *context, uint32_t address,
                                    const void *bytes, size_t size)
{
    struct sim *sim = context;
    const struct sim_op op = {address, (uint32_t)size, bytes};

    if (sim->off || !inside(sim, address, size))
        return DFOTA_ERR_IO;
    if (size == 0 || address % sim->flash.program_unit != 0 ||
        size % sim->flash.program_unit != 0)
        complain(sim, "programmed parts of units");
    if (address / DFOTA_FLASH_PAGE !=
        (address + (uint32_t)size - 1) / DFOTA_FLASH_PAGE)
        complain(sim, "programmed over the end of a page");
    return goes_on(sim, &op) ? program(sim, &op) : DFOTA_ERR_IO;
}

static enum dfota_error sim_erase(void *context, uint32_t address)
{
    struct sim *sim = context;
    const struct sim_op op = {address, sim->flash.sector_size, NULL};

    if (sim->off || !inside(sim, address, op.size))
        return DFOTA_ERR_IO;
    if (address % op.size != 0)
        complain(sim, "erased from where no sector begins");
    sim->erases[address / op.size]++;
    if (!goes_on(sim, &op))
        return DFOTA_ERR_IO;
    for (uint32_t i = 0, part; i < op.size; i += part) {
        uint32_t at = (address + i) % PAGE;
        struct sim_page *page = own(sim, (address + i) / PAGE);

        part = part_of(address + i, op.size - i);
        memset(page->bytes + at, sim->flash.erased, part);
        memset(page->mask + at, 0, part);
        memset(page->state + at, BLANK, part);
        if (part == PAGE)
            page->unstable = false;
    }
    return DFOTA_OK;
}

/* --- flashes -------------------------------------------------------------- */

static struct sim *sim_empty(const struct dfota_flash *like, uint32_t random)
{
    struct sim *sim = must(calloc(1, sizeof(*sim)));

    sim->flash = *like;
    sim->flash.context = sim;
    sim->flash.read = sim_read;
    sim->flash.program = sim_program;
    sim->flash.erase = sim_erase;
    sim->random = random != 0 ? random : 1;
    sim->pages = must(calloc(page_count(sim), sizeof(struct sim_page *)));
    sim->erases =
        must(calloc(like->size / like->sector_size, sizeof(*sim->erases)));
    return sim;
}

struct sim *sim_new(const struct dfota_flash *like, const uint8_t *image,
                    uint32_t random)
{
    struct sim *sim = sim_empty(like, random);

    for (uint32_t i = 0; i < page_count(sim); i++) {
        struct sim_page *page = must(calloc(1, sizeof(*page)));
        uint32_t left = like->size - i * PAGE;

        page->users = 1;
        memcpy(page->bytes, image + (size_t)i * PAGE,
               left < PAGE ? left : PAGE);
        memset(page->state, PROGRAMMED, PAGE);
        sim->pages[i] = page;
    }
    return sim;
}

struct sim *sim_clone(const struct sim *sim, uint32_t random)
{
    struct sim *clone = sim_empty(&sim->flash, random);

    for (uint32_t i = 0; i < page_count(sim); i++) {
        clone->pages[i] = sim->pages[i];
        clone->pages[i]->users++;
    }
    memcpy(clone->erases, sim->erases,
           sim->flash.size / sim->flash.sector_size * sizeof(*sim->erases));
    clone->ops = sim->ops;
    clone->programmed = sim->programmed;
    return clone;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    for (uint32_t i = 0; i < page_count(sim); i++)
        drop(sim->pages[i]);
    free(sim->pages);
    free(sim->erases);
    free(sim);
}

bool sim_holds(const struct sim *sim, uint32_t address, const uint8_t *bytes,
               uint32_t size)
{
    for (uint32_t part; size > 0; size -= part) {
        const struct sim_page *page = sim->pages[address / PAGE];
        uint32_t at = address % PAGE;

        part = part_of(address, size);
        if (memcmp(page->bytes + at, bytes, part) != 0)
            return false;
        for (uint32_t i = 0; page->unstable && i < part; i++)
            if (page->mask[at + i] != 0)
                return false;
        address += part;
        bytes += part;
    }
    return true;
}

bool sim_equal(const struct sim *a, const struct sim *b, struct dfota_area area)
{
    for (uint32_t i = area.address / PAGE;
         i < (area.address + area.size) / PAGE; i++) {
        const struct sim_page *x = a->pages[i];
        const struct sim_page *y = b->pages[i];

        if (x != y && (memcmp(x->bytes, y->bytes, PAGE) != 0 ||
                       memcmp(x->mask, y->mask, PAGE) != 0))
            return false;
    }
    return true;
}

uint32_t sim_most_erases(const struct sim *sim, struct dfota_area area)
{
    uint32_t sector = sim->flash.sector_size;
    uint32_t most = 0;

    for (uint32_t i = area.address / sector;
         i < (area.address + area.size) / sector; i++)
        if (sim->erases[i] > most)
            most = sim->erases[i];
    return most;
}
