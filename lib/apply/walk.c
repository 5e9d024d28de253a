/* SPDX-License-Identifier: MIT */
#include "lib/apply/walk.h"

#include "lib/apply/bytes.h"
#include "lib/apply/site_bits.h"

void dfota_walk_begin(struct dfota_walk *walk, uint32_t new_pos,
                      uint32_t new_end)
{
    walk->new_pos = new_pos;
    walk->new_end = new_end;
    walk->window_pos = 0;
    walk->window_size = 0;
    for (size_t i = 0; i < DFOTA_WALK_ROOM; i++)
        walk->actual[i] = 0;
}

enum dfota_error dfota_walk_error(const struct dfota_walk *walk,
                                  struct dfota_fault *fault)
{
    const struct dfota_coder *coder = walk->coder;

    if (!coder->error || coder->rule == NULL)
        return coder->error;
    return dfota_fail(fault, coder->error, coder->position, coder->rule);
}

enum dfota_error dfota_walk_record(struct dfota_walk *walk,
                                   struct dfota_record *record,
                                   struct dfota_fault *fault)
{
    const struct dfota_predictor *predictor = walk->predictor;
    uint8_t plain = (uint8_t)(predictor->prediction->dialect_count + 1);
    uint32_t left = walk->new_end - walk->new_pos;
    const char *rule = NULL;

    walk->coder->new_pos = walk->new_pos;
    walk->coder->record(walk->coder, record);
    if (walk->coder->error)
        return dfota_walk_error(walk, fault);
    if (record->insert == 0 && record->copy == 0)
        rule = "DLT-17";
    else if (record->insert > left || record->copy > left - record->insert)
        rule = "DLT-18";
    else if (record->copy > 0 &&
             (record->old_pos > predictor->old_size ||
              record->copy > predictor->old_size - record->old_pos))
        rule = "DLT-19";
    else if (record->dialect > plain ||
             (record->dialect == plain && record->copy > 0))
        rule = "DLT-24";
    else if (walk->places != NULL &&
             !dfota_places_hold(walk->places, record->old_pos, record->copy))
        rule = "DLT-33";
    if (rule != NULL)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, walk->coder->position,
                          rule);
    return DFOTA_OK;
}

static enum dfota_error hand_on(struct dfota_walk *walk, size_t size)
{
    const struct dfota_applier *applier = walk->applier;

    walk->new_pos += (uint32_t)size;
    if (walk->coder->encodes)
        return DFOTA_OK;
    return applier->write_new(applier->context, walk->actual, size);
}

/* Where new is known: the next `size` bytes of it. */
static void take_actual(struct dfota_walk *walk, size_t size)
{
    if (walk->coder->encodes)
        dfota_bytes_copy_apart(walk->actual, walk->new + walk->new_pos, size);
}

static enum dfota_error make_insert(struct dfota_walk *walk,
                                    const struct dfota_record *record,
                                    struct dfota_fault *fault)
{
    for (uint32_t done = 0, size; done < record->insert; done += size) {
        enum dfota_error err;

        size = DFOTA_CODER_BLOCK - walk->new_pos % DFOTA_CODER_BLOCK;
        if (size > record->insert - done)
            size = record->insert - done;
        take_actual(walk, size);
        walk->coder->literal(walk->coder, record->dialect, walk->new_pos,
                             walk->actual, size);
        err = dfota_walk_error(walk, fault);
        if (!err)
            err = hand_on(walk, size);
        if (err)
            return err;
    }
    return DFOTA_OK;
}

/* A piece of a copy. */
struct piece {
    const struct dfota_copy *copy; /* the whole of which this is a part */
    unsigned dialect;
    uint32_t old_pos; /* where it begins in old */
    const uint8_t
        *old;    /* its bytes there, and those behind it, as far as ... */
    size_t left; /* ... the copy, or the room, goes */
    size_t size; /* bytes of it, unless its last site needs more */
};

/* Finds the old bytes of a piece, reading as much of the copy as fits. */
static enum dfota_error load(struct dfota_walk *walk, struct piece *piece)
{
    const struct dfota_applier *applier = walk->applier;
    uint32_t ahead = piece->old_pos - walk->window_pos;
    uint32_t end = piece->copy->old_pos + piece->copy->length;
    enum dfota_error err;

    if (ahead >= walk->window_size || walk->window_size - ahead < piece->left) {
        walk->window_size = 0;
        ahead = end - piece->old_pos < DFOTA_WALK_WINDOW ? end - piece->old_pos
                                                         : DFOTA_WALK_WINDOW;
        err = applier->read_old(applier->context, piece->old_pos, walk->window,
                                ahead);
        if (err)
            return err;
        walk->window_pos = piece->old_pos;
        walk->window_size = ahead;
        ahead = 0;
    }
    piece->old = walk->window + ahead;
    return DFOTA_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Bytes from `at` on that hold no site as far as one can step. */
static size_t step(const struct dfota_walk *walk, const struct piece *piece,
                   size_t at)
{
    return least(dfota_predict_step(walk->predictor, piece->dialect,
                                    piece->old_pos + (uint32_t)at),
                 piece->left - at);
}

/* Whether a site begins at byte `at` of a piece. */
static bool read_site(const struct dfota_walk *walk, const struct piece *piece,
                      size_t at, struct dfota_site *out)
{
    const struct dfota_spot spot = {piece->dialect, piece->old + at,
                                    piece->left - at,
                                    piece->old_pos + (uint32_t)at};

    return dfota_predict_read(walk->predictor, &spot, out);
}

/* Moves the target of the site at byte `at` of a piece, in `bytes`. */
static void move_site(const struct dfota_walk *walk, const struct piece *piece,
                      size_t at, struct dfota_site site, uint8_t *bytes)
{
    dfota_predict_write(walk->predictor, piece->dialect, &site, bytes,
                        walk->new_pos + (uint32_t)at);
}

/* A site that leads `shift` further. */
static struct dfota_site shifted(struct dfota_site site, uint32_t shift)
{
    site.target += shift;
    return site;
}

/*
 * Foresees all of a piece as far as is known now, in `foreseen`; gives how many
 * bytes it has.
 */
static size_t foresee(const struct dfota_walk *walk, const struct piece *piece,
                      uint8_t *foreseen)
{
    const struct dfota_predictor *predictor = walk->predictor;
    size_t at = 0;

    dfota_bytes_copy_apart(foreseen, piece->old, piece->left);
    if (dfota_predict_idle(predictor, piece->dialect))
        at = piece->size - 1 + step(walk, piece, piece->size - 1);
    while (at < piece->size) {
        struct dfota_site site;
        struct dfota_shifts shifts;

        if (!read_site(walk, piece, at, &site)) {
            at += step(walk, piece, at);
            continue;
        }
        shifts = dfota_predict_shifts(predictor, piece->copy,
                                      dfota_predict_key(predictor, &site));
        move_site(walk, piece, at, shifted(site, shifts.first), foreseen + at);
        at += site.size;
    }
    return at;
}

/* Keeps how the target of a site moved that was not foreseen. */
static void learn(struct dfota_walk *walk, const struct piece *piece,
                  const struct dfota_guess *guess, const uint8_t *actual,
                  uint32_t new_pos)
{
    struct dfota_predictor *predictor = walk->predictor;
    const struct dfota_isa *isa = predictor->isas[piece->dialect];
    struct dfota_site now;

    if (dfota_bytes_equal(actual, guess->first, guess->site->size))
        return;
    if (guess->site->kind == DFOTA_SITE_POINTER32) {
        now.target = dfota_get32(actual);
    } else if (!isa->read(
                   predictor->prediction->dialects[piece->dialect - 1].classes,
                   actual, guess->site->size, new_pos, &now) ||
               now.kind != guess->site->kind) {
        return;
    }
    dfota_predict_learn(predictor, guess->key,
                        now.target - guess->site->target);
}

/* Adds what the site becomes with another shift, if that is new. */
static void add_other(const struct dfota_walk *walk, const struct piece *piece,
                      size_t at, uint32_t shift, struct dfota_guess *guess)
{
    size_t size = guess->site->size;
    uint8_t *other = guess->others[guess->count];

    dfota_bytes_copy(other, piece->old + at, size);
    move_site(walk, piece, at, shifted(*guess->site, shift), other);
    if (dfota_bytes_equal(other, guess->first, size))
        return;
    for (unsigned i = 0; i < guess->count; i++)
        if (dfota_bytes_equal(other, guess->others[i], size))
            return;
    guess->count++;
}

static void make_site(struct dfota_walk *walk, const struct piece *piece,
                      size_t at, const struct dfota_site *site)
{
    const struct dfota_predictor *predictor = walk->predictor;
    const uint8_t *old = piece->old + at;
    uint32_t new_pos = walk->new_pos + (uint32_t)at;
    struct dfota_guess guess;
    struct dfota_shifts shifts;

    guess.site = site;
    guess.key = dfota_predict_key(predictor, site);
    guess.count = 0;
    shifts = dfota_predict_shifts(predictor, piece->copy, guess.key);
    guess.source = shifts.source;
    dfota_bytes_copy(guess.first, old, site->size);
    move_site(walk, piece, at, shifted(*site, shifts.first), guess.first);
    guess.moved = !dfota_bytes_equal(guess.first, old, site->size);
    for (unsigned i = 0; i < DFOTA_SHIFT_OTHERS; i++)
        add_other(walk, piece, at, shifts.others[i], &guess);
    walk->coder->site(walk->coder, &guess, walk->actual + at);
    learn(walk, piece, &guess, walk->actual + at, new_pos);
}

/* Where from byte `at` of a piece on its next site begins, which is then in
 * `*site`; behind its last byte where there is none. */
static size_t find_site(const struct dfota_walk *walk,
                        const struct piece *piece, size_t at,
                        struct dfota_site *site)
{
    while (at < piece->size && !read_site(walk, piece, at, site))
        at += step(walk, piece, at);
    return at;
}

/* Makes a piece that is not as foreseen; gives how many bytes it has. */
static size_t make_dirty(struct dfota_walk *walk, const struct piece *piece)
{
    struct dfota_coder *coder = walk->coder;
    size_t at = 0;

    while (at < piece->size && !coder->error) {
        struct dfota_site site;
        size_t next = find_site(walk, piece, at, &site);

        if (next > at)
            coder->bytes(coder, piece->old_pos + (uint32_t)at, piece->old + at,
                         walk->actual + at, next - at);
        at = next;
        if (at >= piece->size || coder->error)
            break;
        make_site(walk, piece, at, &site);
        at += site.size;
    }
    return at;
}

/* A copy that is being made. */
struct progress {
    struct dfota_copy copy;
    unsigned dialect;
    uint32_t calm;      /* pieces told of up to here that were clean, in a row;
                           0 after a stride that is not */
    uint32_t clean_end; /* where in new the last stride ends that is clean; at
                           first, where the copy begins */
};

/* The piece of a copy that begins at `new_pos` of new. */
static struct piece piece_at(const struct progress *progress, uint32_t new_pos)
{
    uint32_t done = new_pos - progress->copy.new_pos;
    struct piece piece = {
        .copy = &progress->copy,
        .dialect = progress->dialect,
        .old_pos = progress->copy.old_pos + done,
        .left = least(progress->copy.length - done, DFOTA_WALK_ROOM)};

    piece.size =
        least(DFOTA_WALK_PIECE - new_pos % DFOTA_WALK_PIECE, piece.left);
    return piece;
}

/*
 * Whether all pieces from here to `*end` of new are as foreseen, for a coder
 * that encodes; `*end` becomes where the last of them ends.
 */
static enum dfota_error look_ahead(struct dfota_walk *walk,
                                   const struct progress *progress,
                                   uint32_t *end, bool *clean)
{
    uint32_t begin = walk->new_pos;
    enum dfota_error err = DFOTA_OK;

    *clean = true;
    while (*clean && !err && walk->new_pos < *end) {
        struct piece piece = piece_at(progress, walk->new_pos);
        size_t size;

        err = load(walk, &piece);
        if (err)
            break;
        size = foresee(walk, &piece, walk->foreseen);
        *clean =
            dfota_bytes_equal(walk->new + walk->new_pos, walk->foreseen, size);
        walk->new_pos += (uint32_t)size;
    }
    *end = walk->new_pos;
    walk->new_pos = begin;
    return err;
}

/* Asks of a stride, where there is one; a coder that encodes is then behind it
 * where it is clean. */
static enum dfota_error ask_stride(struct dfota_walk *walk,
                                   struct progress *progress)
{
    uint32_t made = walk->new_pos - progress->copy.new_pos;
    uint32_t size = DFOTA_CODER_STRIDE * DFOTA_WALK_PIECE -
                    walk->new_pos % DFOTA_WALK_PIECE;
    uint32_t end = walk->new_pos + size;
    enum dfota_error err = DFOTA_OK;
    bool clean = false;

    if (progress->calm < DFOTA_CODER_STRIDE ||
        progress->copy.length - made < size)
        return DFOTA_OK;
    progress->clean_end = end;
    if (walk->coder->encodes)
        err = look_ahead(walk, progress, &end, &clean);
    if (err)
        return err;
    if (!walk->coder->stride(walk->coder, size, clean)) {
        progress->calm = 0;
        progress->clean_end = walk->new_pos;
    } else if (walk->coder->encodes) {
        walk->new_pos = end;
    }
    return DFOTA_OK;
}

/* Makes a piece of a stride that is clean; gives how many bytes it has. */
static size_t make_clean(struct dfota_walk *walk, const struct piece *piece)
{
    return foresee(walk, piece, walk->actual);
}

/* Makes a piece that the coder is asked of; gives how many bytes it has. */
static size_t make_piece(struct dfota_walk *walk, struct progress *progress,
                         const struct piece *piece)
{
    struct dfota_coder *coder = walk->coder;
    bool clean = false;
    size_t size = piece->size;

    take_actual(walk, least(piece->left, walk->new_end - walk->new_pos));
    if (coder->encodes) {
        size = foresee(walk, piece, walk->foreseen);
        clean = dfota_bytes_equal(walk->actual, walk->foreseen, size);
    }
    clean = coder->clean(coder, (uint32_t)piece->size, clean);
    progress->calm = clean ? progress->calm + 1 : 0;
    if (!clean)
        return make_dirty(walk, piece);
    return coder->encodes ? size : make_clean(walk, piece);
}

static enum dfota_error make_next(struct dfota_walk *walk,
                                  struct progress *progress)
{
    uint32_t begin = walk->new_pos;
    enum dfota_error err = DFOTA_OK;
    struct piece piece;
    size_t size;

    if (begin >= progress->clean_end)
        err = ask_stride(walk, progress);
    if (err || walk->new_pos != begin)
        return err;
    piece = piece_at(progress, walk->new_pos);
    err = load(walk, &piece);
    if (err)
        return err;
    if (walk->new_pos < progress->clean_end)
        size = make_clean(walk, &piece);
    else
        size = make_piece(walk, progress, &piece);
    return walk->coder->error ? DFOTA_OK : hand_on(walk, size);
}

static enum dfota_error make_copy(struct dfota_walk *walk,
                                  const struct dfota_record *record,
                                  struct dfota_fault *fault)
{
    struct progress progress = {
        .copy = {walk->new_pos, record->old_pos, record->copy},
        .dialect = record->dialect,
        .clean_end = walk->new_pos};
    enum dfota_error err = DFOTA_OK;

    while (!err && walk->new_pos - progress.copy.new_pos < record->copy) {
        err = make_next(walk, &progress);
        if (!err)
            err = dfota_walk_error(walk, fault);
    }
    return err;
}

enum dfota_error dfota_walk_make(struct dfota_walk *walk,
                                 const struct dfota_record *record,
                                 struct dfota_fault *fault)
{
    enum dfota_error err = make_insert(walk, record, fault);

    if (!err)
        err = make_copy(walk, record, fault);
    return err;
}
