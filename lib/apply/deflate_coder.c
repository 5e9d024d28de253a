/* SPDX-License-Identifier: MIT */
#include "lib/apply/deflate_coder.h"

#include "lib/apply/bytes.h"

#define LENGTHS      257 /* the first symbol of a length */
#define LENGTH_MIN   3
#define LENGTH_MAX   258 /* which has a symbol of its own */
#define LONGEST      285
#define NO_SYMBOL    UINT16_MAX
#define REPEAT       16 /* symbols that tell lengths: of the one before, */
#define ZEROS        17 /* of few zeros, */
#define MANY_ZEROS   18 /* and of many */
#define REPEAT_MAX   6
#define ZEROS_MAX    10
#define ALL_ZEROS    138
#define ORDER_BITS   7 /* of a code that tells lengths, at most */
#define LITERALS_MIN 257
#define ORDER_MIN    4

static const uint8_t order[DFOTA_PACKED_ORDER] = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

uint32_t dfota_deflate_bits(struct dfota_deflate *deflate, unsigned count,
                            uint32_t value)
{
    uint32_t mask = ((uint32_t)1 << count) - 1;

    value &= mask;
    if (!deflate->writes) {
        for (; deflate->bit_count < count; deflate->bit_count += 8)
            deflate->bits |= (uint32_t)dfota_packed_get(deflate->io)
                             << deflate->bit_count;
        value = deflate->bits & mask;
        deflate->bits >>= count;
        deflate->bit_count = (uint8_t)(deflate->bit_count - count);
        return value;
    }
    deflate->bits |= value << deflate->bit_count;
    deflate->bit_count = (uint8_t)(deflate->bit_count + count);
    for (; deflate->bit_count >= 8; deflate->bit_count -= 8) {
        dfota_packed_put(deflate->io, (uint8_t)deflate->bits);
        deflate->bits >>= 8;
    }
    return value;
}

void dfota_deflate_align(struct dfota_deflate *deflate)
{
    if (deflate->writes && deflate->bit_count > 0)
        dfota_packed_put(deflate->io, (uint8_t)deflate->bits);
    deflate->bits = 0;
    deflate->bit_count = 0;
}

/* Makes the code of `count` symbols; false where it has too many. */
static bool make_code(struct dfota_deflate_code *code, unsigned count)
{
    uint16_t place[DFOTA_DEFLATE_BITS + 1] = {0};
    uint32_t first[DFOTA_DEFLATE_BITS + 1] = {0}; /* less its place */
    uint32_t next = 0;

    for (unsigned i = 0; i <= DFOTA_DEFLATE_BITS; i++)
        code->counts[i] = 0;
    for (unsigned i = 0; i < count; i++)
        code->counts[code->bits[i]]++;
    code->counts[0] = 0;
    for (unsigned i = 1; i <= DFOTA_DEFLATE_BITS; i++) {
        next = (next + code->counts[i - 1]) << 1;
        if (next + code->counts[i] > (uint32_t)1 << i)
            return false;
        place[i] = (uint16_t)(place[i - 1] + code->counts[i - 1]);
        first[i] = next - place[i];
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned bits = code->bits[i];

        if (bits == 0)
            continue;
        code->codes[i] = (uint16_t)(first[bits] + place[bits]);
        code->sorted[place[bits]++] = (uint16_t)i;
    }
    return true;
}

static bool make_codes(struct dfota_deflate *deflate)
{
    deflate->literals.bits = deflate->lengths.bits;
    deflate->literals.sorted = deflate->sorted;
    deflate->literals.codes = deflate->codes;
    deflate->distances.bits = deflate->lengths.bits + DFOTA_DEFLATE_LITERALS;
    deflate->distances.sorted = deflate->sorted + DFOTA_DEFLATE_LITERALS;
    deflate->distances.codes = deflate->codes + DFOTA_DEFLATE_LITERALS;
    return make_code(&deflate->literals, DFOTA_DEFLATE_LITERALS) &&
           make_code(&deflate->distances, DFOTA_DEFLATE_DISTANCES);
}

static unsigned code_symbol(struct dfota_deflate *deflate,
                            const struct dfota_deflate_code *code,
                            unsigned symbol)
{
    uint32_t value = 0; /* how far the code is behind the first so long */
    uint32_t index = 0;

    if (deflate->writes) { /* the highest bit first */
        for (unsigned i = code->bits[symbol]; i-- > 0;)
            dfota_deflate_bits(deflate, 1, (uint32_t)code->codes[symbol] >> i);
        return symbol;
    }
    for (unsigned i = 1; i <= DFOTA_DEFLATE_BITS; i++) {
        value = value << 1 | dfota_deflate_bits(deflate, 1, 0);
        if (value < code->counts[i])
            return code->sorted[index + value];
        value -= code->counts[i];
        index += code->counts[i];
    }
    return NO_SYMBOL;
}

void dfota_deflate_fixed(struct dfota_deflate *deflate)
{
    uint8_t *bits = deflate->lengths.bits;

    for (unsigned i = 0; i < sizeof(deflate->lengths.bits); i++) {
        bits[i] = i < DFOTA_DEFLATE_LITERALS ? 8 : 5;
        if (i >= 144 && i < 280)
            bits[i] = i < 256 ? 9 : 7;
    }
    make_codes(deflate); /* which these do */
}

/* Lengths of codes on their way: those of distances follow the literals'. */
struct list {
    unsigned literals; /* as many as are told */
    unsigned count;    /* with the distances */
    bool crosses;
    uint8_t bits[DFOTA_DEFLATE_LITERALS + DFOTA_DEFLATE_DISTANCES];
};

/* As many as are needed, and no fewer than `least`, of `count`. */
static unsigned needed(const uint8_t *bits, unsigned count, unsigned least)
{
    while (count > least && bits[count - 1] == 0)
        count--;
    return count;
}

static void fill_list(const struct dfota_deflate *deflate, uint8_t kind,
                      struct list *list)
{
    const uint8_t *bits = deflate->lengths.bits;
    const uint8_t *distances = bits + DFOTA_DEFLATE_LITERALS;

    list->crosses = (kind & DFOTA_DEFLATE_CROSSES) != 0;
    list->literals = needed(bits, DFOTA_DEFLATE_LITERALS, LITERALS_MIN);
    list->count =
        list->literals + needed(distances, DFOTA_DEFLATE_DISTANCES, 1);
    dfota_bytes_copy(list->bits, bits, list->literals);
    dfota_bytes_copy(list->bits + list->literals, distances,
                     DFOTA_DEFLATE_DISTANCES);
}

/* The symbol with which the lengths go on at `at`, and for how many. */
static unsigned run_at(const struct list *list, unsigned at, unsigned *symbol)
{
    bool apart = !list->crosses;
    unsigned end = apart && at < list->literals ? list->literals : list->count;
    bool first = at == 0 || (apart && at == list->literals);
    unsigned bits = list->bits[at];
    unsigned most = 1;
    unsigned run = 1;

    *symbol = bits;
    while (at + run < end && list->bits[at + run] == bits)
        run++;
    if (run >= 3 && bits == 0) {
        *symbol = run > ZEROS_MAX ? MANY_ZEROS : ZEROS;
        most = ALL_ZEROS;
    } else if (run >= 3 && !first && list->bits[at - 1] == bits) {
        *symbol = REPEAT;
        most = REPEAT_MAX;
    }
    return run < most ? run : most;
}

void dfota_deflate_count(const struct dfota_deflate *deflate, uint8_t kind,
                         uint32_t counts[DFOTA_PACKED_ORDER])
{
    struct list list;
    unsigned symbol;

    fill_list(deflate, kind, &list);
    for (unsigned i = 0; i < DFOTA_PACKED_ORDER; i++)
        counts[i] = 0;
    for (unsigned at = 0; at < list.count; counts[symbol]++)
        at += run_at(&list, at, &symbol);
}

/* A symbol and what belongs to it; gives for how many lengths, 0 for none. */
static unsigned code_run(struct dfota_deflate *deflate,
                         const struct dfota_deflate_code *code,
                         struct list *list, unsigned at)
{
    static const uint8_t more[3] = {2, 3, 7}; /* bits */
    static const uint8_t least[3] = {3, 3, 11};
    unsigned symbol = 0;
    unsigned run = 1;
    uint8_t bits = 0;

    if (deflate->writes)
        run = run_at(list, at, &symbol);
    symbol = code_symbol(deflate, code, symbol);
    if (symbol > MANY_ZEROS || (symbol == REPEAT && at == 0))
        return 0;
    if (symbol >= REPEAT)
        run = least[symbol - REPEAT] +
              dfota_deflate_bits(deflate, more[symbol - REPEAT],
                                 run - least[symbol - REPEAT]);
    else
        bits = (uint8_t)symbol;
    if (symbol == REPEAT)
        bits = list->bits[at - 1];
    if (run > list->count - at)
        return 0;
    if ((at < list->literals && at + run > list->literals) ||
        (at == list->literals && symbol == REPEAT))
        list->crosses = true;
    for (unsigned i = 0; i < run; i++)
        list->bits[at + i] = bits;
    return run;
}

static bool code_runs(struct dfota_deflate *deflate, struct list *list)
{
    uint16_t sorted[DFOTA_PACKED_ORDER];
    uint16_t codes[DFOTA_PACKED_ORDER];
    struct dfota_deflate_code code = {
        .sorted = sorted, .codes = codes, .bits = deflate->lengths.order};
    unsigned run;

    if (!make_code(&code, DFOTA_PACKED_ORDER))
        return false;
    for (unsigned at = 0; at < list->count; at += run) {
        run = code_run(deflate, &code, list, at);
        if (run == 0)
            return false;
    }
    return true;
}

bool dfota_deflate_lengths(struct dfota_deflate *deflate, uint8_t *kind)
{
    struct dfota_packed_codes *lengths = &deflate->lengths;
    struct list list;
    unsigned told = DFOTA_PACKED_ORDER;
    unsigned distances;

    if (!deflate->writes)
        *lengths = (struct dfota_packed_codes){0};
    fill_list(deflate, *kind, &list);
    while (told > ORDER_MIN && lengths->order[order[told - 1]] == 0)
        told--;
    distances = list.count - list.literals;
    list.literals =
        LITERALS_MIN +
        dfota_deflate_bits(deflate, 5, list.literals - LITERALS_MIN);
    distances = 1 + dfota_deflate_bits(deflate, 5, distances - 1);
    list.count = list.literals + distances;
    told = ORDER_MIN + dfota_deflate_bits(deflate, 4, told - ORDER_MIN);
    for (unsigned i = 0; i < told; i++)
        lengths->order[order[i]] =
            (uint8_t)dfota_deflate_bits(deflate, 3, lengths->order[order[i]]);
    if (!code_runs(deflate, &list))
        return false;
    if (list.crosses)
        *kind |= DFOTA_DEFLATE_CROSSES;
    dfota_bytes_copy(lengths->bits, list.bits, list.literals);
    dfota_bytes_copy(lengths->bits + DFOTA_DEFLATE_LITERALS,
                     list.bits + list.literals, distances);
    return make_codes(deflate);
}

unsigned dfota_deflate_symbol(const struct dfota_token *token, uint8_t literal)
{
    if (token->length == 0)
        return DFOTA_DEFLATE_END;
    if (token->kind == DFOTA_TOKEN_LITERAL)
        return literal;
    if (token->length == LENGTH_MAX)
        return LONGEST;
    return LENGTHS + dfota_packed_slot(token->length - LENGTH_MIN, 2);
}

unsigned dfota_deflate_distance_symbol(uint32_t distance)
{
    return dfota_packed_slot(distance - 1, 1);
}

/* The number in a slot that is known. */
static uint32_t code_number(struct dfota_deflate *deflate, unsigned slot,
                            unsigned grain, uint32_t number)
{
    unsigned bits;
    uint32_t base = dfota_packed_slot_base(slot, grain, &bits);

    return base + dfota_deflate_bits(deflate, bits, number - base);
}

bool dfota_deflate_token(struct dfota_deflate *deflate, uint8_t *literal,
                         struct dfota_token *token)
{
    unsigned symbol = code_symbol(deflate, &deflate->literals,
                                  dfota_deflate_symbol(token, *literal));

    if (symbol > LONGEST)
        return false;
    if (symbol <= DFOTA_DEFLATE_END) {
        *token = (struct dfota_token){.length = symbol < DFOTA_DEFLATE_END};
        if (token->length > 0)
            *literal = (uint8_t)symbol;
        return true;
    }
    token->kind = DFOTA_TOKEN_MATCH;
    token->length = symbol == LONGEST
                        ? LENGTH_MAX
                        : LENGTH_MIN + code_number(deflate, symbol - LENGTHS, 2,
                                                   token->length - LENGTH_MIN);
    symbol =
        deflate->writes ? dfota_deflate_distance_symbol(token->distance) : 0;
    symbol = code_symbol(deflate, &deflate->distances, symbol);
    if (symbol >= 30) /* which have a code, but no meaning */
        return false;
    token->distance = 1 + code_number(deflate, symbol, 1, token->distance - 1);
    return true;
}
