/* SPDX-License-Identifier: MIT */
#include "lib/module/transfer.h"

struct row {
    unsigned ftp;  /* 6.1 */
    unsigned http; /* 6.2 */
    const char *text;
};

static const struct row rows[DFOTA_TRANSFER_COUNT] = {
    [DFOTA_TRANSFER_DONE] = {0, 0, "downloaded"},
    [DFOTA_TRANSFER_UNKNOWN] = {601, 701, "failed for an unknown reason"},
    [DFOTA_TRANSFER_URL] = {610, 711, "no URL that can be fetched"},
    [DFOTA_TRANSFER_PATH] = {612, 711, "not in the root directory"},
    [DFOTA_TRANSFER_NO_NETWORK] = {605, 709, "the context is not active"},
    [DFOTA_TRANSFER_DNS] = {604, 714, "the host's name is not known"},
    [DFOTA_TRANSFER_CONNECT] = {605, 716, "no connection"},
    [DFOTA_TRANSFER_CONNECT_TIME] = {609, 702, "no connection in time"},
    [DFOTA_TRANSFER_TLS] = {605, 707, "no secure connection"},
    [DFOTA_TRANSFER_RESPONSE_TIME] = {609, 728, "no answer in time"},
    [DFOTA_TRANSFER_RESPONSE] = {613, 723, "the server refused"},
    [DFOTA_TRANSFER_CODING] = {613, 721, "chunked or compressed"},
    [DFOTA_TRANSFER_DATA_TIME] = {609, 727, "the file stops coming"},
    [DFOTA_TRANSFER_CLOSED] = {606, 719, "the connection was closed"},
    [DFOTA_TRANSFER_DATA_CLOSED] = {607, 719, "the data connection was closed"},
    [DFOTA_TRANSFER_DATA_CONNECT] = {615, 716, "no data connection"},
    [DFOTA_TRANSFER_READ] = {608, 717, "reading failed"},
    [DFOTA_TRANSFER_WRITE] = {605, 718, "sending failed"},
    [DFOTA_TRANSFER_ROOM] = {619, 729, "no room for the file"},
};

/* 6.1: FTP replies, by their meaning in RFC 959 */
static const struct {
    unsigned reply;
    unsigned code;
} replies[] = {
    {421, 614}, {425, 615}, {426, 616}, {450, 617}, {451, 618}, {452, 619},
    {500, 620}, {501, 621}, {502, 622}, {503, 623}, {504, 624}, {530, 625},
    {532, 626}, {550, 627}, {551, 628}, {552, 629},
};

static unsigned find_reply(unsigned reply)
{
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
        if (replies[i].reply == reply)
            return replies[i].code;
    return 0;
}

/* Failures of which the server's last reply may be the reason. */
static bool is_replied(enum dfota_transfer failure)
{
    return failure == DFOTA_TRANSFER_RESPONSE ||
           failure == DFOTA_TRANSFER_CLOSED ||
           failure == DFOTA_TRANSFER_DATA_CLOSED;
}

unsigned dfota_transfer_code(const struct dfota_rules *rules, bool ftp,
                             enum dfota_transfer failure, unsigned reply)
{
    const struct dfota_code_list *list = ftp ? rules->ftp_err : rules->http_err;
    unsigned code = ftp ? rows[failure].ftp : rows[failure].http;
    unsigned replied = ftp && is_replied(failure) ? find_reply(reply) : 0;

    if (failure == DFOTA_TRANSFER_DONE)
        return 0;
    if (replied != 0)
        code = replied;
    if (dfota_code_find(list, code) != NULL)
        return code;
    return ftp ? rows[DFOTA_TRANSFER_UNKNOWN].ftp
               : rows[DFOTA_TRANSFER_UNKNOWN].http;
}

bool dfota_transfer_breaks_off(enum dfota_transfer failure)
{
    switch (failure) {
    case DFOTA_TRANSFER_CLOSED:
    case DFOTA_TRANSFER_DATA_CLOSED:
    case DFOTA_TRANSFER_READ:
    case DFOTA_TRANSFER_DATA_TIME:
    case DFOTA_TRANSFER_CONNECT:
    case DFOTA_TRANSFER_CONNECT_TIME:
        return true;
    default:
        return false;
    }
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Steps over `word`, in lower case, and spaces; false for anything else. */
static bool skip(const char **text, const char *end, const char *word)
{
    const char *at = *text;

    for (; *word != '\0'; word++, at++)
        if (at == end || lower(*at) != *word)
            return false;
    while (at < end && *at == ' ')
        at++;
    *text = at;
    return true;
}

bool dfota_transfer_is_coded(const char *line, size_t size)
{
    static const char *const codings[] = {"gzip", "deflate", "br"};
    const char *end = line + size;

    if (skip(&line, end, "transfer-encoding:"))
        return skip(&line, end, "chunked");
    if (!skip(&line, end, "content-encoding:"))
        return false;
    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
        if (skip(&line, end, codings[i]))
            return true;
    return false;
}

const char *dfota_transfer_text(enum dfota_transfer failure)
{
    return rows[failure].text;
}
