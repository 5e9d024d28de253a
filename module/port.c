/* SPDX-License-Identifier: MIT */
#include "module/port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/fault.h"

#define WRITE_TIMEOUT 10000 /* ms */
#define TCP_MARK      "tcp:"

static enum dfota_error fail_usage(struct dfota_fault *fault, const char *where)
{
    return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL,
                             "'%s' is not pty, stdio or tcp:HOST:PORT", where);
}

/* --- pseudo-terminals ----------------------------------------------------- */

/* Bytes pass as they are, and none come back of themselves. */
static void make_raw(int fd)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) != 0)
        return;
    settings.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | IGNCR | INLCR | INPCK |
                                     ISTRIP | IXON | PARMRK);
    settings.c_oflag &= (tcflag_t)~OPOST;
    settings.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    settings.c_cflag &= (tcflag_t) ~(CSIZE | PARENB);
    settings.c_cflag |= CS8;
    tcsetattr(fd, TCSANOW, &settings);
}

static enum dfota_error make_link(struct module_port *port, const char *link,
                                  struct dfota_fault *fault)
{
    struct stat status;

    if (link == NULL)
        return DFOTA_OK;
    if (lstat(link, &status) == 0 && S_ISLNK(status.st_mode))
        unlink(link);
    if (symlink(port->name, link) != 0)
        return dfota_fail_os(fault, link);
    port->link = link;
    return DFOTA_OK;
}

static enum dfota_error open_pty(struct module_port *port, const char *link,
                                 struct dfota_fault *fault)
{
    const char *name = NULL;
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    port->in = master;
    port->out = master;
    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
        name = ptsname(master);
    if (name == NULL)
        return dfota_fail_os(fault, "/dev/ptmx");
    snprintf(port->name, sizeof(port->name), "%s", name);
    /* Open on our side too, so that a host may come and go. */
    port->slave = open(port->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (port->slave < 0)
        return dfota_fail_os(fault, "/dev/ptmx");
    make_raw(port->slave);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    return make_link(port, link, fault);
}

/* --- TCP ------------------------------------------------------------------ */

static enum dfota_error listen_at(struct module_port *port,
                                  const struct addrinfo *address,
                                  const char *where, struct dfota_fault *fault)
{
    struct sockaddr_storage real;
    socklen_t size = sizeof(real);
    char host[64];
    char service[16];
    int yes = 1;

    port->listener = socket(address->ai_family, SOCK_STREAM, 0);
    if (port->listener < 0 ||
        setsockopt(port->listener, SOL_SOCKET, SO_REUSEADDR, &yes,
                   sizeof(yes)) != 0 ||
        bind(port->listener, address->ai_addr, address->ai_addrlen) != 0 ||
        listen(port->listener, 1) != 0 ||
        getsockname(port->listener, (struct sockaddr *)&real, &size) != 0)
        return dfota_fail_os(fault, where);
    fcntl(port->listener, F_SETFD, FD_CLOEXEC);
    if (getnameinfo((struct sockaddr *)&real, size, host, sizeof(host), service,
                    sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(port->name, sizeof(port->name), "%s:%s", host, service);
    return DFOTA_OK;
}

static enum dfota_error open_tcp(struct module_port *port, const char *where,
                                 struct dfota_fault *fault)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    const char *colon = strrchr(where, ':');
    const char *start = where + strlen(TCP_MARK);
    struct addrinfo *address = NULL;
    enum dfota_error err;
    char host[64];

    if (colon < start || (size_t)(colon - start) >= sizeof(host))
        return fail_usage(fault, where);
    snprintf(host, sizeof(host), "%.*s", (int)(colon - start), start);
    if (getaddrinfo(host, colon + 1, &hints, &address) != 0)
        return fail_usage(fault, where);
    err = listen_at(port, address, where, fault);
    freeaddrinfo(address);
    return err;
}

static void accept_client(struct module_port *port)
{
    int client = accept(port->listener, NULL, NULL);

    if (client < 0)
        return;
    fcntl(client, F_SETFD, FD_CLOEXEC);
    fcntl(client, F_SETFL, O_NONBLOCK);
    port->in = client;
    port->out = client;
}

static void drop_client(struct module_port *port)
{
    close(port->in);
    port->in = -1;
    port->out = -1;
}

/* --- all kinds ------------------------------------------------------------ */

enum dfota_error module_port_open(struct module_port *port, const char *where,
                                  const char *link, struct dfota_fault *fault)
{
    *port =
        (struct module_port){.in = -1, .out = -1, .listener = -1, .slave = -1};
    if (strcmp(where, "pty") == 0)
        return open_pty(port, link, fault);
    if (link != NULL)
        return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL,
                                 "--link is for --port pty");
    if (strncmp(where, TCP_MARK, strlen(TCP_MARK)) == 0)
        return open_tcp(port, where, fault);
    if (strcmp(where, "stdio") != 0)
        return fail_usage(fault, where);
    port->in = STDIN_FILENO;
    port->out = STDOUT_FILENO;
    return DFOTA_OK;
}

void module_port_close(struct module_port *port)
{
    if (port->link != NULL)
        unlink(port->link);
    if (port->listener >= 0)
        close(port->listener);
    if (port->slave >= 0)
        close(port->slave);
    if (port->in > STDERR_FILENO)
        close(port->in);
    *port =
        (struct module_port){.in = -1, .out = -1, .listener = -1, .slave = -1};
}

int module_port_fd(const struct module_port *port)
{
    if (port->ended)
        return -1;
    return port->in >= 0 ? port->in : port->listener;
}

size_t module_port_read(struct module_port *port, uint8_t *out, size_t size)
{
    ssize_t got;

    if (port->in < 0 && port->listener >= 0) {
        accept_client(port);
        return 0;
    }
    if (port->in < 0 || port->ended)
        return 0;
    got = read(port->in, out, size);
    if (got > 0)
        return (size_t)got;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (port->listener >= 0)
        drop_client(port);
    else
        port->ended = port->slave < 0;
    return 0;
}

static void write_all(struct module_port *port, const char *bytes, size_t size)
{
    while (size > 0 && port->out >= 0) {
        struct pollfd ready = {.fd = port->out, .events = POLLOUT};
        ssize_t put = write(port->out, bytes, size);

        if (put > 0) {
            port->stuck = false;
            bytes += put;
            size -= (size_t)put;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN ||
            poll(&ready, 1, port->stuck ? 0 : WRITE_TIMEOUT) <= 0) {
            port->stuck = true;
            return;
        }
    }
}

void module_port_flush(struct module_port *port)
{
    write_all(port, port->held, port->held_size);
    port->held_size = 0;
}

void module_port_write(struct module_port *port, const void *bytes, size_t size)
{
    module_port_flush(port);
    write_all(port, bytes, size);
}

void module_port_hold(struct module_port *port, const void *bytes, size_t size)
{
    if (size > MODULE_PORT_HELD - port->held_size)
        module_port_flush(port);
    if (size > MODULE_PORT_HELD) {
        write_all(port, bytes, size);
        return;
    }
    memcpy(port->held + port->held_size, bytes, size);
    port->held_size += size;
}
