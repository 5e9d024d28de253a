/* SPDX-License-Identifier: MIT */
#include "lib/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fault.h"
#include "lib/base/file.h"
#include "lib/base/large.h"

/* Bytes that are read at once: more and more of them, as long as reads go on
 * where the last ended. */
#define WINDOW_MIN ((size_t)4 << 10)
#define WINDOW     ((size_t)64 << 10)

static enum dfota_error fail_changed(const struct dfota_input *input,
                                     struct dfota_fault *fault)
{
    dfota_fail(fault, DFOTA_ERR_IO, DFOTA_NO_OFFSET, "FILE-2");
    dfota_fault_in(fault, input->path);
    return DFOTA_ERR_IO;
}

/* Prepares for reading the regular file that `input->fd` is. */
static enum dfota_error open_file(struct dfota_input *input, uint64_t limit,
                                  const struct stat *status,
                                  struct dfota_fault *fault)
{
    input->size = (uint64_t)status->st_size;
    input->changed = status->st_mtim;
    if (input->size > limit) {
        dfota_fail(fault, DFOTA_ERR_LIMIT, limit, "FILE-1");
        dfota_fault_in(fault, input->path);
        return DFOTA_ERR_LIMIT;
    }
    input->window = malloc(WINDOW);
    return input->window != NULL ? DFOTA_OK : dfota_fail_memory(fault);
}

enum dfota_error dfota_input_open(const char *path, uint64_t limit,
                                  struct dfota_input *out,
                                  struct dfota_fault *fault)
{
    struct dfota_input input = {.path = path,
                                .fd = open(path, O_RDONLY | O_CLOEXEC)};
    struct stat status;
    enum dfota_error err;

    if (input.fd < 0)
        return dfota_fail_os(fault, path);
    if (fstat(input.fd, &status) != 0) {
        err = dfota_fail_os(fault, path);
    } else if (S_ISREG(status.st_mode) && status.st_size > 0) {
        err = open_file(&input, limit, &status, fault);
    } else {
        err = dfota_file_read_from(input.fd, path, (size_t)limit, &input.whole,
                                   fault);
        input.size = input.whole.size;
    }
    if (err)
        dfota_input_close(&input);
    else
        *out = input;
    return err;
}

/* Reads exactly `size` bytes from the file. */
static enum dfota_error read_exactly(const struct dfota_input *input,
                                     uint64_t offset, uint8_t *out, size_t size,
                                     struct dfota_fault *fault)
{
    while (size > 0) {
        ssize_t got = pread(input->fd, out, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return dfota_fail_os(fault, input->path);
        if (got == 0)
            return fail_changed(input, fault);
        offset += (uint64_t)got;
        out += got;
        size -= (size_t)got;
    }
    return DFOTA_OK;
}

/* Makes the window begin at `offset`. */
static enum dfota_error move_window(struct dfota_input *input, uint64_t offset,
                                    struct dfota_fault *fault)
{
    bool goes_on = offset > input->window_at &&
                   offset - input->window_at <= input->window_size;
    size_t most = goes_on ? 2 * input->window_size : WINDOW_MIN;
    uint64_t left = input->size - offset;
    size_t size;
    enum dfota_error err;

    if (most > WINDOW)
        most = WINDOW;
    size = left < most ? (size_t)left : most;
    input->window_size = 0;
    err = read_exactly(input, offset, input->window, size, fault);
    if (err)
        return err;
    input->window_at = offset;
    input->window_size = size;
    return DFOTA_OK;
}

static bool in_window(const struct dfota_input *input, uint64_t offset,
                      size_t size)
{
    return offset >= input->window_at &&
           offset - input->window_at <= input->window_size &&
           size <= input->window_size - (offset - input->window_at);
}

enum dfota_error dfota_input_read(struct dfota_input *input, uint64_t offset,
                                  void *out, size_t size,
                                  struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (size == 0)
        return DFOTA_OK;
    if (input->window == NULL) {
        memcpy(out, input->whole.data + offset, size);
        return DFOTA_OK;
    }
    if (size > WINDOW_MIN)
        return read_exactly(input, offset, out, size, fault);
    if (!in_window(input, offset, size))
        err = move_window(input, offset, fault);
    if (!err)
        memcpy(out, input->window + (offset - input->window_at), size);
    return err;
}

enum dfota_error dfota_input_check(const struct dfota_input *input,
                                   struct dfota_fault *fault)
{
    struct stat status;

    if (input->window == NULL)
        return DFOTA_OK;
    if (fstat(input->fd, &status) != 0)
        return dfota_fail_os(fault, input->path);
    if ((uint64_t)status.st_size != input->size ||
        status.st_mtim.tv_sec != input->changed.tv_sec ||
        status.st_mtim.tv_nsec != input->changed.tv_nsec)
        return fail_changed(input, fault);
    return DFOTA_OK;
}

enum dfota_error dfota_input_load(struct dfota_input *input,
                                  struct dfota_buffer *out,
                                  struct dfota_fault *fault)
{
    size_t size = (size_t)input->size;
    enum dfota_error err;

    /* Exactly so much, not the next power of two: images are large. */
    out->data = dfota_large(size > 0 ? size : 1);
    if (out->data == NULL)
        return dfota_fail_memory(fault);
    out->capacity = size;
    if (input->window == NULL)
        err = dfota_input_read(input, 0, out->data, size, fault);
    else
        err = read_exactly(input, 0, out->data, size, fault);
    out->size = size;
    if (!err)
        err = dfota_input_check(input, fault);
    if (err)
        dfota_buffer_free(out);
    return err;
}

void dfota_input_close(struct dfota_input *input)
{
    if (input->path != NULL)
        close(input->fd);
    free(input->window);
    dfota_buffer_free(&input->whole);
    *input = (struct dfota_input){0};
}
