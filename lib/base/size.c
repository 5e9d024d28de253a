/* SPDX-License-Identifier: MIT */
#include "lib/base/size.h"

#include <stddef.h>

/* The value of one digit, or 16 for what is none in any base. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

/* Reads digits at `*text` and steps over them; false for none or too many. */
static bool parse_digits(const char **text, unsigned base, uint64_t *out)
{
    const char *start = *text;
    uint64_t value = 0;

    for (; digit_value(**text) < base; (*text)++) {
        unsigned digit = digit_value(**text);

        if (value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return *text != start;
}

bool dfota_size_parse(const char *text, uint64_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    unsigned shift = 0;
    uint64_t value;

    text += hex ? 2 : 0;
    if (!parse_digits(&text, hex ? 16 : 10, &value))
        return false;
    if (*text == 'K' || *text == 'k')
        shift = 10;
    else if (*text == 'M' || *text == 'm')
        shift = 20;
    else if (*text == 'G' || *text == 'g')
        shift = 30;
    if (shift != 0)
        text++;
    if (*text != '\0' || value > UINT64_MAX >> shift)
        return false;
    *out = value << shift;
    return true;
}
