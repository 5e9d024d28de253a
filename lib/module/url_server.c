/* SPDX-License-Identifier: MIT */
#include "lib/module/url_server.h"

#include <string.h>

#define PASS      DFOTA_FINDING_PASS
#define FAIL      DFOTA_FINDING_FAIL
#define WARN      DFOTA_FINDING_WARN

#define PORT_MAX  65535
#define NOT_FOUND SIZE_MAX

bool dfota_url_is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The number `digits` spells, or PORT_MAX + 1 when it is none or too large. */
static unsigned long read_port(struct dfota_span digits)
{
    unsigned long port = 0;

    if (digits.size == 0)
        return PORT_MAX + 1;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.text[i] < '0' || digits.text[i] > '9')
            return PORT_MAX + 1;
        port = port * 10 + (unsigned long)(digits.text[i] - '0');
        if (port > PORT_MAX)
            return PORT_MAX + 1;
    }
    return port;
}

static void check_port(const struct dfota_url_check *lint)
{
    const struct dfota_rules *rules = lint->target->rules;
    unsigned long port;

    if (lint->url.port.text == NULL) {
        dfota_findings_add(lint->findings, "URL-5", WARN,
                           "no port: the document's default is %u, but it is "
                           "safer written out",
                           lint->scheme == DFOTA_SCHEME_FTP
                               ? rules->port_default_ftp
                               : rules->port_default_http);
        return;
    }
    port = read_port(lint->url.port);
    if (port < 1 || port > PORT_MAX)
        dfota_findings_add(lint->findings, "URL-5", FAIL,
                           "the port is not a number from 1 to 65535");
    else
        dfota_findings_add(lint->findings, "URL-5", PASS, "port %lu", port);
}

/* True when nothing but digits and dots is in `host`. */
static bool is_address(struct dfota_span host)
{
    for (size_t i = 0; i < host.size; i++)
        if (host.text[i] != '.' && (host.text[i] < '0' || host.text[i] > '9'))
            return false;
    return true;
}

static size_t find_host_fault(struct dfota_span host)
{
    for (size_t i = 0; i < host.size; i++)
        if (!dfota_url_is_plain(host.text[i]))
            return i;
    return NOT_FOUND;
}

static void check_host(const struct dfota_url_check *lint)
{
    const struct dfota_ftp_limits *ftp = &lint->target->rules->ftp;
    const struct dfota_span host = lint->url.host;
    bool is_ftp = lint->scheme == DFOTA_SCHEME_FTP;

    if (host.size == 0)
        dfota_findings_add(lint->findings, "URL-6", FAIL, "there is no host");
    else if (find_host_fault(host) != NOT_FOUND)
        dfota_findings_add(lint->findings, "URL-6", FAIL,
                           "byte %zu of the host is not a letter, digit, dot "
                           "or hyphen",
                           find_host_fault(host));
    else if (is_ftp && ftp->host_max != 0 && host.size > ftp->host_max)
        dfota_findings_add(lint->findings, "URL-6", FAIL,
                           "the host has %zu bytes, at most %zu", host.size,
                           ftp->host_max);
    else if (is_ftp && ftp->address_only && !is_address(host))
        dfota_findings_add(lint->findings, "URL-6", WARN,
                           "the document speaks of an IP address here, not of "
                           "a name");
    else
        dfota_findings_add(lint->findings, "URL-6", PASS,
                           "the host has %zu bytes", host.size);
}

static bool exceeds(struct dfota_span part, size_t max)
{
    return max != 0 && part.size > max;
}

static void check_login(const struct dfota_url_check *lint)
{
    const struct dfota_ftp_limits *ftp = &lint->target->rules->ftp;
    const struct dfota_url *url = &lint->url;

    if (lint->scheme != DFOTA_SCHEME_FTP) {
        if (url->user.text != NULL)
            dfota_findings_add(lint->findings, "URL-7", WARN,
                               "the document knows no login here");
        return;
    }
    if (exceeds(url->user, ftp->user_max))
        dfota_findings_add(lint->findings, "URL-7", FAIL,
                           "the user name has %zu bytes, at most %zu",
                           url->user.size, ftp->user_max);
    else if (exceeds(url->password, ftp->password_max))
        dfota_findings_add(lint->findings, "URL-7", FAIL,
                           "the password has %zu bytes, at most %zu",
                           url->password.size, ftp->password_max);
    else if (url->user.size == 0 || url->password.text == NULL)
        dfota_findings_add(lint->findings, "URL-7", WARN,
                           "the document's form has a user name and a "
                           "password");
    else
        dfota_findings_add(lint->findings, "URL-7", PASS,
                           "user name %zu bytes, password %zu bytes",
                           url->user.size, url->password.size);
}

static void check_ftp_file(const struct dfota_url_check *lint)
{
    const struct dfota_ftp_limits *ftp = &lint->target->rules->ftp;
    struct dfota_span file = lint->url.path;
    bool nested;

    if (lint->scheme != DFOTA_SCHEME_FTP)
        return;
    if (file.size > 0)
        file = (struct dfota_span){file.text + 1, file.size - 1};
    nested = file.size > 0 && memchr(file.text, '/', file.size) != NULL;
    if (ftp->file_max != 0)
        dfota_findings_add(lint->findings, "URL-8",
                           file.size > ftp->file_max ? FAIL : PASS,
                           "the file name has %zu bytes, at most %zu",
                           file.size, ftp->file_max);
    if (ftp->root_only)
        dfota_findings_add(lint->findings, "URL-9", nested ? FAIL : PASS,
                           nested ? "the file is not in the root directory"
                                  : "the file is in the root directory");
}

void dfota_url_check_server(const struct dfota_url_check *lint)
{
    check_port(lint);
    check_host(lint);
    check_login(lint);
    check_ftp_file(lint);
}
