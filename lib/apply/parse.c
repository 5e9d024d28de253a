/* SPDX-License-Identifier: MIT */
#include "lib/apply/parse.h"

_Static_assert(sizeof(struct dfota_parse) <= DFOTA_PARSE_SIZE,
               "a parse fits in the memory counted for it");

void dfota_parse_begin(struct dfota_parse *parse,
                       const struct dfota_packed_job *job)
{
    bool deflate = job->region->packing == DFOTA_PACKING_DEFLATE;

    *parse = (struct dfota_parse){
        .job = job,
        .mix = job->mix,
        .contents = job->contents,
        .limit = job->region->contents_size,
        .length_min = deflate ? 3 : 2,
        .length_max = deflate ? 258 : 273,
        .distance_max = deflate ? 32768 : DFOTA_TOKEN_CONTENTS_MAX,
        .has_reps = !deflate,
        .doubts = deflate ? 0xffff : 0x1,
        .steps = deflate ? 128 : 32,
    };
    for (uint32_t i = 0; i < job->head_count; i++)
        job->heads[i] = UINT32_MAX;
    dfota_parse_reset(parse, parse->limit, true);
}

void dfota_parse_reset(struct dfota_parse *parse, uint32_t limit, bool forgets)
{
    parse->limit = limit;
    if (!forgets)
        return;
    for (unsigned i = 0; i < DFOTA_TOKEN_REPS; i++)
        parse->reps[i] = 1;
    parse->kinds = 0;
}

void dfota_parse_contexts(struct dfota_parse *parse, unsigned set,
                          uint32_t salt, const uint32_t numbers[8])
{
    parse->contexts.set = set;
    for (unsigned i = 0; i < DFOTA_MIX_CONTEXTS; i++, numbers += 2)
        parse->contexts.of[i] =
            dfota_mix_hash(salt + i, numbers[0], numbers[1]);
}

bool dfota_parse_bit(struct dfota_parse *parse, uint32_t node, unsigned bit)
{
    return dfota_mix_bit(parse->mix, &parse->contexts, node, bit);
}

uint32_t dfota_parse_extent(const struct dfota_parse *parse, uint32_t distance)
{
    const uint8_t *at = parse->contents + parse->pos;
    uint32_t most = parse->limit - parse->pos;
    const uint8_t *before;
    uint32_t size = 0;

    if (distance == 0 || distance > parse->distance_max ||
        distance > parse->pos)
        return 0;
    if (most > parse->length_max)
        most = parse->length_max;
    before = at - distance;
    while (size < most && at[size] == before[size])
        size++;
    return size;
}

/* How `length` compares with another: 3 where they are equal, 0 to 7. */
static uint32_t compared(uint32_t length, uint32_t other)
{
    if (length >= other)
        return length - other < 4 ? 3 + length - other : 7;
    return other - length < 3 ? 3 + length - other : 0;
}

/* What the contents say of the guess: 0 where nobody looked. */
static uint32_t verdict_on(const struct dfota_parse *parse)
{
    const struct dfota_parse_scene *scene = &parse->scene;
    bool literal = parse->guess.token.kind == DFOTA_TOKEN_LITERAL;
    uint32_t extent = literal ? 3 : parse->guess.extent;
    unsigned other = parse->guess.token.kind == DFOTA_TOKEN_MATCH;
    uint32_t longest = 0; /* but for the guess */
    uint32_t most = 0;    /* of the reps */

    if (!scene->looked)
        return 0;
    if (other < scene->count)
        longest = scene->found[other].length;
    for (unsigned i = 0; i < DFOTA_TOKEN_REPS; i++)
        most = scene->extents[i] > most ? scene->extents[i] : most;
    return 1 + compared(longest, extent) + 8 * compared(most, extent);
}

static bool told_hit(struct dfota_parse *parse, bool hit)
{
    const struct dfota_parse_guess *guess = &parse->guess;
    uint32_t verdict = 256 * verdict_on(parse);
    uint32_t kind = guess->token.kind + 8u * guess->begins;
    uint32_t length = guess->token.length < 32 ? guess->token.length : 32;
    uint32_t more = guess->extent - guess->token.length;
    uint32_t what = kind + 16u * guess->source;

    if (guess->token.kind != DFOTA_TOKEN_LITERAL)
        what += 64 * (more < 2 ? more : 2);
    dfota_parse_contexts(
        parse, DFOTA_PARSE_SET_HIT + kind, 1,
        (const uint32_t[8]){what + verdict, parse->hits % 8, kind + verdict,
                            parse->hits % 256, what,
                            length + 64 * (parse->kinds % 64), what + verdict,
                            length + 64 * (parse->hits % 2)});
    return dfota_parse_bit(parse, 0, hit);
}

static bool equal(const struct dfota_token *a, const struct dfota_token *b)
{
    return a->kind == b->kind && a->length == b->length &&
           a->distance == b->distance;
}

static void remember(struct dfota_parse *parse, const struct dfota_token *token)
{
    parse->kinds = parse->kinds << 3 | token->kind;
    parse->pos += token->length;
    dfota_token_reps(parse->reps, token);
}

void dfota_parse_token(struct dfota_parse *parse, struct dfota_token *token)
{
    const struct dfota_tokens *known = parse->job->tokens;
    bool hit = false;

    if (known != NULL)
        dfota_tokens_at(known, parse->pos, token);
    dfota_parse_guess(parse);
    parse->scene.looked = false;
    if (parse->guess.token.length > 0) {
        if ((~parse->hits & parse->doubts) != 0)
            dfota_parse_look(parse);
        hit =
            told_hit(parse, known != NULL && equal(token, &parse->guess.token));
        parse->hits = parse->hits << 1 | hit;
    }
    if (!hit && !parse->scene.looked)
        dfota_parse_look(parse);
    if (hit)
        *token = parse->guess.token;
    else
        dfota_parse_miss(parse, token);
    if (!parse->error)
        parse->error = parse->mix->range.error;
    if (parse->error) /* which is then to be left with as little ado */
        *token = (struct dfota_token){.length = 1};
    remember(parse, token);
}
