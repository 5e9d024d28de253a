/* SPDX-License-Identifier: MIT */
/*
 * url.h - is this where a module can fetch its package?  Answered offline
 *
 * Takes a URL apart and checks it against a rule set: a wrong one costs a
 * truck roll, because under MiniFOTA the module keeps trying it.  Whether a
 * server answers there is nobody's business here.
 *
 * Source: the URL chapters of the documents (LTE Standard(A) guide 3.3.1, 4.3,
 *         5.1; RG50xQ & RM5xxQ note 3.3) and, for characters that reach a
 *         shell, CVE-2022-26147.
 */
#ifndef DFOTA_LIB_MODULE_URL_H
#define DFOTA_LIB_MODULE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/module/finding.h"
#include "lib/module/rules.h"

/* Bytes of somebody else's text; `text` is NULL when the part is absent. */
struct dfota_span {
    const char *text;
    size_t size;
};

/*
 *     FTP://test:test@192.0.2.2:21/a.bin?x=1#y
 *     '-'   '--' '--' '-------' '' '---' '---'
 *   scheme  user pass-  host  port path  query, with the fragment
 *                word
 */
struct dfota_url {
    struct dfota_span scheme;
    struct dfota_span user;
    struct dfota_span password;
    struct dfota_span host;
    struct dfota_span port;  /* without its colon */
    struct dfota_span path;  /* with its slash */
    struct dfota_span query; /* with its ? or # */
};

/*
 * Takes `text` apart into `*out`, which points into it.  Splits only: no part
 * is judged.  False, and `*out` untouched, without "://".
 */
bool dfota_url_split(const char *text, struct dfota_url *out);

/* What is known of the module and the package a URL or command is for. */
struct dfota_target {
    const struct dfota_rules *rules;
    enum dfota_method method;
    unsigned flash_mb;     /* MB; 0: not known */
    const char *head;      /* the model's, "EC200N"; NULL: not known */
    const char *package;   /* file name without folders; NULL: not known */
    uint64_t package_size; /* bytes; 0: not known */
};

/*
 * Checks `text`, a URL or, where the rules have it, a path in the module's own
 * files.  Linear in its length.  Adds a finding for each rule that applies:
 *   URL-1   longer than the command takes
 *   URL-2   a scheme that is not known, or not for this method and flash size
 *   URL-3   a space, backslash or other special character
 *   URL-4   a character that a shell would act on, a control character, or one
 *           beyond ASCII
 *   URL-5   a port that is not a number from 1 to 65535
 *   URL-6   a host that is empty, too long, or no name or IPv4 address
 *   URL-7   an FTP user name or password that is too long; a login elsewhere
 *   URL-8   an FTP file name that is too long
 *   URL-9   an FTP file outside the root directory
 *   URL-10  a file name that is not the package's, or of the other method
 *   URL-11  a query or fragment
 *   URL-12  a path that is not in the module's own files
 */
void dfota_url_lint(const char *text, const struct dfota_target *target,
                    struct dfota_findings *findings);

#endif
