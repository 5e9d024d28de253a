#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Upgrades from HTTP and HTTPS servers: nginx as it is, nginx with faults
behind it, and each <HTTP_err> that a server or the network can cause."""
import re
import socket
import time

from bench import A_TO, Case, Nginx, Script, free_port, main, make_package

CLOSED = "sub_filter_types *; sub_filter 'no such text' ''; "
LOCATIONS = """
    location /403 { return 403; }
    location /500 { return 500; }
    location /moved { return 301 /up.bin; }
    location /chunked/ { alias %s/; %s }
    location /nolength/ { alias %s/; %s chunked_transfer_encoding off; }
    location /gzip/ { alias %s/; add_header Content-Encoding gzip; }
    location /slow/ { alias %s/; limit_rate 4k; }
    location /norange/ { alias %s/; max_ranges 0; }
    location /behind/ { proxy_pass http://127.0.0.1:%d/; proxy_buffering off;
                        proxy_set_header Connection close; }
"""


def read_request(connection):
    """The request's first line, and where its range begins."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(4096)
        if not part:
            break
        data += part
    found = re.search(rb"range: bytes=(\d+)-", data, re.IGNORECASE)
    return data.split(b"\r\n")[0].decode(), int(found[1]) if found else 0


class Http(Case):
    """A server with faults."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.package = (cls.served / "up.bin").read_bytes()
        cls.back = Script(cls.answer).__enter__()
        cls.addClassCleanup(cls.back.__exit__)
        here = cls.served
        cls.server = Nginx(here, LOCATIONS % (here, CLOSED, here, CLOSED, here,
                                              here, here, cls.back.port)).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    @classmethod
    def answer(cls, connection, _count):
        """What stands behind nginx, by the path that is asked for."""
        line, start = read_request(connection)
        fault = line.split()[1].strip("/")
        body = cls.package[start:]
        head = (b"HTTP/1.1 200 OK\r\n" if start == 0 else
                b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d"
                b"\r\n" % (start, len(cls.package) - 1, len(cls.package)))
        if fault == "wrongrange" and start:
            head = (b"HTTP/1.1 206 Partial Content\r\n"
                    b"Content-Range: bytes 7-%d/%d\r\n"
                    % (len(cls.package) - 1, len(cls.package)))
        if fault == "silent":
            time.sleep(2)
            return
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        if fault in ("cut", "wrongrange"):
            body = body[:4000]
        elif fault in ("never", "stall"):
            body = body[:0 if start else 4000]
        if fault == "stall":
            connection.sendall(body)
            time.sleep(2)
            return
        connection.sendall(body)

    def try_url(self, url, *options):
        """The number in HTTPEND; the module must be as it was if not 0."""
        module = self.module(*options).ready()
        module.upgrade(url, ",1,5")
        urcs = module.urcs(r'"HTTPS?END",\d+')
        self.assertEqual(urcs[0], '"HTTPSTART"')
        code = int(urcs[-1].split(",")[1])
        if code == 0:
            self.assertEqual(urcs[1:-1],
                             [f'"DOWNLOADING",{n}' for n in range(1, 6)])
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_new(module)
        else:
            module.ready()
            self.check_old(module)
        module.stop()
        return code

    def test_upgrades_from_nginx(self):
        self.assertEqual(self.try_url(self.server.url("up.bin")), 0)

    def test_8_mb_say_nothing_of_the_download(self):
        name = "EC200ACNHAR01A0%dM08"
        make_package(self.served / "m08.bin", name % 2, name % 3)
        module = self.module(version=name % 2).ready()
        module.upgrade(self.server.url("missing.bin"), ",1,5")
        self.assertIsNone(module.line(0.5))
        module.upgrade(self.server.url("m08.bin"), ",1,5")
        self.assertEqual(module.urcs(), ['"START"'] +
                         [f'"UPDATING",{n}' for n in range(1, 101)] +
                         ['"END",0'])
        self.check_new(module, name % 3)

    def test_a_length_is_not_needed(self):
        self.assertEqual(self.try_url(self.server.url("nolength/up.bin")), 0)

    def test_refusals_are_723(self):
        for path in ("missing.bin", "403", "500", "moved"):
            self.assertEqual(self.try_url(self.server.url(path)), 723, path)

    def test_coded_contents_are_721(self):
        for path in ("chunked/up.bin", "gzip/up.bin"):
            self.assertEqual(self.try_url(self.server.url(path)), 721, path)

    def test_what_breaks_off_goes_on_where_it_was(self):
        self.assertEqual(self.try_url(self.server.url("behind/cut")), 0)
        ranges = [line for line in self.server.requests() if "/cut" in line]
        size = (self.served / "up.bin").stat().st_size
        parts = -(-size // 4000)  # of 4,000 bytes each
        self.assertGreater(parts, 1)
        self.assertEqual(len(ranges), parts)
        self.assertEqual(sum('" 206 ' in line for line in ranges), parts - 1)

    def test_what_never_becomes_complete_is_719(self):
        self.assertEqual(self.try_url(self.server.url("behind/never")), 719)

    def test_a_wrong_range_is_not_believed(self):
        """It begins anew each time, and never gets behind 4,000 bytes."""
        self.assertEqual(self.try_url(self.server.url("behind/wrongrange")),
                         719)

    def test_a_slow_server_serves_too(self):
        begun = time.monotonic()
        self.assertEqual(self.try_url(self.server.url("slow/up.bin")), 0)
        self.assertGreater(time.monotonic() - begun,
                           len(self.package) / 4096 - 1)

    def test_a_server_without_ranges_serves_too(self):
        self.assertEqual(self.try_url(self.server.url("norange/up.bin")), 0)

    def test_silence_is_728_and_a_stall_727(self):
        self.assertEqual(self.try_url(self.server.url("behind/silent")), 728)
        self.assertEqual(self.try_url(self.server.url("behind/stall")), 727)

    def test_nobody_listening_is_716(self):
        self.assertEqual(
            self.try_url(f"http://127.0.0.1:{free_port()}/up.bin"), 716)

    def test_a_full_backlog_is_702(self):
        """Connections that nobody accepts, until no further one is made."""
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            port = full.getsockname()[1]
            queue = [socket.socket() for _ in range(3)]
            for one in queue:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            self.assertEqual(
                self.try_url(f"http://127.0.0.1:{port}/up.bin"), 702)
            for one in queue:
                one.close()

    def test_a_name_that_cannot_be_is_714(self):
        self.assertEqual(self.try_url("http://" + "x" * 64 + ".invalid:80/u"),
                         714)

    def test_a_closed_connection_is_719(self):
        with Script(lambda connection, _: read_request(connection)) as closing:
            self.assertEqual(
                self.try_url(f"http://127.0.0.1:{closing.port}/up.bin"), 719)

    def test_no_http_is_no_download(self):
        def talk(connection, _):
            read_request(connection)
            connection.sendall(b"220 this is something else\r\n")

        with Script(talk) as other:
            self.assertEqual(
                self.try_url(f"http://127.0.0.1:{other.port}/up.bin"), 701)

    def test_a_url_with_special_characters_is_711(self):
        self.assertEqual(self.try_url("http://127.0.0.1:80/a;b.bin"), 711)

    def test_no_room_is_729(self):
        self.assertEqual(self.try_url(self.server.url("up.bin"), "--ufs", "8K"),
                         729)

    def test_a_context_that_is_not_active_is_709(self):
        module = self.module().ready()
        self.assertEqual(module.command('AT+QCFG="fota/cid",2'), ["OK"])
        module.upgrade(self.server.url("up.bin"))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+')[-1], '"HTTPEND",709')
        self.assertEqual(module.command('AT+QIACT=2'), ["OK"])
        module.upgrade(self.server.url("up.bin"))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+')[-1], '"HTTPEND",0')

    def test_the_host_may_end_a_download(self):
        module = self.module().ready()
        module.upgrade(self.server.url("behind/stall"))
        module.urcs(r'"DOWNLOADING",\d+')
        self.assertEqual(module.command("AT+QFOTADL=?")[-1], "OK")
        self.assertEqual(
            module.command(f'AT+QFOTADL="{self.server.url("up.bin")}"'),
            ["ERROR"])
        self.assertEqual(module.command("AT+CFUN=1,1"), ["OK"])
        module.ready()
        self.check_old(module)
        module.upgrade(self.server.url("up.bin"))
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module)

    def test_commands_are_answered_in_time_while_it_downloads(self):
        module = self.module().ready()
        module.upgrade(self.server.url("slow/up.bin"))
        slowest = 0
        while '+QIND: "FOTA","HTTPEND",0' not in module.seen:
            begun = time.monotonic()
            module.command("AT+QFOTADL=?")
            slowest = max(slowest, time.monotonic() - begun)
        self.assertLess(slowest, 0.3)
        self.assertEqual(module.urcs()[-1], '"END",0')

    def test_a_port_may_make_noise_after_a_reboot(self):
        module = self.module("--quirk", "junk").ready()
        module.upgrade(self.server.url("up.bin"))
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module)
        noise = [line for line in module.seen if line and line[0] >= "\x80"]
        self.assertGreaterEqual(len(noise), 2)  # to patch, and to end

    def test_urcs_may_be_held_back_and_come_together(self):
        module = self.module("--quirk", "coalesce").ready()
        module.upgrade(self.server.url("behind/silent"))
        self.assertIsNone(module.line(0.5))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+'),
                         ['"HTTPSTART"', '"HTTPEND",728'])


class Https(Case):
    """TLS with a certificate that is trusted, or not."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.server = Nginx(cls.served, tls=True).__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.trust = str(cls.server.work / "cert.pem")

    def end_of(self, *options, url=None):
        module = self.module(*options).ready()
        module.upgrade(url or self.server.url("up.bin"))
        urc = module.urcs(r'"HTTPS?END",\d+')[-1]
        if urc.endswith(",0"):
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_new(module, A_TO)
        module.stop()
        return urc

    def test_upgrades_with_the_right_certificate(self):
        self.assertEqual(self.end_of("--cacert", self.trust), '"HTTPEND",0')

    def test_https_may_have_names_of_its_own(self):
        self.assertEqual(self.end_of("--cacert", self.trust, "--quirk",
                                     "httpsstart"), '"HTTPSEND",0')

    def test_a_stranger_s_certificate_is_707(self):
        self.assertEqual(self.end_of(), '"HTTPEND",707')

    def test_another_host_s_certificate_is_707(self):
        self.assertEqual(
            self.end_of("--cacert", self.trust, "--resolve",
                        f"other.example:443:127.0.0.1:{self.server.port}",
                        url="https://other.example:443/up.bin"),
            '"HTTPEND",707')

    def test_https_without_a_port_asks_port_80(self):
        self.assertEqual(
            self.end_of("--cacert", self.trust, "--resolve",
                        f"127.0.0.1:80:127.0.0.1:{self.server.port}",
                        url="https://127.0.0.1/up.bin"), '"HTTPEND",0')


if __name__ == "__main__":
    main()
