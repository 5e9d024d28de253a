/* SPDX-License-Identifier: MIT */
#include "lib/base/utf8.h"

#include <stddef.h>

/*
 * The bytes of the character at `text`, 1 to 4, or 0 when there is none.  The
 * first byte gives the length and narrows the second: no overlong forms, no
 * surrogates, nothing over U+10FFFF.
 */
static size_t character_length(const unsigned char *text)
{
    unsigned char low = text[0] == 0xe0 ? 0xa0 : text[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = text[0] == 0xed ? 0x9f : text[0] == 0xf4 ? 0x8f : 0xbf;
    size_t length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

    if (text[0] < 0x80)
        return 1;
    if (text[0] < 0xc2 || text[0] > 0xf4 || text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xc0) != 0x80) /* so is the terminator */
            return 0;
    return length;
}

void dfota_utf8_clean(char *text)
{
    while (*text != '\0') {
        size_t length = character_length((const unsigned char *)text);

        if (length == 0) {
            *text = '?';
            length = 1;
        }
        text += length;
    }
}
