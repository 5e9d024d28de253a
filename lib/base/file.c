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

enum dfota_error dfota_file_read_from(int fd, const char *path, size_t limit,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault)
{
    enum dfota_error err = read_all(fd, path, limit, out, fault);

    if (err) {
        dfota_buffer_free(out);
        dfota_fault_in(fault, path);
    }
    return err;
}

enum dfota_error dfota_file_read(const char *path, size_t limit,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum dfota_error err;

    if (fd < 0)
        return dfota_fail_os(fault, path);
    err = dfota_file_read_from(fd, path, limit, out, fault);
    close(fd);
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

enum dfota_error dfota_file_target(const char *path, char **target,
                                   struct dfota_fault *fault)
{
    char *found = strdup(path);
    enum dfota_error err = DFOTA_OK;
    bool followed = true;

    if (found == NULL) {
        dfota_fail_memory(fault);
        return DFOTA_ERR_MEMORY;
    }
    for (unsigned i = 0; followed && i < LINKS_MAX && !err; i++)
        err = follow_link(&found, &followed, fault);
    if (followed && !err) {
        errno = ELOOP;
        err = dfota_fail_os(fault, path);
    }
    if (err)
        free(found);
    else
        *target = found;
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
    err = dfota_file_target(path, &made.target, fault);
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

void dfota_file_flush_folder(char *path)
{
    size_t length = folder_length(path);
    char first = path[length]; /* of the name, which is put back */
    int fd;

    path[length] = '\0';
    fd = open(length > 0 ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    path[length] = first;
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Brings all bytes of the temporary file to the disk. */
static enum dfota_error finish_temporary(struct dfota_output *output,
                                         struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (fsync(output->fd) != 0)
        err = dfota_fail_os(fault, output->path);
    if (close(output->fd) != 0 && !err)
        err = dfota_fail_os(fault, output->path);
    output->fd = -1;
    return err;
}

static enum dfota_error rename_temporary(struct dfota_output *output,
                                         struct dfota_fault *fault)
{
    if (rename(output->temporary, output->target) != 0)
        return dfota_fail_os(fault, output->path);
    free(output->temporary);
    output->temporary = NULL;
    dfota_file_flush_folder(output->target);
    return DFOTA_OK;
}

enum dfota_error dfota_output_commit(struct dfota_output *output,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = finish_temporary(output, fault);

    if (!err)
        err = rename_temporary(output, fault);
    dfota_output_discard(output);
    return err;
}

/*
 * Gives what stands at the target a second name, `*backup`, so that it can be
 * put back; NULL when nothing stands there, or a folder, whose place no file
 * can take.
 */
static enum dfota_error back_up(const struct dfota_output *output,
                                char **backup, struct dfota_fault *fault)
{
    static const char suffix[] = ".old";
    size_t length = strlen(output->temporary);
    struct stat status;
    char *name;

    if (lstat(output->target, &status) != 0 || S_ISDIR(status.st_mode))
        return DFOTA_OK; /* or not to be seen: the rename will tell */
    name = malloc(length + sizeof(suffix));
    if (name == NULL)
        return dfota_fail_memory(fault);
    memcpy(name, output->temporary, length);
    memcpy(name + length, suffix, sizeof(suffix));
    unlink(name);
    /* Where a file cannot have two names, it changes its name. */
    if (link(output->target, name) == 0 || rename(output->target, name) == 0) {
        *backup = name;
        return DFOTA_OK;
    }
    dfota_fail_os(fault, output->path);
    free(name);
    return DFOTA_ERR_IO;
}

/* Takes back what has been renamed; there is nobody to tell if that fails. */
static void undo(const char *target, const char *backup)
{
    if (backup != NULL)
        (void)rename(backup, target);
    else
        unlink(target);
}

/* Renames the last output first.  `*left` is how many still lack their name. */
static enum dfota_error rename_all(struct dfota_output *outputs, char **backups,
                                   size_t *left, struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    while (*left > 0 && !err) {
        size_t i = *left - 1;

        err = back_up(&outputs[i], &backups[i], fault);
        if (!err)
            err = rename_temporary(&outputs[i], fault);
        if (!err)
            *left = i;
    }
    return err;
}

enum dfota_error dfota_output_commit_all(struct dfota_output *outputs,
                                         size_t count,
                                         struct dfota_fault *fault)
{
    char *backups[DFOTA_OUTPUT_MAX] = {NULL};
    enum dfota_error err = DFOTA_OK;
    size_t left = count;

    for (size_t i = 0; i < count && !err; i++)
        err = finish_temporary(&outputs[i], fault);
    if (!err)
        err = rename_all(outputs, backups, &left, fault);
    for (size_t i = 0; i < count; i++) {
        if (err && (i >= left || backups[i] != NULL))
            undo(outputs[i].target, backups[i]);
        if (backups[i] != NULL)
            unlink(backups[i]);
        free(backups[i]);
        dfota_output_discard(&outputs[i]);
    }
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
