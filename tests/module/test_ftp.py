#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Upgrades from FTP servers: vsftpd as it is and ill configured, and each
<FTP_err> that a server can cause by its reply."""
import socket

from bench import Case, Script, Vsftpd, free_port, main

# Replies to RETR, and what the guide calls them (6.1).
REPLIES = {421: 614, 425: 615, 426: 616, 450: 617, 451: 618, 452: 619,
           500: 620, 501: 621, 502: 622, 503: 623, 504: 624, 532: 626,
           550: 627, 551: 628, 552: 629}


class Talk:
    """An FTP server of a few commands, with one fault."""

    def __init__(self, package, fault=None):
        self.package = package
        self.fault = fault
        self.users = []
        self.starts = []

    def __call__(self, connection, count):
        if self.fault == "mute":
            connection.recv(1)
            return
        lines = connection.makefile("rw", encoding="latin-1", newline="\r\n")
        self.reply(lines, "220 at your service")
        start, data = 0, None
        for line in lines:
            name, _, argument = line.strip().partition(" ")
            if name == "USER":
                self.users.append(argument)
                self.reply(lines, "331 and the password")
            elif name == "PASS":
                self.users.append(argument)
                self.reply(lines, "230 come in")
            elif name == "EPSV":
                data = socket.create_server(("127.0.0.1", 0))
                self.reply(lines, "229 go on (|||%d|)" % data.getsockname()[1])
            elif name == "SIZE":
                self.reply(lines, f"213 {len(self.package)}")
            elif name == "REST":
                start = int(argument)
                self.starts.append(start)
                self.reply(lines, "350 from there")
            elif name == "RETR":
                if self.retrieve(lines, data, start, count):
                    return
            elif name == "PWD":
                self.reply(lines, '257 "/"')
            elif name == "QUIT":
                self.reply(lines, "221 bye")
                return
            else:
                self.reply(lines, "200 as you like")

    @staticmethod
    def reply(lines, text):
        lines.write(text + "\r\n")
        lines.flush()

    def retrieve(self, lines, data, start, count):
        """Sends the file, or does not; True when the server leaves."""
        if self.fault in REPLIES:
            data.close()
            self.reply(lines, f"{self.fault} no")
            return self.fault == 421
        if self.fault == "leave":
            data.close()
            return True
        self.reply(lines, "150 here it comes")
        body = self.package[start:]
        with data, data.accept()[0] as stream:
            if self.fault == "cut" and count < 2:
                body = body[:5000]
            elif self.fault == "never":
                body = body[:0 if start else 5000]
            stream.sendall(body)
        if self.fault == "cut" and count < 2:
            return True
        self.reply(lines, "226 there you are")
        return False


class Ftp(Case):
    """A server with one package in its root directory."""

    def end_of(self, url, *options):
        """The URC that ends the download; the flash must be as it says."""
        module = self.module(*options).ready()
        module.upgrade(url, ",1,5")
        urcs = module.urcs(r'"FTPEND",\d+')
        self.assertEqual(urcs[0], '"FTPSTART"')
        code = int(urcs[-1].split(",")[1])
        if code == 0:
            self.assertEqual(urcs[1:-1],
                             [f'"DOWNLOADING",{n}' for n in range(1, 6)])
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_new(module)
        else:
            self.check_old(module.ready())
        module.stop()
        return code

    def test_upgrades_from_vsftpd(self):
        with Vsftpd(self.served) as server:
            self.assertEqual(self.end_of(server.url("up.bin")), 0)

    def test_vsftpd_refuses(self):
        with Vsftpd(self.served) as server:
            self.assertEqual(self.end_of(server.url("missing.bin")), 627)
            self.assertEqual(
                self.end_of(server.url("up.bin", "somebody:else")), 625)
            self.assertEqual(
                self.end_of(server.url("up.bin", "anonymous:wrong")), 625)

    def test_no_data_connection_is_615(self):
        with Vsftpd(self.served, "pasv_enable=NO") as server:
            self.assertEqual(self.end_of(server.url("up.bin")), 615)

    def test_vsftpd_is_full(self):
        with Vsftpd(self.served, "max_clients=1") as server:
            greeting = b""
            while not greeting.startswith(b"220"):
                other = socket.create_connection(("127.0.0.1", server.port))
                self.addCleanup(other.close)
                greeting = other.recv(100)
            self.assertEqual(self.end_of(server.url("up.bin")), 614)

    def test_a_folder_is_612(self):
        with Vsftpd(self.served) as server:
            self.assertEqual(self.end_of(server.url("sub/up.bin")), 612)

    def test_no_room_is_619(self):
        with Vsftpd(self.served) as server:
            self.assertEqual(
                self.end_of(server.url("up.bin"), "--ufs", "8K"), 619)

    def script(self, fault):
        package = (self.served / "up.bin").read_bytes()
        talk = Talk(package, fault)
        with Script(talk) as server:
            code = self.end_of(
                f"FTP://test:test@127.0.0.1:{server.port}/up.bin")
        return code, talk

    def test_each_reply_has_its_code(self):
        for reply, code in REPLIES.items():
            self.assertEqual(self.script(reply)[0], code, reply)

    def test_user_and_password_are_those_of_the_url(self):
        code, talk = self.script(None)
        self.assertEqual(code, 0)
        self.assertEqual(talk.users, ["test", "test"])

    def test_what_breaks_off_goes_on_where_it_was(self):
        code, talk = self.script("cut")
        self.assertEqual(code, 0)
        size = (self.served / "up.bin").stat().st_size
        self.assertGreater(size, 5000)
        self.assertEqual(talk.starts, list(range(5000, size, 5000)))

    def test_what_never_becomes_complete_is_607(self):
        self.assertEqual(self.script("never")[0], 607)

    def test_a_control_connection_that_ends_is_606(self):
        self.assertEqual(self.script("leave")[0], 606)

    def test_silence_is_609(self):
        self.assertEqual(self.script("mute")[0], 609)

    def test_nobody_listening_is_605(self):
        self.assertEqual(
            self.end_of(f"ftp://a:b@127.0.0.1:{free_port()}/up.bin"), 605)

    def test_a_name_that_cannot_be_is_604(self):
        host = "x" * 36 + ".." + "invalid"
        self.assertEqual(self.end_of(f"ftp://a:b@{host}:21/up.bin"), 604)


if __name__ == "__main__":
    main()
