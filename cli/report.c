/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/print.h"

#define LARGE (1 << 20) /* bytes of memory that are given back at once */
#define MESSAGE_SIZE                                                           \
    (256 + DFOTA_DETAIL_SIZE) /* bytes; longer ones are cut                    \
                               */

void dfota_report_start(void)
{
    /* Or else the allocator keeps what is as large as anything it was ever
     * given back, and images are large. */
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    signal(SIGPIPE, SIG_IGN);
    /* Opened the wrong way round, so that using a closed stream still fails. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    /* A line in one piece, whoever else writes to the same terminal. */
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
}

enum dfota_exit dfota_report_finish(const char *program, enum dfota_exit status)
{
    /* Of a write that failed earlier only the fact is known. */
    int os_error = ferror(stdout) ? EIO : 0;

    if (fflush(stdout) != 0)
        os_error = errno;
    if (fclose(stdout) != 0 && os_error == 0)
        os_error = errno;
    if (os_error == 0)
        return status;
    fprintf(stderr, "%s: standard output: %s\n", program, strerror(os_error));
    return DFOTA_EXIT_MACHINE;
}

enum dfota_exit dfota_report_status(enum dfota_error error)
{
    switch (error) {
    case DFOTA_OK:
        return DFOTA_EXIT_DONE;
    case DFOTA_ERR_IO:
    case DFOTA_ERR_MEMORY:
        return DFOTA_EXIT_MACHINE;
    case DFOTA_ERR_USAGE:
        return DFOTA_EXIT_USAGE;
    case DFOTA_ERR_FORMAT:
    case DFOTA_ERR_UNSUPPORTED:
    case DFOTA_ERR_TRUNCATED:
    case DFOTA_ERR_CORRUPT:
    case DFOTA_ERR_LIMIT:
    case DFOTA_ERR_DIGEST:
    case DFOTA_ERR_REFUSED:
        break;
    }
    return DFOTA_EXIT_REFUSED;
}

/* Writes what is wrong, as exactly as it is known. */
static void describe(const struct dfota_fault *fault, char out[MESSAGE_SIZE])
{
    const char *what = NULL;

    if (fault->error == DFOTA_ERR_IO && fault->os_error != 0)
        what = strerror(fault->os_error);
    else if (fault->rule != NULL)
        what = dfota_rule_text(fault->rule);
    if (what == NULL)
        what = dfota_error_text(fault->error);
    snprintf(out, MESSAGE_SIZE, "%s%s%s", what,
             fault->detail[0] != '\0' ? ": " : "", fault->detail);
}

static void print_fault(const char *program, const struct dfota_fault *fault)
{
    char message[MESSAGE_SIZE];

    fprintf(stderr, "%s: ", program);
    if (fault->input != NULL) {
        dfota_print_text(stderr, fault->input);
        fputs(": ", stderr);
    }
    if (fault->offset != DFOTA_NO_OFFSET)
        fprintf(stderr, "offset %" PRIu64 ": ", fault->offset);
    describe(fault, message);
    dfota_print_text(stderr, message);
    if (fault->rule != NULL)
        fprintf(stderr, " (%s)", fault->rule);
    fputc('\n', stderr);
}

enum dfota_exit dfota_report_fault(const char *program,
                                   const struct dfota_fault *fault, bool json)
{
    enum dfota_exit status = dfota_report_status(fault->error);
    struct dfota_json_writer object = {0};
    char message[MESSAGE_SIZE];

    print_fault(program, fault);
    if (!json || status == DFOTA_EXIT_USAGE)
        return status;
    describe(fault, message);
    dfota_json_begin_object(&object, NULL);
    dfota_report_json_error(&object, fault->rule, fault->input, fault->offset,
                            message);
    dfota_json_end(&object);
    if (dfota_report_json(program, &object) != DFOTA_EXIT_DONE)
        return DFOTA_EXIT_MACHINE;
    return status;
}

void dfota_report_warning(const char *program, const char *text)
{
    fprintf(stderr, "%s: warning: ", program);
    dfota_print_text(stderr, text);
    fputc('\n', stderr);
}

void dfota_report_json_error(struct dfota_json_writer *json, const char *rule,
                             const char *file, uint64_t offset,
                             const char *message)
{
    dfota_json_begin_object(json, "error");
    dfota_json_string(json, "rule", rule);
    dfota_json_string(json, "file", file);
    if (offset != DFOTA_NO_OFFSET)
        dfota_json_number(json, "offset", offset);
    else
        dfota_json_null(json, "offset");
    dfota_json_string(json, "message", message);
    dfota_json_end(json);
}

enum dfota_exit dfota_report_json(const char *program,
                                  struct dfota_json_writer *json)
{
    struct dfota_buffer text = {0};
    struct dfota_fault fault = {0};
    enum dfota_exit status = DFOTA_EXIT_DONE;

    if (dfota_json_finish(json, &text, &fault) == DFOTA_OK) {
        fwrite(text.data, 1, text.size, stdout);
    } else {
        print_fault(program, &fault);
        status = DFOTA_EXIT_MACHINE;
    }
    dfota_buffer_free(&text);
    return status;
}
