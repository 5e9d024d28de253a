/* SPDX-License-Identifier: MIT */
#include "lib/apply/parse.h"

static uint32_t few(uint32_t number, uint32_t most)
{
    return number < most ? number : most;
}

static uint32_t bits_of(uint32_t number)
{
    uint32_t bits = 0;

    for (; number != 0; number >>= 1)
        bits++;
    return bits;
}

void dfota_parse_look(struct dfota_parse *parse)
{
    const struct dfota_parse_guess *guess = &parse->guess;
    struct dfota_parse_found nearest[DFOTA_PARSE_FOUND];
    struct dfota_parse_scene *scene = &parse->scene;
    uint32_t distance = guess->token.distance;
    unsigned count;

    *scene = (struct dfota_parse_scene){.looked = true};
    for (unsigned i = 0; parse->has_reps && i < DFOTA_TOKEN_REPS; i++)
        scene->extents[i] = dfota_parse_extent(parse, parse->reps[i]);
    scene->guessed =
        guess->token.length == 0 ? 16 : guess->token.kind + 8u * guess->begins;
    if (guess->token.kind == DFOTA_TOKEN_MATCH)
        scene->found[scene->count++] =
            (struct dfota_parse_found){distance, guess->extent};
    else
        distance = 0;
    count = dfota_parse_find(parse, nearest);
    while (count-- > 0)
        if (nearest[count].distance != distance)
            scene->found[scene->count++] = nearest[count];
    for (unsigned i = 0; i < scene->count; i++)
        if (scene->found[i].length > scene->longest)
            scene->longest = scene->found[i].length;
}

static bool told_kind(struct dfota_parse *parse, unsigned which, bool is)
{
    const struct dfota_parse_scene *scene = &parse->scene;
    uint32_t rep = few(scene->extents[0], 31);
    uint32_t longest = few(scene->longest, 31);
    uint32_t others = 0;

    for (unsigned i = 1; i < DFOTA_TOKEN_REPS; i++)
        others = scene->extents[i] > others ? scene->extents[i] : others;
    dfota_parse_contexts(
        parse, DFOTA_PARSE_SET_KIND + few(which, 3), 8,
        (const uint32_t[8]){
            scene->guessed + 64 * which, few(parse->guess.token.length, 15),
            rep + 32 * longest + 1024 * which, few(others, 31),
            scene->guessed + 64 * which + 512 * rep, longest,
            parse->kinds & 0x1ff,
            scene->guessed + 64 * which + 512 * (parse->hits & 3)});
    return dfota_parse_bit(parse, 0, is);
}

/* A length of which `extent` is the most; 0 where it is none. */
static uint32_t told_length(struct dfota_parse *parse, uint32_t extent,
                            uint32_t length, uint32_t what)
{
    const struct dfota_parse_scene *scene = &parse->scene;
    uint32_t guessed = few(parse->guess.token.length, 31);

    dfota_parse_contexts(
        parse, DFOTA_PARSE_SET_LENGTH + few(what, 3), 16,
        (const uint32_t[8]){what, few(extent, 63), what,
                            scene->guessed + 64 * guessed, few(extent, 63),
                            guessed, what,
                            scene->guessed + 64 * (parse->kinds & 63)});

    length = dfota_mix_number(parse->mix, &parse->contexts, extent - length);
    return length < extent ? extent - length : 0;
}

static uint32_t told_distance(struct dfota_parse *parse, uint32_t distance)
{
    const struct dfota_parse_scene *scene = &parse->scene;
    unsigned bits = bits_of(distance) - 1;
    uint32_t value = 1;

    dfota_parse_contexts(
        parse, DFOTA_PARSE_SET_DISTANCE, 24,
        (const uint32_t[8]){0, 0, scene->guessed, 0, few(scene->longest, 15), 0,
                            bits_of(parse->guess.token.distance), 0});
    bits = few(dfota_mix_bits(parse->mix, &parse->contexts, 5, bits), 28);
    for (unsigned i = bits; i-- > 0;) {
        unsigned bit = distance >> i & 1;
        uint32_t node = 64 * bits + (i < 2 ? 32 + i : value & 7);

        if (i + 2 >= bits || i < 2)
            bit = dfota_parse_bit(parse, node + 64, bit);
        else
            bit = dfota_range_bit(&parse->mix->range, 32768, bit);
        value = value << 1 | bit;
    }
    return value;
}

/* Which of the places found: their count for another. */
static unsigned told_place(struct dfota_parse *parse, uint32_t distance)
{
    const struct dfota_parse_scene *scene = &parse->scene;
    unsigned i;

    for (i = 0; i < scene->count; i++) {
        const struct dfota_parse_found *place = &scene->found[i];
        uint32_t shorter =
            i + 1 < scene->count ? few(scene->found[i + 1].length, 31) : 0;
        bool match = scene->guessed % 8 == DFOTA_TOKEN_MATCH;
        uint32_t what = match ? 16 + i : i;

        dfota_parse_contexts(
            parse, DFOTA_PARSE_SET_PLACE + few(i, 7), 32,
            (const uint32_t[8]){what, few(place->length, 31),
                                few(place->length, 31), shorter,
                                bits_of(place->distance),
                                few(place->length, 31), what, scene->guessed});

        if (dfota_parse_bit(parse, 0, place->distance == distance))
            break;
    }
    return i;
}

static void told_match(struct dfota_parse *parse, struct dfota_token *token)
{
    const struct dfota_parse_scene *scene = &parse->scene;
    unsigned place = told_place(parse, token->distance);
    uint32_t extent;

    if (place < scene->count) {
        token->distance = scene->found[place].distance;
        extent = scene->found[place].length;
    } else {
        token->distance = told_distance(parse, token->distance);
        extent = dfota_parse_extent(parse, token->distance);
    }
    token->length =
        told_length(parse, extent, token->length, 1 + few(place, 2));
}

/* Kinds are asked for one by one; deflate has two of them. */
static unsigned told_kinds(struct dfota_parse *parse, unsigned kind)
{
    static const uint8_t order[] = {DFOTA_TOKEN_LITERAL, DFOTA_TOKEN_SHORT,
                                    DFOTA_TOKEN_MATCH,   DFOTA_TOKEN_REP,
                                    DFOTA_TOKEN_REP + 1, DFOTA_TOKEN_REP + 2,
                                    DFOTA_TOKEN_REP + 3};
    unsigned step = parse->has_reps ? 1 : 2;
    unsigned last = parse->has_reps ? 6 : 2;
    unsigned at = 0;

    while (at < last && ((at == 1 && parse->scene.extents[0] == 0) ||
                         !told_kind(parse, at, kind == order[at])))
        at += step;
    return order[at];
}

void dfota_parse_miss(struct dfota_parse *parse, struct dfota_token *token)
{
    unsigned kind = told_kinds(parse, token->kind);
    unsigned rep = kind - DFOTA_TOKEN_REP;

    token->kind = (uint8_t)kind;
    if (kind == DFOTA_TOKEN_LITERAL) {
        *token = (struct dfota_token){.length = 1};
        return;
    }
    if (kind == DFOTA_TOKEN_SHORT) {
        *token = (struct dfota_token){DFOTA_TOKEN_SHORT, 1, parse->reps[0]};
        return;
    }
    if (kind == DFOTA_TOKEN_MATCH) {
        told_match(parse, token);
    } else {
        token->distance = parse->reps[rep];
        token->length =
            told_length(parse, parse->scene.extents[rep], token->length, 0);
    }
    if (token->length < parse->length_min || token->length > parse->length_max)
        parse->error = DFOTA_ERR_CORRUPT;
}
