/* SPDX-License-Identifier: MIT */
/* edited.h - a good text with one thing wrong.  Include after cmocka.h. */
#ifndef DFOTA_TESTS_SUPPORT_EDITED_H
#define DFOTA_TESTS_SUPPORT_EDITED_H

#include <stdlib.h>
#include <string.h>

/* `text` with its only `from` replaced by `to`; the caller frees it. */
static inline char *edited(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *result = malloc(strlen(text) + strlen(to) + 1);

    assert_non_null(at);
    assert_non_null(result);
    if (at == NULL || result == NULL) /* the compiler does not know cmocka */
        abort();
    assert_null(strstr(at + 1, from));
    memcpy(result, text, (size_t)(at - text));
    strcpy(result + (at - text), to);
    strcat(result, at + strlen(from));
    return result;
}

#endif
