/* SPDX-License-Identifier: MIT */
#include "lib/delta/budget.h"

#include "lib/apply/delta_header.h"
#include "lib/apply/learned.h"

#define LEARNED_SHARE 2    /* the learned table takes one part in so many */
#define LEARNED_MAX   1024 /* entries; more did not make deltas smaller */
#define MAP_SHARE     3    /* the map takes one part in so many of the rest */
#define LEARNED_SIZE  sizeof(struct dfota_learned_entry)
#define LENGTH_MIN    16u /* bytes; shorter ones say little of where code is */
#define SLOTS_FEW     65536u /* enough for the smallest images */
#define SLOTS_A_BYTE                                                           \
    4u /* of what is made with them: more are hardly ever used */
#define SLOTS_MOST (1u << 22) /* and more than that take time to clear */

/* The smallest length of which no more than `most` copies are. */
static uint32_t map_length(const struct dfota_plan *plan, size_t most)
{
    uint32_t length = LENGTH_MIN;

    while (dfota_plan_count(plan, length) > most)
        length += length / 2;
    return length;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What our own coding leaves of the memory when it has the fewest slots. */
static size_t spare_memory(const struct dfota_plan *plan, uint32_t ram)
{
    const struct dfota_delta_header header = {
        .coding = DFOTA_CODING_ID_MIXED,
        .new_size = (uint32_t)plan->new.size,
        .order = plan->order,
        .mixed = {.slots = DFOTA_MIXED_SLOTS_MIN},
    };
    uint32_t needed = dfota_delta_memory(&header);

    return ram > needed ? ram - needed : 0;
}

void dfota_budget_tables(struct dfota_plan *plan, uint32_t ram)
{
    struct dfota_prediction *prediction = &plan->prediction;
    size_t spare = spare_memory(plan, ram);
    size_t learned = least(spare / LEARNED_SHARE / LEARNED_SIZE, LEARNED_MAX);
    size_t most = (spare - learned * LEARNED_SIZE) / MAP_SHARE /
                  sizeof(struct dfota_map_entry);

    prediction->map_length = 0;
    prediction->map_count = 0;
    prediction->learned = 0;
    if (prediction->dialect_count + prediction->base_count +
            prediction->range_count ==
        0)
        return;
    prediction->map_length = map_length(plan, most);
    prediction->map_count = dfota_plan_count(plan, prediction->map_length);
    prediction->learned = (uint32_t)learned;
}

uint32_t dfota_budget_slots(const struct dfota_plan *plan, uint32_t ram)
{
    struct dfota_delta_header header = {
        .coding = DFOTA_CODING_ID_MIXED,
        .new_size = (uint32_t)plan->new.size,
        .prediction = plan->prediction,
        .order = plan->order,
        .mixed = {.slots = DFOTA_MIXED_SLOTS_MIN},
    };
    uint32_t needed = dfota_delta_memory(&header);
    size_t at_once = plan->order.segment_size > 0 ? plan->order.segment_size
                                                  : plan->new.size;
    uint32_t most =
        SLOTS_A_BYTE * (uint32_t)least(at_once, SLOTS_MOST / SLOTS_A_BYTE);
    uint32_t slots;

    if (needed > ram)
        return 0;
    if (most < SLOTS_FEW)
        most = SLOTS_FEW;
    slots = (ram - needed) / 16 * 8 + DFOTA_MIXED_SLOTS_MIN;
    return (uint32_t)least(slots, most);
}
