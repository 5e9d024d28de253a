/* SPDX-License-Identifier: MIT */
#include "lib/module/url.h"

#include <string.h>
#include <strings.h>

#include "lib/module/url_server.h"

#define PASS DFOTA_FINDING_PASS
#define FAIL DFOTA_FINDING_FAIL
#define WARN DFOTA_FINDING_WARN
#define SKIP DFOTA_FINDING_SKIP

/* --- taking apart ------------------------------------------------------- */

static struct dfota_span span(const char *text, size_t size)
{
    struct dfota_span result = {text, size};

    return result;
}

static const char *find_last_char(struct dfota_span within, char c)
{
    for (size_t left = within.size; left > 0; left--)
        if (within.text[left - 1] == c)
            return within.text + left - 1;
    return NULL;
}

/* Cuts `whole` at its first `c`; what follows goes to `rest`, if it is there.
 */
static struct dfota_span cut(struct dfota_span whole, char c,
                             struct dfota_span *rest)
{
    const char *at = whole.size == 0 ? NULL : memchr(whole.text, c, whole.size);

    if (at == NULL)
        return whole;
    *rest = span(at + 1, whole.size - (size_t)(at - whole.text) - 1);
    return span(whole.text, (size_t)(at - whole.text));
}

bool dfota_url_split(const char *text, struct dfota_url *out)
{
    const char *mark = strstr(text, "://");
    struct dfota_url url = {0};
    struct dfota_span authority;
    const char *login_end;

    if (mark == NULL)
        return false;
    url.scheme = span(text, (size_t)(mark - text));
    text = mark + 3;
    authority = span(text, strcspn(text, "/?#"));
    text += authority.size;
    login_end = find_last_char(authority, '@');
    if (login_end != NULL) {
        size_t size = (size_t)(login_end - authority.text);

        url.user = cut(span(authority.text, size), ':', &url.password);
        authority = span(login_end + 1, authority.size - size - 1);
    }
    url.host = cut(authority, ':', &url.port);
    if (*text == '/')
        url.path = span(text, strcspn(text, "?#"));
    text += url.path.size;
    if (*text != '\0')
        url.query = span(text, strlen(text));
    *out = url;
    return true;
}

/* --- characters --------------------------------------------------------- */

/* CVE-2022-26147: some modules hand the URL to a shell. */
static bool is_dangerous(char c)
{
    return (unsigned char)c < 0x20 || (unsigned char)c > 0x7e ||
           strchr("`$;|&<>(){}'\"\\", c) != NULL;
}

/* Special in a path, by the examples of the guide's 5.1. */
static bool is_special(char c)
{
    return !dfota_url_is_plain(c) && strchr("_~/", c) == NULL;
}

static void check_dangerous(const struct dfota_url_check *lint)
{
    const char *text = lint->text;
    size_t at = 0;

    while (text[at] != '\0' && !is_dangerous(text[at]))
        at++;
    if (text[at] == '\0')
        dfota_findings_add(lint->findings, "URL-4", PASS,
                           "no character that a shell acts on");
    else
        dfota_findings_add(lint->findings, "URL-4", FAIL,
                           "byte %zu is 0x%02x, which is not safe: some "
                           "modules hand the URL to a shell",
                           at, (unsigned)(unsigned char)text[at]);
}

/* The first space or, in the path, special character; or NULL. */
static const char *find_special(const char *text, struct dfota_span path)
{
    const char *space = strpbrk(text, " \\");

    if (space != NULL)
        return space;
    for (size_t i = 0; i < path.size; i++)
        if (is_special(path.text[i]))
            return path.text + i;
    return NULL;
}

static void check_special(const struct dfota_url_check *lint,
                          struct dfota_span path)
{
    const char *at = find_special(lint->text, path);

    if (at == NULL)
        dfota_findings_add(lint->findings, "URL-3", PASS,
                           "no special characters");
    else
        dfota_findings_add(lint->findings, "URL-3",
                           lint->profile->characters_stated ? FAIL : WARN,
                           "byte %zu is the special character '%c'%s",
                           (size_t)(at - lint->text), *at,
                           lint->profile->characters_stated
                               ? ""
                               : ", which only the MiniFOTA chapter forbids");
}

/* --- the parts ---------------------------------------------------------- */

static void check_length(const struct dfota_url_check *lint, size_t max)
{
    size_t size = strlen(lint->text);

    dfota_findings_add(lint->findings, "URL-1", size > max ? FAIL : PASS,
                       "%zu bytes, at most %zu", size, max);
}

static unsigned find_scheme(struct dfota_span name)
{
    static const struct {
        const char *name;
        unsigned scheme;
    } schemes[] = {
        {"ftp", DFOTA_SCHEME_FTP},
        {"http", DFOTA_SCHEME_HTTP},
        {"https", DFOTA_SCHEME_HTTPS},
    };

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strlen(schemes[i].name) == name.size &&
            strncasecmp(schemes[i].name, name.text, name.size) == 0)
            return schemes[i].scheme;
    return 0;
}

/* Why the document withholds the scheme, or "". */
static const char *scheme_reason(const struct dfota_url_check *lint)
{
    const char *reason = NULL;

    if (lint->scheme == DFOTA_SCHEME_FTP)
        reason = lint->profile->ftp_reason;
    else if (lint->scheme == DFOTA_SCHEME_HTTPS)
        reason = lint->profile->https_reason;
    return reason == NULL ? "" : reason;
}

/* True when some modules of this head lack the scheme. */
static bool model_lacks_scheme(const struct dfota_url_check *lint)
{
    const struct dfota_rules_module *module = lint->target->rules->modules;

    for (; lint->target->head != NULL && module->head != NULL; module++)
        if (strcmp(module->head, lint->target->head) == 0 &&
            (module->no_schemes & lint->scheme) != 0)
            return true;
    return false;
}

static void check_scheme(const struct dfota_url_check *lint)
{
    const struct dfota_span name = lint->url.scheme;
    const char *reason = scheme_reason(lint);

    if (lint->scheme == 0)
        dfota_findings_add(lint->findings, "URL-2", FAIL,
                           "the scheme is not ftp, http or https");
    else if ((lint->profile->schemes & lint->scheme) == 0)
        dfota_findings_add(lint->findings, "URL-2", FAIL, "no %.*s here%s%s",
                           (int)name.size, name.text,
                           *reason == '\0' ? "" : ": ", reason);
    else if ((lint->profile->doubtful & lint->scheme) != 0)
        dfota_findings_add(lint->findings, "URL-2", WARN,
                           "%.*s depends on the flash size, which is not "
                           "known%s%s",
                           (int)name.size, name.text,
                           *reason == '\0' ? "" : ": ", reason);
    else if (model_lacks_scheme(lint))
        dfota_findings_add(lint->findings, "URL-2", WARN,
                           "some %s modules have no %.*s", lint->target->head,
                           (int)name.size, name.text);
    else
        dfota_findings_add(lint->findings, "URL-2", PASS, "%.*s is allowed",
                           (int)name.size, name.text);
}

static void check_query(const struct dfota_url_check *lint)
{
    if (lint->url.query.text == NULL)
        dfota_findings_add(lint->findings, "URL-11", PASS, "no query");
    else if (!lint->profile->query)
        dfota_findings_add(lint->findings, "URL-11", FAIL,
                           "a query or fragment hides the file name");
    else
        dfota_findings_add(lint->findings, "URL-11", WARN,
                           "a query or fragment: the document shows none");
}

/* --- the file name ------------------------------------------------------ */

static bool ends_with(struct dfota_span text, const char *end)
{
    size_t size = strlen(end);

    return text.size >= size &&
           memcmp(text.text + text.size - size, end, size) == 0;
}

/* True when the last extension of `name` begins with `begin`. */
static bool has_extension(struct dfota_span name, const char *begin)
{
    const char *dot = find_last_char(name, '.');
    size_t size = strlen(begin);

    return dot != NULL && (size_t)(name.text + name.size - dot) >= size &&
           memcmp(dot, begin, size) == 0;
}

/* True when `text` is `name`, or ends in it behind a slash or equals sign. */
static bool names_package(struct dfota_span text, const char *name)
{
    size_t before = text.size - strlen(name);

    return ends_with(text, name) &&
           (before == 0 || strchr("/=", text.text[before - 1]) != NULL);
}

static void check_name(const struct dfota_url_check *lint,
                       struct dfota_span path)
{
    const struct dfota_profile *profile = lint->profile;
    const char *package = lint->target->package;

    if (path.size == 0 || path.text[path.size - 1] == '/')
        dfota_findings_add(lint->findings, "URL-10", FAIL,
                           "it does not end in a file name");
    else if (profile->name_ends && !ends_with(path, profile->name_ends))
        dfota_findings_add(lint->findings, "URL-10", FAIL,
                           "it does not end in %s", profile->name_ends);
    else if (profile->name_never && has_extension(path, profile->name_never))
        dfota_findings_add(lint->findings, "URL-10", FAIL,
                           "the extension begins with %s, which belongs to "
                           "MiniFOTA",
                           profile->name_never);
    else if (package == NULL)
        dfota_findings_add(lint->findings, "URL-10", SKIP,
                           "the package's file name is not known");
    else if (*package == '\0' || !names_package(path, package))
        dfota_findings_add(lint->findings, "URL-10", FAIL,
                           "it does not end in the package's name, %s",
                           package);
    else
        dfota_findings_add(lint->findings, "URL-10", PASS, "it ends in %s",
                           package);
}

/* --- the whole ---------------------------------------------------------- */

static void check_local(const struct dfota_url_check *lint)
{
    const struct dfota_rules *rules = lint->target->rules;
    const char *prefix = rules->local_path_prefix;
    struct dfota_span path = span(lint->text, strlen(lint->text));

    if (rules->local_path_max == 0) {
        dfota_findings_add(lint->findings, "URL-2", FAIL,
                           "there is no ftp://, http:// or https://");
        return;
    }
    check_length(lint, rules->local_path_max);
    check_special(lint, path);
    check_dangerous(lint);
    if (*lint->text != '/')
        dfota_findings_add(lint->findings, "URL-12", FAIL,
                           "neither a URL nor a path from the root");
    else if (strncmp(lint->text, prefix, strlen(prefix)) != 0)
        dfota_findings_add(lint->findings, "URL-12", WARN,
                           "paths in UFS begin with %s", prefix);
    else
        dfota_findings_add(lint->findings, "URL-12", PASS,
                           "a path in the module's own files");
    check_name(lint, path);
}

static void check_url(struct dfota_url_check *lint)
{
    const struct dfota_url *url = &lint->url;
    struct dfota_span tail = url->path;

    lint->scheme = find_scheme(url->scheme);
    if (url->query.text != NULL && lint->profile->query)
        tail.size += url->query.size; /* may end in file=<name> */
    if (url->path.text == NULL)
        tail = span(NULL, 0);
    check_length(lint, lint->profile->url_max);
    check_scheme(lint);
    check_special(lint, url->path);
    check_dangerous(lint);
    dfota_url_check_server(lint);
    check_query(lint);
    check_name(lint, tail);
}

void dfota_url_lint(const char *text, const struct dfota_target *target,
                    struct dfota_findings *findings)
{
    struct dfota_url_check lint = {
        .text = text, .target = target, .findings = findings};

    lint.profile =
        dfota_rules_profile(target->rules, target->method, target->flash_mb);
    if (target->method == DFOTA_METHOD_UNKNOWN)
        dfota_findings_add(findings, "URL-2", SKIP,
                           "not checked: whether DFOTA or MiniFOTA is not "
                           "known");
    else if (lint.profile == NULL)
        dfota_findings_add(findings, "URL-2", FAIL, "%s knows no %s",
                           target->rules->name,
                           dfota_method_name(target->method));
    else if (dfota_url_split(text, &lint.url))
        check_url(&lint);
    else
        check_local(&lint);
}
