/* SPDX-License-Identifier: MIT */
/*
 * command.h - a whole AT+QFOTADL line, read and checked offline
 *
 *     AT+QFOTADL=?
 *     AT+QFOTADL="<url>"[,<mode>[,<download max>[,<update max>]]]
 *     AT+QFOTADL="FILE:<length>"[,<mode>[,<download max>[,<update max>]]]
 *     AT+QFOTADL="FILE:<length>",2
 *     AT+QFOTADL="<path in the module's own files>"
 *
 * Which of them a module takes is in its rule set.
 *
 * Source: LTE Standard(A) DFOTA guide 3.1.2, 3.3.1, 4.2, 4.3; RG50xQ & RM5xxQ
 *         DFOTA note 3.1.2, 3.3.
 */
#ifndef DFOTA_LIB_MODULE_COMMAND_H
#define DFOTA_LIB_MODULE_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/module/finding.h"
#include "lib/module/url.h"

#define DFOTA_COMMAND_TARGET_MAX 1024 /* bytes between the quotes */
#define DFOTA_COMMAND_NUMBERS    3

enum dfota_command_form {
    DFOTA_COMMAND_TEST, /* =? */
    DFOTA_COMMAND_URL,
    DFOTA_COMMAND_FILE, /* the host sends the package itself */
    DFOTA_COMMAND_PATH  /* neither of these: a path in the module */
};

struct dfota_command {
    enum dfota_command_form form;
    char target[DFOTA_COMMAND_TARGET_MAX + 1]; /* between the quotes, or "" */
    size_t count;                              /* numbers that follow */
    unsigned numbers[DFOTA_COMMAND_NUMBERS]; /* mode, download, update maximum,
                                                0 to 999999 */
    uint64_t file_length; /* bytes, where `form` is DFOTA_COMMAND_FILE */
};

/*
 * Reads `line`, with or without its final CR, LF or CRLF, into `*out`.  Judges
 * the form only.  On failure `*out` is untouched and `fault`, unless NULL,
 * names the offending byte of the line.
 *
 * Errors:
 *   DFOTA_ERR_FORMAT   CMD-1  it does not begin with AT+QFOTADL
 *   DFOTA_ERR_CORRUPT  CMD-2  neither =? nor = and parameters follow
 *   DFOTA_ERR_CORRUPT  CMD-3  the first parameter is not in double quotes, or
 *                             is empty, or not followed by a comma or the end
 *   DFOTA_ERR_LIMIT    CMD-3  it exceeds DFOTA_COMMAND_TARGET_MAX
 *   DFOTA_ERR_CORRUPT  CMD-4  a further parameter is not a decimal number of
 *                             one to six digits, or there are more than three
 *   DFOTA_ERR_CORRUPT  CMD-8  no decimal length from 1 to 2^64-1 after FILE:
 */
enum dfota_error dfota_command_parse(const char *line,
                                     struct dfota_command *out,
                                     struct dfota_fault *fault);

/*
 * Checks `line` against the rules of `target`, and the URL in it as
 * dfota_url_lint() does.  `out`, unless NULL, receives the command, so that
 * the caller can see its URL; it is untouched when the line cannot be read,
 * which is a single finding.  Adds a finding for each rule that applies, those
 * above and:
 *   CMD-4  more numbers than the document's form has
 *   CMD-5  an upgrade mode other than 0 and 1
 *   CMD-6  a download URC maximum other than 0 and 5 to 100, or where it
 *          cannot be set
 *   CMD-7  an update URC maximum, likewise
 *   CMD-8  FILE: where the package must come from a server
 *   CMD-9  a FILE: length that is not the package's size
 *   CMD-10 the protocol mode of FILE:, whose protocol is not published
 */
void dfota_command_lint(const char *line, const struct dfota_target *target,
                        struct dfota_command *out,
                        struct dfota_findings *findings);

#endif
