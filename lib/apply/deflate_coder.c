/* SPDX-License-Identifier: MIT */
#include "lib/apply/deflate_coder.h"

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
    uint16_t next[DFOTA_DEFLATE_BITS + 1] = {0};
    uint16_t place[DFOTA_DEFLATE_BITS + 1] = {0};
    uint32_t first = 0;

    for (unsigned i = 0; i <= DFOTA_DEFLATE_BITS; i++)
        code->counts[i] = 0;
    for (unsigned i = 0; i < count; i++)
        code->counts[code->bits[i]]++;
    code->counts[0] = 0;
    for (unsigned i = 1; i <= DFOTA_DEFLATE_BITS; i++) {
        first = (first + code->counts[i - 1]) << 1;
        if (first + code->counts[i] > (uint32_t)1 << i)
            return false;
        next[i] = (uint16_t)first;
        place[i] = (uint16_t)(place[i - 1] + code->counts[i - 1]);
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned bits = code->bits[i];
        unsigned forward;

        if (bits == 0)
            continue;
        code->sorted[place[bits]++] = (uint16_t)i;
        forward = next[bits]++;
        code->codes[i] = 0;
        for (; bits > 0; bits--, forward >>= 1)
            code->codes[i] = (uint16_t)(2u * code->codes[i] + forward % 2);
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

    if (deflate->writes) {
        dfota_deflate_bits(deflate, code->bits[symbol], code->codes[symbol]);
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
    for (unsigned i = 0; i < DFOTA_DEFLATE_LITERALS; i++) {
        uint8_t bits = 8;

        if (i >= 144 && i < 280)
            bits = i < 256 ? 9 : 7;
        deflate->lengths.bits[i] = bits;
    }
    for (unsigned i = 0; i < DFOTA_DEFLATE_DISTANCES; i++)
        deflate->lengths.bits[DFOTA_DEFLATE_LITERALS + i] = 5;
    make_codes(deflate); /* which these do */
}

/* Lengths of codes on their way; distances follow the literals there are. */
struct list {
    uint8_t *bits;
    unsigned literals; /* as many as are told */
    unsigned count;    /* with the distances */
    bool crosses;
};

static uint8_t *length_at(const struct list *list, unsigned at)
{
    if (at >= list->literals)
        at += DFOTA_DEFLATE_LITERALS - list->literals;
    return &list->bits[at];
}

/* As many as are needed, and no fewer than `least`, of `count`. */
static unsigned needed(const uint8_t *bits, unsigned count, unsigned least)
{
    while (count > least && bits[count - 1] == 0)
        count--;
    return count;
}

static struct list list_of(struct dfota_deflate *deflate, uint8_t kind)
{
    const uint8_t *distances = deflate->lengths.bits + DFOTA_DEFLATE_LITERALS;
    struct list list = {.bits = deflate->lengths.bits,
                        .crosses = (kind & DFOTA_DEFLATE_CROSSES) != 0};

    list.literals =
        needed(deflate->lengths.bits, DFOTA_DEFLATE_LITERALS, LITERALS_MIN);
    list.count = list.literals + needed(distances, DFOTA_DEFLATE_DISTANCES, 1);
    return list;
}

/* The symbol with which the lengths go on at `at`, and for how many. */
static unsigned run_at(const struct list *list, unsigned at, unsigned *symbol)
{
    unsigned end =
        !list->crosses && at < list->literals ? list->literals : list->count;
    bool first = at == 0 || (!list->crosses && at == list->literals);
    unsigned bits = *length_at(list, at);
    unsigned run = 1;

    while (at + run < end && *length_at(list, at + run) == bits)
        run++;
    *symbol = bits;
    if (bits == 0 && run >= 3) {
        *symbol = run > ZEROS_MAX ? MANY_ZEROS : ZEROS;
        return run < ALL_ZEROS ? run : ALL_ZEROS;
    }
    if (bits != 0 && run >= 3 && !first && *length_at(list, at - 1) == bits) {
        *symbol = REPEAT;
        return run < REPEAT_MAX ? run : REPEAT_MAX;
    }
    return 1;
}

void dfota_deflate_count(struct dfota_deflate *deflate, uint8_t kind,
                         uint32_t counts[DFOTA_PACKED_ORDER])
{
    struct list list = list_of(deflate, kind);
    unsigned symbol;

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
    if (run > list->count - at)
        return 0;
    if ((at < list->literals && at + run > list->literals) ||
        (at == list->literals && symbol == REPEAT))
        list->crosses = true;
    if (symbol < REPEAT)
        bits = (uint8_t)symbol;
    else if (symbol == REPEAT)
        bits = *length_at(list, at - 1);
    for (unsigned i = 0; i < run; i++)
        *length_at(list, at + i) = bits;
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
    struct list list = list_of(deflate, *kind);
    unsigned told = DFOTA_PACKED_ORDER;
    unsigned distances = list.count - list.literals;

    if (!deflate->writes)
        *lengths = (struct dfota_packed_codes){0};
    while (deflate->writes && told > ORDER_MIN &&
           lengths->order[order[told - 1]] == 0)
        told--;
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
    return make_codes(deflate);
}

static unsigned top_bit(uint32_t number)
{
    unsigned bit = 0;

    while (number >> bit > 1)
        bit++;
    return bit;
}

unsigned dfota_deflate_length_symbol(uint32_t length)
{
    uint32_t value = length - LENGTH_MIN;
    unsigned bits;

    if (length == LENGTH_MAX)
        return LONGEST;
    if (value < 8)
        return LENGTHS + value;
    bits = top_bit(value) - 2;
    return LENGTHS + 4 * (bits + 1) + (value >> bits & 3);
}

unsigned dfota_deflate_distance_symbol(uint32_t distance)
{
    unsigned bits;

    if (--distance < 4)
        return distance;
    bits = top_bit(distance) - 1;
    return 2 * (bits + 1) + (distance >> bits & 1);
}

static uint32_t code_length(struct dfota_deflate *deflate, unsigned symbol,
                            uint32_t length)
{
    unsigned number = symbol - LENGTHS;
    unsigned bits = number / 4 - 1;

    if (symbol == LONGEST)
        return LENGTH_MAX;
    if (number < 8)
        return LENGTH_MIN + number;
    return LENGTH_MIN + ((4 + number % 4) << bits) +
           dfota_deflate_bits(deflate, bits, length - LENGTH_MIN);
}

static uint32_t code_distance(struct dfota_deflate *deflate, uint32_t distance)
{
    unsigned symbol =
        deflate->writes ? dfota_deflate_distance_symbol(distance) : 0;
    unsigned bits;

    symbol = code_symbol(deflate, &deflate->distances, symbol);
    if (symbol < 4)
        return 1 + symbol;
    if (symbol >= 30) /* which have a code, but no meaning */
        return 0;
    bits = symbol / 2 - 1;
    return 1 + ((2 + symbol % 2) << bits) +
           dfota_deflate_bits(deflate, bits, distance - 1);
}

bool dfota_deflate_token(struct dfota_deflate *deflate, uint8_t *literal,
                         struct dfota_token *token)
{
    unsigned symbol = *literal;

    if (token->length == 0)
        symbol = DFOTA_DEFLATE_END;
    else if (token->kind != DFOTA_TOKEN_LITERAL)
        symbol = dfota_deflate_length_symbol(token->length);
    symbol = code_symbol(deflate, &deflate->literals, symbol);
    if (symbol > LONGEST)
        return false;
    if (symbol < DFOTA_DEFLATE_END) {
        *literal = (uint8_t)symbol;
        *token = (struct dfota_token){.length = 1};
    } else if (symbol == DFOTA_DEFLATE_END) {
        *token = (struct dfota_token){0};
    } else {
        token->kind = DFOTA_TOKEN_MATCH;
        token->length = code_length(deflate, symbol, token->length);
        token->distance = code_distance(deflate, token->distance);
        return token->distance > 0;
    }
    return true;
}
