#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The port and the commands: echo, framing, answers, limits of AT+QFOTADL,
settings that last and those that do not, and the three kinds of port."""
import os
import random
import select
import socket
import subprocess
import time

from bench import (A_FROM, B_FROM, MINI_FROM, Case, end, main, run, tool)

LONG = "x" * 300
SEED = int(os.environ.get("SEED", "1"))


class At(Case):
    """A module of LTE Standard(A) with 16 MB."""

    @classmethod
    def prepare(cls):
        pass

    def ask(self, module, *pairs):
        """Each command's whole answer."""
        for command, *answer in pairs:
            self.assertEqual(module.command(command), list(answer), command)

    def test_says_what_it_is(self):
        module = self.module(version="EC200NCNAAR03A01V05M16_OCPU").ready()
        self.ask(module,
                 ("ATI", "Quectel", "EC200N-CN",
                  "Revision: EC200NCNAAR03A01V05M16", "OK"),
                 ("AT+QGMR", "EC200NCNAAR03A01V05M16_OCPU", "OK"),
                 ("at+cgmr", "EC200NCNAAR03A01V05M16_OCPU", "OK"),
                 ("AT+CSUB", "SubEdition: V05", "OK"),
                 ("AT+CSUB=?", "OK"), ("AT+CGMR=?", "OK"))

    def test_answers_to_the_byte(self):
        module = self.module().ready()
        for sent, wanted in ((b"AT\r", b"AT\r\r\nOK\r\n"),
                             (b"at\r\n", b"at\r\r\nOK\r\n"),
                             (b"ATE0\r", b"\nATE0\r\r\nOK\r\n"),
                             (b"AT+NO\r", b"\r\nERROR\r\n"),
                             (b"noise\r", b""),
                             (b"ATE1;+CFUN?\r",
                              b"\r\n+CFUN: 1\r\n\r\nOK\r\n")):
            module.write(sent)
            got = b""
            while len(got) < len(wanted) and \
                    select.select([module.fd], [], [], 5)[0]:
                got += os.read(module.fd, 100)
            if sent.endswith(b"\n") and got.endswith(b"\n\n"):
                got = got[:-1]  # the echo of LF, which may come early
            self.assertEqual(got.lstrip(b"\n"), wanted.lstrip(b"\n"), sent)

    def test_commands_in_a_row(self):
        module = self.module().ready()
        self.ask(module, ("ATE0", "OK"),
                 ("AT+CFUN?;+CMEE?;I", "+CFUN: 1", "+CMEE: 1", "Quectel",
                  "EC200A-CN", "Revision: " + A_FROM, "OK"),
                 ("AT+CFUN?;+NO;+CMEE?", "+CFUN: 1", "ERROR"),
                 ("AT+CFUN?+CMEE?", "ERROR"))

    def test_unknown_and_broken_commands_are_errors(self):
        module = self.module().ready()
        self.ask(module, ("ATV1", "OK"), ("AT&F", "OK"), ("AT+UNKNOWN", "ERROR"), ("ATX", "ERROR"),
                 ("ATV0", "ERROR"), ("ATE2", "ERROR"), ("ATI3", "ERROR"),
                 ("AT+CFUN=0", "ERROR"), ("AT+CFUN=1,2", "ERROR"),
                 ("AT+IFC=1,1", "ERROR"), ("AT+IFC=2", "ERROR"),
                 ("AT+QCFG=\"other\"", "ERROR"), ("AT+QIACT=0", "ERROR"),
                 ("AT+QIACT=17", "ERROR"), ("AT+QICSGP=1,9,\"x\"", "ERROR"),
                 ("AT+CMEE=3", "ERROR"), ("AT" + LONG * 10, "ERROR"),
                 ("AT", "OK"))

    def test_errors_have_numbers_only_when_asked_for(self):
        module = self.module().ready()
        self.ask(module, ('AT+QFDWL="none"', "+CME ERROR: 405"),
                 ("AT+CMEE=0", "OK"), ('AT+QFDWL="none"', "ERROR"))

    def test_settings(self):
        module = self.module().ready()
        self.ask(module, ("AT+IFC?", "+IFC: 0,0", "OK"), ("AT+IFC=2,2", "OK"),
                 ("AT+IFC?", "+IFC: 2,2", "OK"),
                 ('AT+QCFG="usbifc",2,2', "OK"),
                 ('AT+QCFG="usbifc"', '+QCFG: "usbifc",2,2', "OK"),
                 ('AT+QCFG="fota/cid"', '+QCFG: "fota/cid",1', "OK"),
                 ('AT+QCFG="fota/cid",2', "OK"),
                 ('AT+QICSGP=2,1,"cmnet","",1', "OK"),
                 ("AT+QICSGP=2", '+QICSGP: 1,"cmnet","","",0', "OK"),
                 ("AT+QIACT=2", "OK"),
                 ("AT+QIACT?", '+QIACT: 2,1,1,"192.0.2.2"', "OK"),
                 ("AT+QIDEACT=2", "OK"), ("AT+QIACT?", "OK"),
                 ("AT+CEREG?", "+CEREG: 0,1", "OK"), ("AT+QIACT=2", "OK"),
                 ("AT+CFUN=1,1", "OK"))
        module.ready()
        self.ask(module, ("AT+IFC?", "+IFC: 0,0", "OK"), ("AT+QIACT?", "OK"),
                 ('AT+QCFG="usbifc"', '+QCFG: "usbifc",2,2', "OK"),
                 ('AT+QCFG="fota/cid"', '+QCFG: "fota/cid",2', "OK"))

    def refuse(self, module, *lines):
        for line in lines:
            self.assertEqual(module.command("AT+QFOTADL=" + line), ["ERROR"],
                             line)

    def test_limits_of_a(self):
        module = self.module().ready()
        self.ask(module, ("AT+QFOTADL=?",
                          "+QFOTADL: <url>,(0,1),(0,5-100),(0,5-100)", "OK"))
        self.refuse(module, '"http://h/x"x', "http://h/x", '""',
                    '"http://h:80/x",2', '"http://h:80/x",0,4',
                    '"http://h:80/x",0,101', '"http://h:80/x",0,5,4',
                    '"http://h:80/x",0,5,5,5', '"http://h:80/x",,5',
                    '"http://h:80/%s"' % LONG, '"gopher://h:80/x"',
                    '"http://h:0/x"', '"http://h:65536/x"',
                    '"ftp://%s:p@h:21/x"' % ("u" * 51),
                    '"ftp://u:%s@h:21/x"' % ("p" * 51),
                    '"ftp://u:p@%s:21/x"' % ("h" * 51),
                    '"ftp://u:p@h:21/%s"' % ("f" * 51),
                    '"FILE:0"', '"FILE:x"', '"FILE:10",3', '"/cache/ufs/x"')
        module.send('AT+QFOTADL="FILE:100",2')
        self.assertEqual(module.wait("010003"), "010003")
        self.ask(module, ("AT", "OK"))

    def test_limits_of_minifota(self):
        module = self.module(version=MINI_FROM).ready()
        self.refuse(module, '"https://h:443/x.mini_1"', '"FILE:100"',
                    '"http://h:80/x.mini_1",0,50',
                    '"http://h:80/%s.mini_1"' % ("x" * 120))
        self.ask(module, ('AT+QCFG="fota/cid",2', "ERROR"),
                 ('AT+QCFG="fota/cid"', "ERROR"))
        module.stop()
        module = self.module("--state", "other",
                             version="EC200NCNLAR03A01M04").ready()
        self.refuse(module, '"ftp://u:p@h:21/x.mini_1"')

    def test_limits_of_b(self):
        module = self.module(version=B_FROM).ready()
        self.ask(module, ("AT+QFOTADL=?", "OK"))
        self.refuse(module, '"http://h:80/x",1', '"FILE:100"',
                    '"http://h:80/%s"' % (LONG * 2), '"/cache/ufs/none.zip"',
                    '"/etc/passwd"', '"/cache/ufs/../../flash.bin"')

    def test_survives_whatever_comes_in(self):
        """Commands with any parameters, and bytes in any order."""
        names = [b"+QFOTADL", b"+QFUPL", b"+QFDWL", b"+QFDEL", b"+QFLST",
                 b"+QFLDS", b"+QCFG", b"+QICSGP", b"+QIACT", b"+CFUN",
                 b"+CMEE", b"+IFC", b"E", b"I", b"&F", b"+CGMR", b"+CEREG"]
        values = [b'"usbifc"', b'"fota/cid"', b'"a.bin"', b'"UFS:"', b'"*"',
                  b'"FILE:20"', b'"http://127.0.0.1:1/a"', b"0", b"1", b"2",
                  b"16", b"99999999999", b"", b'""', b'"', b"x" * 700]
        whole = [b'+QFUPL="a.bin",16,1', b'+QFDWL="a.bin"', b'+QFDEL="*"',
                 b'+QFOTADL="FILE:20",1', b"+IFC=2,2", b"+CFUN=1,1"]
        noise = [b";", b",", b'"', b"\b", b"\n", b"\0", b"\xff", b" ", b"\r"]
        chance = random.Random(SEED)

        def command():
            if chance.randrange(4) == 0:
                return chance.choice(whole)
            return chance.choice(names) + chance.choice(
                (b"", b"?", b"=?", b"=", b"=", b"=")) + b",".join(
                    chance.choice(values) for _ in range(chance.randrange(5)))

        module = self.module().ready()
        for _ in range(400):
            line = b"AT" + b";".join(
                command() for _ in range(chance.randrange(3)))
            if chance.randrange(4) == 0:
                at = chance.randrange(len(line) + 1)
                line = line[:at] + chance.choice(noise) + line[at:]
            module.write(line + b"\r")
            while module.read(0.002):
                module.text = module.text[-100:]
        module.write(b"\r" * 30000)  # what a file that is awaited may take
        module.text = ""
        module.ready()
        trace = (self.folder / "trace.jsonl").read_text().splitlines()
        for event in ('"answer", "text": "OK"', '"answer", "text": "ERROR"',
                      '"answer", "text": "CONNECT"', '"event": "reboot"',
                      '"event": "refused"'):
            self.assertTrue(any(event in line for line in trace), event)
        self.assertEqual(self.flash.read_bytes(), self.old.read_bytes())
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()),
                         ["flash.bin", "flash.bin.state", "trace.jsonl"])

    def test_answers_within_300_ms(self):
        module = self.module().ready()
        slowest = 0
        for _ in range(20):
            begun = time.monotonic()
            module.command("AT+QFOTADL=?")
            slowest = max(slowest, time.monotonic() - begun)
        self.assertLess(slowest, 0.3)


class Ports(Case):
    """How a host gets to a module, and how a module ends."""

    @classmethod
    def prepare(cls):
        pass

    def start(self, *options):
        process = subprocess.Popen(
            ["dfota-module", "--flash", str(self.flash), "--module", A_FROM,
             "--fast", *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, cwd=self.folder)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(end, process)
        return process

    def test_standard_input_and_output(self):
        process = self.start("--port", "stdio")
        time.sleep(0.5)
        process.stdin.write(b"ATE0\r")
        process.stdin.flush()
        self.assertEqual(process.stdout.read(11), b"ATE0\r\r\nOK\r\n")
        process.stdin.write(b"AT\r")
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"\r\nOK\r\n")
        self.assertEqual(process.wait(5), 0)

    def test_tcp_one_client_after_the_other(self):
        process = self.start("--port", "tcp:127.0.0.1:0")
        port = int(process.stdout.readline().split(b":")[1])
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port)) as client:
                time.sleep(0.3)
                client.sendall(b"AT\r")
                got = b""
                while len(got) < 9:
                    got += client.recv(100)
                self.assertEqual(got, b"AT\r\r\nOK\r\n")
        process.terminate()
        self.assertEqual(process.wait(5), 0)

    def test_a_link_to_the_terminal_and_socat(self):
        link = self.folder / "modem"
        link.symlink_to("nowhere")
        process = self.start("--link", "modem")
        self.assertEqual(process.stdout.readline().split()[1].decode(),
                         os.readlink(link))
        time.sleep(0.3)
        answer = subprocess.run(
            [tool("socat"), "-t", "1", "-", f"{link},raw,echo=0"],
            input=b"ATE0\rATI\r", stdout=subprocess.PIPE, check=True).stdout
        self.assertIn(b"\r\nRevision: " + A_FROM.encode() + b"\r\n", answer)
        process.terminate()
        self.assertEqual(process.wait(5), 0)
        self.assertFalse(link.is_symlink())

    def refused(self, status, *options):
        done = subprocess.run(
            ["dfota-module", *options], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            stdin=subprocess.DEVNULL, timeout=20)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertTrue(done.stderr.startswith("dfota-module: "))
        return done.stderr

    def test_refuses_to_start(self):
        flash = ("--flash", "flash.bin")
        self.refused(2)
        self.refused(2, *flash)
        self.refused(3, "--flash", "none.bin", "--module", A_FROM)
        self.refused(2, "--flash", ".", "--module", A_FROM)
        self.refused(1, *flash, "--module", "EC200A")
        self.refused(2, *flash, "--module", A_FROM, "--rules", "none")
        self.refused(2, *flash, "--module", A_FROM, "--quirk", "junk,none")
        self.refused(2, *flash, "--module", A_FROM, "--port", "nowhere")
        self.refused(2, *flash, "--module", A_FROM, "--port", "tcp:h:x")
        self.refused(2, *flash, "--module", A_FROM, "--port", "stdio",
                     "--link", "x")
        self.refused(2, *flash, "--module", A_FROM, "--resolve", "host:80")
        self.refused(3, *flash, "--module", A_FROM, "--cacert", "none.pem")
        state = self.folder / "flash.bin.state" / "state.json"
        self.assertTrue(state.exists())
        state.write_text("{}")
        self.assertIn("state.json", self.refused(1, *flash))

    def test_one_process_is_one_module(self):
        process = self.start("--port", "stdio")
        time.sleep(0.3)
        self.assertIn("another process", self.refused(
            1, "--flash", "flash.bin", "--port", "stdio"))
        process.kill()
        process.wait()
        run("sh", "-c", "cd %s && dfota-module --flash flash.bin --fast "
            "--port stdio </dev/null" % self.folder)

    def test_a_state_folder_elsewhere(self):
        process = self.start("--port", "stdio", "--state", "here")
        process.stdin.close()
        process.wait(5)
        self.assertTrue((self.folder / "here" / "state.json").exists())


if __name__ == "__main__":
    main()
