/* SPDX-License-Identifier: MIT */
#include "lib/module/version.h"

#include <stdbool.h>
#include <string.h>

#define ANCHOR_SIZE 6 /* R<nn>A<nn> */
#define PROJECT_MIN 3 /* the shortest model names: M35, M95 */
#define REGION_SIZE 2
#define NOT_FOUND   SIZE_MAX

/* What is left of a string; reading past its end gives NUL. */
struct tail {
    const char *text;
    size_t size;
    size_t at;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_project_char(char c)
{
    return is_upper(c) || is_digit(c);
}

static bool is_suffix_char(char c)
{
    return is_project_char(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '_';
}

static char peek(const struct tail *tail, size_t ahead)
{
    size_t at = tail->at + ahead;

    if (at >= tail->size)
        return '\0';
    return tail->text[at];
}

/* Moves the next `count` bytes, all there, to `out` and terminates it. */
static void take(struct tail *tail, size_t count, char *out)
{
    memcpy(out, tail->text + tail->at, count);
    out[count] = '\0';
    tail->at += count;
}

static bool is_anchor(const char *text)
{
    return text[0] == 'R' && is_digit(text[1]) && is_digit(text[2]) &&
           text[3] == 'A' && is_digit(text[4]) && is_digit(text[5]);
}

/* The offset of the last anchor, or NOT_FOUND. */
static size_t find_anchor(const char *text, size_t size)
{
    for (size_t at = size; at >= ANCHOR_SIZE; at--)
        if (is_anchor(text + at - ANCHOR_SIZE))
            return at - ANCHOR_SIZE;
    return NOT_FOUND;
}

/* The offset of the first byte that keeps `size` bytes from being a project,
 * or NOT_FOUND. */
static size_t find_project_fault(const char *text, size_t size)
{
    bool digit = false;

    for (size_t at = 0; at < size; at++) {
        if (!is_project_char(text[at]))
            return at;
        digit = digit || is_digit(text[at]);
    }
    if (size < PROJECT_MIN || !digit || !is_upper(text[0]))
        return 0;
    return NOT_FOUND;
}

/* Splits the project by the model table. */
static void split_project(struct dfota_version *version)
{
    size_t size = strlen(version->project);
    struct tail tail = {version->project, size, 0};
    size_t region;

    version->model = dfota_model_find(version->project, size);
    if (version->model == NULL) {
        take(&tail, size, version->head);
        return;
    }
    take(&tail, strlen(version->model->head), version->head);
    region = size - tail.at < REGION_SIZE ? size - tail.at : REGION_SIZE;
    take(&tail, region, version->region);
    take(&tail, size - tail.at, version->variant);
}

static enum dfota_error read_sub_edition(struct tail *tail,
                                         struct dfota_version *version,
                                         struct dfota_fault *fault)
{
    if (peek(tail, 0) != 'V')
        return DFOTA_OK;
    if (!is_digit(peek(tail, 1)) || !is_digit(peek(tail, 2)) ||
        is_digit(peek(tail, 3)))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, tail->at, "VER-5");
    take(tail, 3, version->sub_edition);
    return DFOTA_OK;
}

/* The bytes of a well-formed M<size> at `tail`, or 0. */
static size_t measure_flash(const struct tail *tail)
{
    size_t digits = 0;

    while (digits < 3 && is_digit(peek(tail, 1 + digits)))
        digits++;
    if (digits > 0 && peek(tail, 1 + digits) == 'G')
        return 2 + digits + (is_upper(peek(tail, 2 + digits)) ? 1 : 0);
    return digits == 2 ? 1 + digits : 0;
}

static enum dfota_error read_flash(struct tail *tail,
                                   struct dfota_version *version,
                                   struct dfota_fault *fault)
{
    size_t size;

    if (peek(tail, 0) != 'M')
        return DFOTA_OK;
    size = measure_flash(tail);
    if (size == 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, tail->at, "VER-6");
    take(tail, size, version->flash);
    if (size == 3 && is_digit(version->flash[2])) {
        unsigned tens = (unsigned)(version->flash[1] - '0');
        unsigned mb = tens * 10 + (unsigned)(version->flash[2] - '0');

        if (mb == 2 || mb == 4 || mb == 8 || mb == 16)
            version->flash_mb = mb;
    }
    return DFOTA_OK;
}

static enum dfota_error read_suffix(struct tail *tail,
                                    struct dfota_version *version,
                                    struct dfota_fault *fault)
{
    size_t size = 0;

    if (peek(tail, 0) != '_')
        return DFOTA_OK;
    while (is_suffix_char(peek(tail, size)))
        size++;
    if (size == 1 || tail->at + size < tail->size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, tail->at + size, "VER-7");
    take(tail, size, version->suffix);
    return DFOTA_OK;
}

/* Reads what follows the anchor. */
static enum dfota_error read_tail(struct tail *tail,
                                  struct dfota_version *version,
                                  struct dfota_fault *fault)
{
    enum dfota_error err;

    err = read_sub_edition(tail, version, fault);
    if (err)
        return err;
    err = read_flash(tail, version, fault);
    if (err)
        return err;
    err = read_suffix(tail, version, fault);
    if (err)
        return err;
    if (tail->at != tail->size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, tail->at, "VER-4");
    return DFOTA_OK;
}

enum dfota_error dfota_version_parse(const char *text, size_t size,
                                     struct dfota_version *out,
                                     struct dfota_fault *fault)
{
    struct dfota_version version = {0};
    struct tail whole = {text, size, 0};
    struct tail tail = {text, size, 0};
    enum dfota_error err;
    size_t anchor;
    size_t bad;

    if (size > DFOTA_VERSION_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_VERSION_MAX, "VER-1");
    anchor = find_anchor(text, size);
    if (anchor == NOT_FOUND)
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "VER-2");
    bad = find_project_fault(text, anchor);
    if (bad != NOT_FOUND)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, bad, "VER-3");
    take(&tail, anchor, version.project);
    take(&tail, 3, version.baseline);
    take(&tail, 3, version.edition);
    err = read_tail(&tail, &version, fault);
    if (err)
        return err;
    take(&whole, size, version.text);
    memcpy(version.version, version.edition, 3);
    memcpy(version.version + 3, version.sub_edition,
           sizeof(version.sub_edition));
    split_project(&version);
    *out = version;
    return DFOTA_OK;
}

enum dfota_method dfota_version_method(const struct dfota_version *version)
{
    return dfota_model_method(version->model, version->flash_mb);
}

/* True when both strings are there and differ. */
static bool both_differ(const char *a, const char *b)
{
    return *a != '\0' && *b != '\0' && strcmp(a, b) != 0;
}

unsigned dfota_version_compare(const struct dfota_version *a,
                               const struct dfota_version *b)
{
    unsigned differences = 0;

    if (strcmp(a->project, b->project) != 0)
        differences |= DFOTA_VERSION_PROJECT;
    if (strcmp(a->baseline, b->baseline) != 0)
        differences |= DFOTA_VERSION_BASELINE;
    if (strcmp(a->edition, b->edition) != 0 ||
        both_differ(a->sub_edition, b->sub_edition) ||
        both_differ(a->suffix, b->suffix))
        differences |= DFOTA_VERSION_VERSION;
    if (strcmp(a->flash, b->flash) != 0)
        differences |= DFOTA_VERSION_FLASH;
    return differences;
}

/* The bytes at `text` that satisfy `wanted`, counting no further than `max`. */
static size_t measure(const char *text, size_t max, bool (*wanted)(char))
{
    size_t size = 0;

    while (size < max && wanted(text[size]))
        size++;
    return size;
}

/* The first anchor from `at` on, or NOT_FOUND. */
static size_t next_anchor(const char *text, size_t size, size_t at)
{
    while (size - at >= ANCHOR_SIZE) {
        const char *found =
            memchr(text + at, 'R', size - at - (ANCHOR_SIZE - 1));

        if (found == NULL)
            return NOT_FOUND;
        at = (size_t)(found - text);
        if (is_anchor(found))
            return at;
        at++;
    }
    return NOT_FOUND;
}

/* Where the A-Z and 0-9 begin that go on up to `at`; no farther away than what
 * is too long for a version. */
static size_t find_begin(const char *text, size_t at)
{
    size_t last = at;

    while (at > 0 && last - at < DFOTA_VERSION_MAX &&
           is_project_char(text[at - 1]))
        at--;
    return at;
}

/* Reads the version string whose A-Z and 0-9 are the `run` bytes at `text`. */
static bool read_run(const char *text, size_t run, size_t left,
                     struct dfota_version *out)
{
    size_t size = run;

    if (run < PROJECT_MIN + ANCHOR_SIZE || run > DFOTA_VERSION_MAX)
        return false;
    if (left > run + 1 && text[run] == '_' && is_suffix_char(text[run + 1])) {
        size_t most = DFOTA_VERSION_MAX + 1 - run; /* one more tells too long */

        if (most > left - run)
            most = left - run;
        size = run + measure(text + run, most, is_suffix_char);
    }
    return dfota_version_parse(text, size, out, NULL) == DFOTA_OK;
}

static bool is_known(const struct dfota_version_match *matches, size_t count,
                     const struct dfota_version *version)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(matches[i].version.text, version->text) == 0)
            return true;
    return false;
}

size_t dfota_version_find(const uint8_t *image, size_t size,
                          struct dfota_version_match *matches, size_t max)
{
    const char *text = (const char *)image;
    struct dfota_version version;
    size_t count = 0;
    size_t at = 0;

    while (count < max && (at = next_anchor(text, size, at)) != NOT_FOUND) {
        size_t begin = find_begin(text, at);
        size_t run = measure(text + begin, size - begin, is_project_char);

        at = begin + run;
        if (!read_run(text + begin, run, size - begin, &version) ||
            is_known(matches, count, &version))
            continue;
        matches[count].version = version;
        matches[count].offset = begin;
        count++;
    }
    return count;
}
