/* SPDX-License-Identifier: MIT */
#include "module/download_file.h"

#include <fcntl.h>
#include <unistd.h>

bool download_file_open(struct download_file *file, const char *path,
                        bool resume)
{
    off_t end;

    file->fd = open(
        path, O_WRONLY | O_CREAT | O_CLOEXEC | (resume ? 0 : O_TRUNC), 0666);
    if (file->fd < 0)
        return false;
    end = lseek(file->fd, 0, SEEK_END);
    file->got = end > 0 ? (uint64_t)end : 0;
    return file->got <= file->room;
}

bool download_file_add(struct download_file *file, const char *bytes,
                       size_t size)
{
    if (size > file->room - file->got)
        return false;
    while (size > 0) {
        ssize_t put = write(file->fd, bytes, size);

        if (put < 0)
            return false;
        bytes += put;
        size -= (size_t)put;
        file->got += (uint64_t)put;
    }
    return true;
}

bool download_file_restart(struct download_file *file)
{
    file->got = 0;
    return ftruncate(file->fd, 0) == 0 && lseek(file->fd, 0, SEEK_SET) == 0;
}

bool download_file_close(struct download_file *file)
{
    return file->fd < 0 || close(file->fd) == 0;
}
