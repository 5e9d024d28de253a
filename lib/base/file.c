/* SPDX-License-Identifier: MIT */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fault.h"

#define READ_CHUNK ((size_t)1 << 20) /* bytes a read of unknown size */

/* Fills `out` from `fd` until the end or one byte past `limit`. */
static enum dfota_error read_all(int fd, const char *path, size_t limit,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    struct stat status;
    size_t ask = READ_CHUNK;

    if (fstat(fd, &status) != 0)
        return dfota_fail_os(fault, path);
    if (S_ISREG(status.st_mode)) {
        if ((uint64_t)status.st_size > limit)
            return dfota_fail(fault, DFOTA_ERR_LIMIT, limit, "FILE-1");
        ask = (size_t)status.st_size + 1; /* one more, to see the end */
    }
    for (;;) {
        uint8_t *room = dfota_buffer_reserve(out, ask);
        ssize_t got;

        if (room == NULL)
            return dfota_buffer_check(out, fault);
        got = read(fd, room, ask);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return dfota_fail_os(fault, path);
        out->size += (size_t)got;
        if (out->size > limit)
            return dfota_fail(fault, DFOTA_ERR_LIMIT, limit, "FILE-1");
        if (got == 0)
            return DFOTA_OK;
        ask = (size_t)got < ask ? ask - (size_t)got : READ_CHUNK;
    }
}

enum dfota_error dfota_file_read(const char *path, size_t limit,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum dfota_error err;

    if (fd < 0)
        return dfota_fail_os(fault, path);
    err = read_all(fd, path, limit, out, fault);
    close(fd);
    if (err) {
        dfota_buffer_free(out);
        dfota_fault_in(fault, path);
    }
    return err;
}

bool dfota_file_same(const char *a, const char *b)
{
    struct stat sa;
    struct stat sb;

    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

/* --- writing ------------------------------------------------------------- */

#define LINKS_MAX     40  /* links that lead to one another; as Linux follows */
#define LEFTOVERS_MAX 100 /* temporary files of runs that were killed */

/* How much of `path`, with the last slash, names a folder. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Turns a `*path` that is a link into where that leads, one step. */
static enum dfota_error follow_link(char **path, bool *followed,
                                    struct dfota_fault *fault)
{
    char content[PATH_MAX];
    ssize_t length = readlink(*path, content, sizeof(content));
    size_t folder = folder_length(*path);
    char *target;

    *followed = length > 0 && (size_t)length < sizeof(content);
    if (!*followed) /* no link, or nothing there: creating it will tell */
        return DFOTA_OK;
    if (content[0] == '/')
        folder = 0;
    target = malloc(folder + (size_t)length + 1);
    if (target == NULL)
        return dfota_fail_memory(fault);
    memcpy(target, *path, folder);
    memcpy(target + folder, content, (size_t)length);
    target[folder + (size_t)length] = '\0';
    free(*path);
    *path = target;
    return DFOTA_OK;
}

/*
 * Finds out where `output->path` leads, whether something is there or not: a
 * rename would take a link's place and leave what it leads to as it was.
 */
static enum dfota_error find_target(struct dfota_output *output,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;
    bool followed = true;

    output->target = strdup(output->path);
    if (output->target == NULL)
        return dfota_fail_memory(fault);
    for (unsigned i = 0; followed && i < LINKS_MAX && !err; i++)
        err = follow_link(&output->target, &followed, fault);
    if (followed && !err) {
        errno = ELOOP;
        return dfota_fail_os(fault, output->path);
    }
    return err;
}

/*
 * Creates the temporary file beside the target, on the same file system.  Its
 * name owes nothing to the target's, which may be as long as names can be.
 */
static enum dfota_error create_temporary(struct dfota_output *output,
                                         mode_t mode, struct dfota_fault *fault)
{
    size_t folder = folder_length(output->target);
    size_t size = folder + sizeof(".dfota-") + 40; /* two numbers, a hyphen */
    char *name = malloc(size);

    if (name == NULL)
        return dfota_fail_memory(fault);
    memcpy(name, output->target, folder);
    for (unsigned i = 0; i < LEFTOVERS_MAX; i++) {
        snprintf(name + folder, size - folder, ".dfota-%ld-%u", (long)getpid(),
                 i);
        output->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (output->fd >= 0) {
            output->temporary = name;
            return DFOTA_OK;
        }
        if (errno != EEXIST)
            break;
    }
    dfota_fail_os(fault, output->path);
    free(name);
    return DFOTA_ERR_IO;
}

enum dfota_error dfota_output_open(struct dfota_output *output,
                                   const char *path, struct dfota_fault *fault)
{
    struct dfota_output made = {.fd = -1, .path = path};
    struct stat status;
    bool replaces = stat(path, &status) == 0;
    enum dfota_error err;

    if (replaces && !S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        return dfota_fail_os(fault, path);
    }
    err = find_target(&made, fault);
    if (!err)
        err = create_temporary(&made, replaces ? 0600 : 0666, fault);
    /* Without set-user-ID and the like: the new file's owner may be another. */
    if (!err && replaces && fchmod(made.fd, status.st_mode & 0777) != 0)
        err = dfota_fail_os(fault, path);
    if (err)
        dfota_output_discard(&made);
    else
        *output = made;
    return err;
}

enum dfota_error dfota_output_write(struct dfota_output *output,
                                    const void *bytes, size_t size,
                                    struct dfota_fault *fault)
{
    const uint8_t *next = bytes;

    while (size > 0) {
        ssize_t put = write(output->fd, next, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return dfota_fail_os(fault, output->path);
        next += put;
        size -= (size_t)put;
    }
    return DFOTA_OK;
}

/*
 * Flushes the folder that holds `path`, so that a rename in it lasts.  What has
 * been renamed is there for all to see, so a folder that cannot be opened or
 * flushed is no failure.
 */
static void flush_folder(char *path)
{
    size_t length = folder_length(path);
    int fd;

    path[length] = '\0';
    fd = open(length > 0 ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

enum dfota_error dfota_output_commit(struct dfota_output *output,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (fsync(output->fd) != 0)
        err = dfota_fail_os(fault, output->path);
    if (close(output->fd) != 0 && !err)
        err = dfota_fail_os(fault, output->path);
    output->fd = -1;
    if (!err && rename(output->temporary, output->target) != 0)
        err = dfota_fail_os(fault, output->path);
    if (!err) {
        free(output->temporary);
        output->temporary = NULL;
        flush_folder(output->target);
    }
    dfota_output_discard(output);
    return err;
}

void dfota_output_discard(struct dfota_output *output)
{
    if (output->temporary != NULL) {
        if (output->fd >= 0)
            close(output->fd);
        unlink(output->temporary);
    }
    free(output->temporary);
    free(output->target);
    *output = (struct dfota_output){0};
}
