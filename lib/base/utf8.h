/* SPDX-License-Identifier: MIT */
/*
 * utf8.h - text that is UTF-8 whatever it was
 *
 * Source: Unicode 15, table 3-7 (well-formed UTF-8 byte sequences).
 */
#ifndef DFOTA_LIB_BASE_UTF8_H
#define DFOTA_LIB_BASE_UTF8_H

/* Replaces each byte of `text` that is no part of a UTF-8 character by '?'. */
void dfota_utf8_clean(char *text);

#endif
