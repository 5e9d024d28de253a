/* SPDX-License-Identifier: MIT */
#include "module/trace.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "lib/base/fault.h"
#include "module/module.h"

#define TEXT_SIZE 4096 /* bytes; longer ones are cut */

enum dfota_error module_trace_open(struct module_trace *trace, const char *path,
                                   const char *cut_at,
                                   struct dfota_fault *fault)
{
    pthread_mutex_init(&trace->lock, NULL);
    trace->begun = module_clock();
    trace->cut_at = cut_at;
    if (path == NULL)
        return DFOTA_OK;
    trace->file = fopen(path, "ae");
    return trace->file != NULL ? DFOTA_OK : dfota_fail_os(fault, path);
}

void module_trace_close(struct module_trace *trace)
{
    if (trace->file != NULL)
        fclose(trace->file);
    trace->file = NULL;
}

/* Writes `text` as a JSON string; whatever is not ASCII as its byte. */
static void put_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c > 0x7e)
            fprintf(file, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

/* Whether this is what the trace is cut at: "event", or "event:part". */
static bool is_cut(const struct module_trace *trace, const char *event,
                   const char *text)
{
    size_t size = strlen(event);
    const char *cut = trace->cut_at;

    if (cut == NULL || strncmp(cut, event, size) != 0)
        return false;
    return cut[size] == '\0' ||
           (cut[size] == ':' && strstr(text, cut + size + 1) != NULL);
}

void module_trace_add(struct module_trace *trace, const char *event,
                      const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    if (trace->file == NULL && trace->cut_at == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    pthread_mutex_lock(&trace->lock);
    if (trace->file != NULL) {
        fprintf(trace->file,
                "{\"ms\": %" PRIu64 ", \"event\": \"%s\", \"text\": ",
                module_clock() - trace->begun, event);
        put_string(trace->file, text);
        fputs("}\n", trace->file);
        fflush(trace->file);
    }
    if (is_cut(trace, event, text))
        raise(SIGKILL);
    pthread_mutex_unlock(&trace->lock);
}
