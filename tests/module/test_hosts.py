#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole upgrades by host programs of others, through the pseudo-terminal: ppp's
chat, pyserial, and socat as the guide says; and many modules at once."""
import contextlib
import pathlib
import re
import shutil
import subprocess
import time

from bench import A_FROM, A_TO, Case, Module, Nginx, main, tool

HERE = pathlib.Path(__file__).resolve().parent
GUIDE = HERE.parents[1] / "docs" / "REHEARSAL.md"
SERIAL = ["/usr/bin/python3", "-B", HERE / "host_serial.py"]
MANY = 50

# Exit statuses of chat: 3 is a time-out, and 4 the first string of ABORT.
CHAT = """
ABORT '\\nERROR'
ABORT '"HTTPEND",7'
ABORT '"END",5'
TIMEOUT 2
'' AT
OK-AT-OK-AT-OK ATE0
OK AT+QGMR
{old} ''
OK AT+QFOTADL="{url}",1,20
OK ''
TIMEOUT 60
'"HTTPSTART"' ''
'"HTTPEND",0' ''
'"UPDATING",100' ''
'"END",0' ''
TIMEOUT 2
'' AT
OK-AT-OK-AT-OK AT+QGMR
{new} ''
OK ''
"""


class Hosts(Case):
    """A server, and a module whose port has a name."""

    @classmethod
    def prepare(cls):
        super().prepare()
        (cls.served / "bad.bin").write_bytes(b"no package")
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        super().setUp()
        self.port = self.folder / "modem"

    def start(self, *options):
        """A module to whose port nobody has come yet."""
        module = self.module("--link", "modem", *options)
        module.close()
        return module

    def check_flash(self, wanted):
        self.assertEqual(self.flash.read_bytes(), wanted.read_bytes())

    def chat(self, url):
        """What chat's exit status is."""
        script = self.folder / "script"
        script.write_text(CHAT.format(url=url, old=A_FROM, new=A_TO))
        with open(self.port, "r+b", buffering=0) as port:
            return subprocess.run([tool("chat"), "-f", script], stdin=port,
                                  stdout=port, timeout=100,
                                  check=False).returncode

    def test_chat_upgrades(self):
        self.start()
        self.assertEqual(self.chat(self.server.url("up.bin")), 0)
        self.check_flash(self.new)

    def test_chat_hears_of_a_failed_download(self):
        self.start()
        self.assertEqual(self.chat(self.server.url("missing.bin")), 5)
        self.check_flash(self.old)

    def test_chat_hears_of_a_refused_package(self):
        self.start()
        self.assertEqual(self.chat(self.server.url("bad.bin")), 6)
        self.check_flash(self.old)

    def test_chat_hears_of_a_refused_command(self):
        self.start()
        self.assertEqual(self.chat("FILE:0"), 4)
        self.check_flash(self.old)

    def serial(self, *arguments):
        """What the host program with pyserial prints."""
        done = subprocess.run([*SERIAL, self.port, A_TO, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=100)
        return done.stdout.strip()

    def test_pyserial_upgrades(self):
        self.start("--quirk", "junk,coalesce")
        self.assertEqual(self.serial(self.server.url("up.bin")),
                         f"upgraded to {A_TO}")
        self.check_flash(self.new)

    def test_pyserial_sends_the_package_itself(self):
        for how in ("flow", "slowly"):
            shutil.copyfile(self.old, self.flash)
            module = self.start("--state", how)
            self.assertEqual(self.serial(self.served / "up.bin", how),
                             f"upgraded to {A_TO}")
            self.check_flash(self.new)
            module.stop()

    def test_pyserial_hears_of_a_refused_package(self):
        self.start()
        self.assertEqual(self.serial(self.server.url("bad.bin")),
                         "failed: 505")
        self.check_flash(self.old)

    def test_pyserial_outlives_a_power_cut(self):
        """The port goes, and another one comes under the same name."""
        module = self.start("--cut-at", 'urc:"UPDATING",40')
        host = subprocess.Popen(
            [*SERIAL, self.port, A_TO, self.server.url("up.bin")],
            stdout=subprocess.PIPE, text=True)
        module.process.wait(60)
        self.start()
        self.assertEqual(host.communicate(timeout=60)[0].strip(),
                         f"upgraded to {A_TO}")
        self.check_flash(self.new)

    def guide(self):
        """What the guide has the reader type, and see."""
        text = GUIDE.read_text(encoding="utf-8")
        block = re.search(r"^ +ATI\n(?: .*\n|\n)+?(?=\n   The)", text, re.M)
        lines = [line.strip() for line in block[0].splitlines() if line.strip()]
        typed = [line for line in lines if line.startswith("AT")]
        return typed, lines[len(typed):]

    def test_socat_as_the_guide_says(self):
        typed, seen = self.guide()
        self.assertEqual(len(typed), 2)
        self.assertGreater(len(seen), 8)
        command = re.sub(r"http://[^\"]*/", self.server.url(""), typed[1])
        shutil.copy(self.served / "up.bin", self.served / "A02-A03.bin")
        self.start()
        with subprocess.Popen(
                [tool("socat"), "-", f"{self.port},raw,echo=0,crnl"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as socat:
            for line in ("AT", typed[0], command):
                time.sleep(0.3)
                socat.stdin.write(line + "\n")
                socat.stdin.flush()
            lines = self.read_to_end(socat)
            socat.stdin.close()
        self.assertIn(f"Revision: {A_FROM}", lines)
        self.check_order(lines, seen)
        self.check_flash(self.new)

    @staticmethod
    def read_to_end(socat):
        lines = []
        while not lines or not lines[-1].startswith('+QIND: "FOTA","END"'):
            lines.append(socat.stdout.readline().strip())
        return [line for line in lines if line]

    def check_order(self, lines, wanted):
        """Each wanted line comes right behind the one before it, but for dots,
        instead of which there may be any number."""
        at = lines.index(wanted[1]) - 1
        for line in wanted:
            if line == "...":
                at = lines.index(wanted[wanted.index(line) + 1], at)
                wanted = wanted[wanted.index(line) + 1:]
                continue
            self.assertEqual(lines[at], line)
            at += 1

    def test_many_modules_at_once(self):
        modules = []
        with contextlib.ExitStack() as stack:
            for number in range(MANY):
                folder = self.folder / str(number)
                folder.mkdir()
                shutil.copyfile(self.old, folder / "flash.bin")
                module = Module(folder, "--module", A_FROM).start()
                stack.callback(module.kill)
                modules.append(module)
            for module in modules:
                module.ready().upgrade(self.server.url("up.bin"))
            for module in modules:
                self.assertEqual(module.urcs(seconds=120)[-1], '"END",0')
                self.flash = module.folder / "flash.bin"
                self.check_new(module)


if __name__ == "__main__":
    main()
