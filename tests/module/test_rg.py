#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""RG and RM modules: three ways to a package, their codes, and five tries."""
import hashlib
import json
import shutil
import subprocess
import time

from bench import (A_FROM, B_FROM, B_TO, PAIRS, Case, Nginx, Vsftpd,
                   make_package, main, run)


class Rg(Case):
    """An RM520N."""

    version = B_FROM

    @classmethod
    def prepare(cls):
        make_package(cls.served / "update.zip", B_FROM, B_TO)
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def upload(self, module, name, data):
        module.send(f'AT+QFUPL="{name}",{len(data)},10')
        module.wait("CONNECT", 5)
        module.write(data)
        module.wait("OK", 10)

    def test_from_a_server(self):
        module = self.module("--steps", "twenties").ready()
        module.upgrade(self.server.url("update.zip"))
        self.assertEqual(
            module.urcs(),
            ['"HTTPSTART"', '"HTTPEND",0', '"START"'] +
            [f'"UPDATING",{n}' for n in (1, 20, 40, 60, 80, 100)] +
            ['"END",0'])
        self.check_new(module, B_TO)

    def test_from_ftp(self):
        with Vsftpd(self.served) as server:
            module = self.module().ready()
            module.upgrade(server.url("update.zip"))
            self.assertEqual(module.urcs()[:2], ['"FTPSTART"', '"FTPEND",0'])
            self.check_new(module, B_TO)

    def test_from_its_own_files(self):
        module = self.module().ready()
        package = (self.served / "update.zip").read_bytes()
        self.upload(module, "UFS:update.zip", package)
        module.upgrade("/cache/ufs/update.zip")
        urcs = module.urcs()
        self.assertEqual(urcs, ['"START"'] +
                         [f'"UPDATING",{n}' for n in range(1, 101)] +
                         ['"END",0'])
        self.check_new(module, B_TO)
        self.assertEqual(module.command('AT+QFLST="*"')[0],
                         f'+QFLST: "UFS:update.zip",{len(package)}')

    def test_any_failed_download_is_601_or_701(self):
        module = self.module().ready()
        module.upgrade(self.server.url("none.zip"))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+'),
                         ['"HTTPSTART"', '"HTTPEND",701'])
        with Vsftpd(self.served) as server:
            module.ready().upgrade(server.url("none.zip"))
            self.assertEqual(module.urcs(r'"FTPEND",\d+')[-1],
                             '"FTPEND",601')
        self.check_old(module.ready())

    def test_the_first_context_must_be_free(self):
        module = self.module().ready()
        self.assertEqual(module.command("AT+QIACT=1"), ["OK"])
        module.upgrade(self.server.url("update.zip"))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+')[-1], '"HTTPEND",701')
        self.assertEqual(module.command("AT+QIDEACT=1"), ["OK"])
        module.upgrade(self.server.url("update.zip"))
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module, B_TO)

    def test_codes_of_the_checks(self):
        (self.served / "bad.zip").write_bytes(b"PK\3\4 no zip")
        make_package(self.served / "version.zip", B_TO, B_TO[:-4] + "9M4G")
        make_package(self.served / "source.zip", B_FROM, B_TO, "armv6m")
        for name, code in (("bad", 504), ("version", 505), ("source", 510)):
            module = self.module().ready()
            module.upgrade(self.server.url(f"{name}.zip"))
            module.urcs(r'"HTTPEND",0')
            self.assertEqual(module.urcs(), ['"START"', f'"END",{code}'])
            self.check_old(module.ready())
            module.stop()

    def test_no_room_is_511(self):
        module = self.module("--ufs", "8K").ready()
        module.upgrade(self.server.url("update.zip"))
        self.assertEqual(module.urcs()[-1], '"END",511')
        self.check_old(module.ready())

    def test_a_download_has_an_end(self):
        """What is more than twice the file system is not even fetched."""
        module = self.module("--ufs", "1000").ready()
        module.upgrade(self.server.url("update.zip"))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+')[-1], '"HTTPEND",701')
        self.check_old(module.ready())

    def test_what_fails_in_patching_is_tried_five_times(self):
        module = self.module("--steps", "tens").ready()
        obstacle = self.folder / "flash.bin.state" / "image.new"
        obstacle.mkdir()
        module.upgrade(self.server.url("update.zip"))
        for _ in range(5):
            self.assertEqual(module.urcs()[-3:],
                             ['"START"', '"UPDATING",20', '"END",520'])
        module.ready()
        self.check_old(module)
        self.assertIsNone(module.line(0.5))

    def test_a_power_cut_is_no_try(self):
        module = self.module().ready()
        module.upgrade(self.server.url("update.zip"))
        for _ in range(7):
            module.urcs(r'"UPDATING",1')
            module.kill()
            module.start()
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module, B_TO)


# Partitions, and which pair they are of; tz stays as it is.
PARTITIONS = {"modem.bin": "micropython-armv6m", "system.img":
              "micropython-armv7m", "boot": "tfa-stm32mp1-armv7a",
              "tz.elf": "tfa-sun50i-arm64"}


def contents(folder):
    """Names and digests of the files in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()}


class Folder(Case):
    """An RM520N whose flash is a folder of partition images."""

    version = B_FROM

    @classmethod
    def prepare(cls):
        cls.images = cls.served / "images"
        for side in ("old", "new"):
            (cls.images / side).mkdir(parents=True)
            for name, pair in PARTITIONS.items():
                shutil.copy(PAIRS / pair /
                            ("old" if name == "tz.elf" else side),
                            cls.images / side / name)
        run("mkdelta", "-q", "--from", B_FROM, "--to", B_TO,
            cls.images / "old", cls.images / "new", "-o",
            cls.served / "update.zip")
        cls.were = contents(cls.images / "old")
        cls.become = contents(cls.images / "new")
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        super().setUp()
        self.flash = self.folder / "flash"
        self.reset()

    def reset(self):
        shutil.rmtree(self.flash, ignore_errors=True)
        shutil.copytree(self.images / "old", self.flash)

    def start(self, *options):
        return self.module("--flash", "flash/", *options)

    def begin(self, *options):
        module = self.start(*options).ready()
        module.send(f'AT+QFOTADL="{self.server.url("update.zip")}"')
        return module

    def check(self, module, version, images):
        module.ready()
        self.assertEqual(module.version(), version)
        self.assertEqual(contents(self.flash), images)

    def leftovers(self):
        return [path.name for path in (self.folder / "flash.state").iterdir()
                if path.name.startswith((".", "image"))]

    def test_upgrades_all_partitions(self):
        module = self.begin()
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check(module, B_TO, self.become)
        self.assertEqual(self.leftovers(), [])

    def test_other_images_are_510(self):
        path = self.flash / "boot"
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        before = contents(self.flash)
        module = self.begin()
        self.assertEqual(module.urcs()[-1], '"END",510')
        self.check(module, B_FROM, before)

    def test_a_power_cut_leaves_each_partition_old_or_new(self):
        """And then the module ends what it began."""
        for number, (event, goes_on) in enumerate((
                ("check", False), ("save:step 1", True),
                ('urc:"START"', True), ("apply", True), ("flash", True),
                ('urc:"UPDATING",50', True), ('urc:"END",0', True))):
            self.reset()
            state = ("--state", f"state{number}")
            module = self.begin("--cut-at", event, *state)
            module.process.wait(20)
            module.close()
            for name, data in contents(self.flash).items():
                self.assertIn(data, (self.were[name], self.become[name]))
            module = self.start(*state)
            if goes_on:
                self.assertEqual(module.urcs()[-1], '"END",0', event)
                self.check(module, B_TO, self.become)
            else:
                self.check(module, B_FROM, self.were)
            module.stop()

    def test_a_power_cut_between_two_partitions(self):
        """One is new by then, and another one still old."""
        module = self.begin("--cut-after", str(self.operations() // 2))
        module.process.wait(60)
        module.close()
        now = contents(self.flash)
        self.assertTrue(any(now[name] == self.become[name] != self.were[name]
                            for name in now))
        self.assertTrue(any(now[name] == self.were[name] != self.become[name]
                            for name in now))
        module = self.start()
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check(module, B_TO, self.become)
        self.assertEqual(self.leftovers(), [])

    def operations(self):
        """How many operations an upgrade has."""
        module = self.begin("--state", "counted")
        self.assertEqual(module.urcs()[-1], '"END",0')
        module.stop()
        self.reset()
        trace = self.folder / "trace.jsonl"
        lines = trace.read_text().splitlines()
        return sum(json.loads(line)["event"] in ("erase", "program")
                   for line in lines)

    def test_kills_at_any_moment(self):
        module = self.begin()
        for number in range(12):
            time.sleep(0.02 * number)
            module.kill()
            state = json.loads(
                (self.folder / "flash.state" / "state.json").read_text())
            module = self.start()
            if state["step"] == 0:
                module.ready()
                if module.version() == B_TO:
                    break
                module.upgrade(self.server.url("update.zip"))
        else:
            self.assertEqual(module.urcs()[-1], '"END",0')
        self.check(module, B_TO, self.become)

    def test_what_fails_in_patching_is_tried_five_times(self):
        made = self.folder / "flash.state" / "image.new"
        module = self.start("--steps", "tens").ready()
        made.mkdir()
        (made / "obstacle").write_bytes(b"")
        module.upgrade(self.server.url("update.zip"))
        for _ in range(5):
            self.assertEqual(module.urcs()[-3:],
                             ['"START"', '"UPDATING",20', '"END",520'])
        self.check(module, B_FROM, self.were)

    def test_a_folder_is_no_flash_of_other_modules(self):
        done = subprocess.run(
            ["dfota-module", "--flash", self.flash, "--module", A_FROM],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("for RG and RM modules", done.stdout)


if __name__ == "__main__":
    main()
