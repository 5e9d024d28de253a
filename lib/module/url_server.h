/* SPDX-License-Identifier: MIT */
/*
 * url_server.h - the checks of a URL's login, host, port and FTP file
 *
 * Part of url.h, which see; for url.c alone.
 */
#ifndef DFOTA_LIB_MODULE_URL_SERVER_H
#define DFOTA_LIB_MODULE_URL_SERVER_H

#include "lib/module/url.h"

/* What every check of a URL needs. */
struct dfota_url_check {
    const char *text;
    const struct dfota_target *target;
    const struct dfota_profile *profile;
    struct dfota_url url;
    unsigned scheme; /* one of enum dfota_scheme, or 0 */
    struct dfota_findings *findings;
};

/* True for letters, digits, hyphen and dot. */
bool dfota_url_is_plain(char c);

/* Checks URL-5 to URL-9. */
void dfota_url_check_server(const struct dfota_url_check *lint);

#endif
