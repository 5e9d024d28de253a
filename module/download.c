/* SPDX-License-Identifier: MIT */
#include "module/download.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/module/url.h"
#include "module/download_file.h"
#include "module/network.h"

#define ATTEMPTS          4     /* the first one included */
#define TIMEOUT           30000 /* ms: to connect, to answer, and between bytes */
#define FAST_TIMEOUT      1000
#define RETRY_MS          3000 /* of the module's time */
#define POLL_MS           20

#define FTP_NOT_AVAILABLE 421

/* One download, over all its attempts. */
struct transfer {
    struct module *module;
    const struct module_download *download;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *resolve;
    struct download_file file;
    bool ftp;
    size_t stored;   /* of a piece that came again after a pause */
    uint64_t total;  /* 0: not known */
    uint64_t active; /* module_clock() of the last sign of life */
    bool began;
    bool in_body; /* of this attempt */
    bool begun;   /* this attempt has had a network */
    bool stalled; /* it has lost it */
    bool anew;    /* the next one begins at 0, since this one could not go on */
    bool enough;
    enum dfota_transfer failure; /* ours, before libcurl's */
};

bool module_download_start(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void module_download_stop(void)
{
    curl_global_cleanup();
}

static long timeout_ms(const struct module *module)
{
    return module->options->fast ? FAST_TIMEOUT : TIMEOUT;
}

/* --- what comes ----------------------------------------------------------- */

static size_t on_header(char *line, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)one;
    transfer->active = module_clock();
    if (transfer->ftp)
        return size;
    if (dfota_transfer_is_coded(line, size)) {
        transfer->failure = DFOTA_TRANSFER_CODING;
        return 0;
    }
    return size;
}

static long response(const struct transfer *transfer)
{
    long code = 0;

    if (transfer->begun) /* else it is that of the attempt before */
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* Before the first byte of an attempt: is it the file that comes? */
static bool begin_body(struct transfer *transfer)
{
    curl_off_t length = -1;
    long code = response(transfer);

    if (!transfer->ftp && code != 200 && code != 206) {
        transfer->failure = DFOTA_TRANSFER_RESPONSE;
        return false;
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
                      &length);
    transfer->total = length > 0 ? transfer->file.got + (uint64_t)length : 0;
    transfer->in_body = true;
    transfer->began = true;
    return true;
}

/* Takes bytes of the file; false when no further ones are wanted. */
static bool take(struct transfer *transfer, const char *bytes, size_t size)
{
    const struct module_download *download = transfer->download;

    if (!download_file_add(&transfer->file, bytes, size)) {
        transfer->failure = DFOTA_TRANSFER_ROOM;
        return false;
    }
    network_count(transfer->module, size);
    if (download->progress != NULL)
        download->progress(transfer->module, transfer->file.got,
                           transfer->total);
    transfer->enough =
        download->enough != 0 && transfer->file.got >= download->enough;
    return !transfer->enough;
}

/*
 * When the network goes within a piece, what is before is taken, and the piece
 * is refused as a whole: libcurl gives it again.
 */
static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;
    uint64_t left = network_left(transfer->module);
    size_t begin = transfer->stored < size ? transfer->stored : size;
    bool goes = size - begin > left;
    size_t part = goes ? (size_t)left : size - begin;

    (void)one;
    transfer->active = module_clock();
    if ((!transfer->in_body && !begin_body(transfer)) ||
        !take(transfer, bytes + begin, part))
        return 0;
    transfer->stored = goes ? begin + part : transfer->stored - begin;
    return goes ? CURL_WRITEFUNC_PAUSE : size;
}

/* --- what is wrong -------------------------------------------------------- */

static enum dfota_transfer read_timeout(const struct transfer *transfer)
{
    curl_off_t connected = 0;

    if (!transfer->begun)
        return DFOTA_TRANSFER_CONNECT_TIME;
    if (transfer->ftp && response(transfer) == FTP_NOT_AVAILABLE)
        return DFOTA_TRANSFER_RESPONSE; /* libcurl takes it for a timeout */
    if (transfer->in_body || response(transfer) != 0)
        return DFOTA_TRANSFER_DATA_TIME;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
    return connected > 0 ? DFOTA_TRANSFER_RESPONSE_TIME
                         : DFOTA_TRANSFER_CONNECT_TIME;
}

static enum dfota_transfer read_ftp_failure(CURLcode code)
{
    switch (code) {
    case CURLE_PARTIAL_FILE:
        return DFOTA_TRANSFER_DATA_CLOSED;
    case CURLE_FTP_WEIRD_PASV_REPLY:
    case CURLE_FTP_WEIRD_227_FORMAT:
    case CURLE_FTP_CANT_GET_HOST:
    case CURLE_FTP_PORT_FAILED:
    case CURLE_FTP_ACCEPT_FAILED:
    case CURLE_FTP_ACCEPT_TIMEOUT:
        return DFOTA_TRANSFER_DATA_CONNECT;
    default:
        return DFOTA_TRANSFER_RESPONSE;
    }
}

static enum dfota_transfer read_failure(const struct transfer *transfer,
                                        CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return DFOTA_TRANSFER_DONE;
    case CURLE_URL_MALFORMAT:
        return DFOTA_TRANSFER_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
        return DFOTA_TRANSFER_DNS;
    case CURLE_COULDNT_CONNECT:
        return transfer->ftp && response(transfer) != 0
                   ? DFOTA_TRANSFER_DATA_CONNECT
                   : DFOTA_TRANSFER_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return read_timeout(transfer);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return DFOTA_TRANSFER_TLS;
    case CURLE_GOT_NOTHING:
        return DFOTA_TRANSFER_CLOSED;
    case CURLE_RECV_ERROR:
        return transfer->ftp && !transfer->in_body ? DFOTA_TRANSFER_CLOSED
                                                   : DFOTA_TRANSFER_READ;
    case CURLE_SEND_ERROR:
        return DFOTA_TRANSFER_WRITE;
    case CURLE_OUT_OF_MEMORY:
        return DFOTA_TRANSFER_ROOM;
    default:
        break;
    }
    if (transfer->ftp)
        return read_ftp_failure(code);
    return code == CURLE_PARTIAL_FILE ? DFOTA_TRANSFER_CLOSED
                                      : DFOTA_TRANSFER_UNKNOWN;
}

/* --- fetching ------------------------------------------------------------- */

static bool is_interrupted(const struct module *module)
{
    return module_interrupted(module) ||
           (module->mode == MODULE_DOWNLOAD && module->wanted);
}

static void set_options(struct transfer *transfer)
{
    const struct module *module = transfer->module;
    const struct module_options *options = module->options;
    CURL *easy = transfer->easy;
    struct dfota_url url = {0};

    curl_easy_setopt(easy, CURLOPT_URL, transfer->download->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,ftp");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "dfota-module");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms(module));
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 60L);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 0L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (options->cacert != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->cacert);
    if (transfer->resolve != NULL)
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->resolve);
    /* The documents' default, which is 80 for HTTPS too. */
    if (dfota_url_split(transfer->download->url, &url) &&
        url.port.text == NULL && !transfer->ftp)
        curl_easy_setopt(easy, CURLOPT_PORT,
                         (long)module->rules->port_default_http);
}

/* Lets libcurl work, if there is a network; false when that cannot be. */
static bool perform(struct transfer *transfer, int *running)
{
    struct module *module = transfer->module;
    struct curl_waitfd port = {.fd = module_port_fd(&module->port),
                               .events = CURL_WAIT_POLLIN};

    if (network_is_lost(module)) {
        transfer->stalled = true;
        module_pump(module, POLL_MS);
        return true;
    }
    transfer->begun = true;
    if (transfer->stalled)
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
    transfer->stalled = false;
    if (curl_multi_perform(transfer->multi, running) != CURLM_OK)
        return false;
    if (*running > 0)
        curl_multi_poll(transfer->multi, &port, port.fd >= 0, POLL_MS, NULL);
    return true;
}

/* Waits until the attempt has ended; false when it is to be given up. */
static bool run_attempt(struct transfer *transfer, CURLcode *result)
{
    struct module *module = transfer->module;
    int running = 1;
    int left;
    const CURLMsg *message;

    *result = CURLE_OK;
    while (running > 0) {
        if (!perform(transfer, &running))
            return false;
        if (running == 0)
            break;
        module_pump(module, 0);
        if (is_interrupted(module))
            return false;
        if (module_clock() - transfer->active >
            (uint64_t)timeout_ms(module) + POLL_MS) {
            *result = CURLE_OPERATION_TIMEDOUT;
            return true;
        }
    }
    message = curl_multi_info_read(transfer->multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE)
        *result = message->data.result;
    return true;
}

/* Fetches once, from where the file ends; false when interrupted. */
static bool attempt(struct transfer *transfer)
{
    CURLcode result = CURLE_OK;
    bool done;

    transfer->in_body = false;
    transfer->anew = false;
    transfer->begun = false;
    transfer->stalled = false;
    transfer->stored = 0;
    transfer->failure = DFOTA_TRANSFER_DONE;
    transfer->active = module_clock();
    curl_easy_setopt(transfer->easy, CURLOPT_RESUME_FROM_LARGE,
                     (curl_off_t)transfer->file.got);
    curl_multi_add_handle(transfer->multi, transfer->easy);
    done = run_attempt(transfer, &result);
    if (transfer->failure == DFOTA_TRANSFER_DONE && !transfer->enough)
        transfer->failure = read_failure(transfer, result);
    if (transfer->failure == DFOTA_TRANSFER_DONE && !transfer->ftp &&
        !transfer->in_body && response(transfer) != 200)
        transfer->failure = DFOTA_TRANSFER_RESPONSE;
    /* No ranges there, or the file has changed: anew from its beginning. */
    if (result == CURLE_RANGE_ERROR || result == CURLE_BAD_DOWNLOAD_RESUME ||
        (!transfer->ftp && response(transfer) == 416)) {
        transfer->failure = DFOTA_TRANSFER_CLOSED;
        transfer->anew = true;
        if (!download_file_restart(&transfer->file))
            transfer->failure = DFOTA_TRANSFER_ROOM;
    }
    curl_multi_remove_handle(transfer->multi, transfer->easy);
    return done;
}

/* Whether going on where it broke off may help. */
static bool can_resume(const struct transfer *transfer)
{
    return (transfer->began || transfer->anew) &&
           dfota_transfer_breaks_off(transfer->failure);
}

static void run(struct transfer *transfer, struct module_downloaded *out)
{
    struct module *module = transfer->module;
    bool done = attempt(transfer);
    long reply;

    for (int i = 1; done && can_resume(transfer) && i < ATTEMPTS; i++) {
        module_trace_add(&module->trace, "retry", "%s after %llu bytes",
                         dfota_transfer_text(transfer->failure),
                         (unsigned long long)transfer->file.got);
        module_wait(module, RETRY_MS);
        done = attempt(transfer);
    }
    reply = response(transfer);
    out->interrupted = !done || is_interrupted(module);
    out->began = transfer->began;
    out->failure = transfer->failure;
    out->code =
        dfota_transfer_code(module->rules, transfer->ftp, transfer->failure,
                            reply >= 400 ? (unsigned)reply : 0);
    module_trace_add(&module->trace, "download", "%s: %s, %llu bytes, code %u",
                     transfer->download->url,
                     out->interrupted ? "interrupted"
                                      : dfota_transfer_text(out->failure),
                     (unsigned long long)transfer->file.got, out->code);
}

/* HOST:PORT:ADDRESS[:PORT] as libcurl has it, with both ports; NULL for none.
 */
static struct curl_slist *read_resolve(const char *text)
{
    char entry[512];
    const char *host;
    const char *address;

    if (text == NULL)
        return NULL;
    host = strchr(text, ':');
    address = host != NULL ? strchr(host + 1, ':') : NULL;
    if (address == NULL || strchr(address + 1, ':') != NULL)
        return curl_slist_append(NULL, text);
    snprintf(entry, sizeof(entry), "%s:%.*s", text, (int)(address - host - 1),
             host + 1);
    return curl_slist_append(NULL, entry);
}

static bool open_transfer(struct transfer *transfer)
{
    const struct module_download *download = transfer->download;

    if (!download_file_open(&transfer->file, download->path, download->resume))
        return false;
    transfer->multi = curl_multi_init();
    transfer->easy = curl_easy_init();
    transfer->resolve = read_resolve(transfer->module->options->resolve);
    return transfer->multi != NULL && transfer->easy != NULL;
}

void module_download(struct module *module,
                     const struct module_download *download,
                     struct module_downloaded *out)
{
    struct transfer transfer = {.module = module,
                                .download = download,
                                .file = {.fd = -1, .room = download->room},
                                .ftp =
                                    strncasecmp(download->url, "ftp:", 4) == 0};

    *out = (struct module_downloaded){.failure = DFOTA_TRANSFER_ROOM};
    if (open_transfer(&transfer)) {
        set_options(&transfer);
        run(&transfer, out);
    } else {
        out->code =
            dfota_transfer_code(module->rules, transfer.ftp, out->failure, 0);
    }
    curl_easy_cleanup(transfer.easy);
    curl_multi_cleanup(transfer.multi);
    curl_slist_free_all(transfer.resolve);
    if (!download_file_close(&transfer.file))
        out->failure = DFOTA_TRANSFER_ROOM;
}
