#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The flash: its operations, power cuts within them, and those that fail."""
import collections
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from bench import (A_FROM, B_FROM, B_TO, MINI_FROM, MINI_TO, Case, Nginx, main,
                   make_package, run)

LAYOUT = pathlib.Path(os.environ["TESTDATA"]) / "flash8m-layout.json"
SECTOR = 4096


class Flash(Case):
    """Modules of all kinds, each with an upgrade that it knows."""

    @classmethod
    def prepare(cls):
        super().prepare()
        make_package(cls.served / "update.zip", B_FROM, B_TO)
        cls.images = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.images)
        run(LAYOUT.parent / "make-flash8m", cls.images)
        run("mkdelta", "-q", "--layout", LAYOUT, cls.images / "old.img",
            cls.images / "new.img", "-o", cls.served / "update")
        run("dfota-apply", "-q", cls.served / "update.mini_1",
            cls.images / "old.img", "-o", cls.images / "made.img")
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def choose(self, kind):
        """What the rest of a test is about."""
        self.state = tempfile.mkdtemp(dir=self.folder)
        self.name = {"lte": "up.bin", "rg": "update.zip",
                     "mini": "update.mini_1"}[kind]
        self.version = {"lte": A_FROM, "rg": B_FROM, "mini": MINI_FROM}[kind]
        self.target = {"lte": "EC200ACNHAR01A03M16", "rg": B_TO,
                       "mini": MINI_TO}[kind]
        if kind == "mini":
            self.old = self.images / "old.img"
            self.new = self.images / "made.img"
        shutil.copyfile(self.old, self.flash)
        (self.folder / "trace.jsonl").unlink(missing_ok=True)

    def start(self, *options):
        return self.module("--state", self.state, *options)

    def begin(self, *options):
        module = self.start(*options).ready()
        module.send(f'AT+QFOTADL="{self.server.url(self.name)}"')
        return module

    def end(self, module):
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module, self.target)
        module.stop()

    def operations(self):
        lines = (self.folder / "trace.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        return [(one["event"], *one["text"].split()[0::2]) for one in events
                if one["event"] in ("erase", "program")]

    def count(self, kind):
        """How many operations the upgrade has."""
        self.choose(kind)
        self.end(self.begin())
        return len(self.operations())

    def erased(self):
        """Addresses of erased sectors, one by one; all operations are
        numbered."""
        done = self.operations()
        self.assertEqual([int(one[1]) for one in done],
                         list(range(1, len(done) + 1)))
        return [int(one[2], 16) for one in done if one[0] == "erase"]

    def test_only_sectors_that_differ_are_written(self):
        self.count("lte")
        old, new = self.old.read_bytes(), self.new.read_bytes()
        differ = [at for at in range(0, len(new), SECTOR)
                  if old[at:at + SECTOR] != new[at:at + SECTOR]]
        self.assertEqual(self.erased(), differ)

    def test_under_minifota_a_sector_is_erased_twice_at_most(self):
        """Those of the regions; in what is kept there is a journal, which the
        image shows nothing of."""
        self.count("mini")
        often = collections.Counter(self.erased())
        regions = range(0xa0000, 0x7c0000, SECTOR)
        self.assertTrue(set(regions) <= set(often))
        self.assertLessEqual(max(often[at] for at in regions), 2)
        self.assertLess(len(set(often) - set(regions)), 5)
        for at in set(often) - set(regions):
            self.assertEqual(self.flash.read_bytes()[at:at + SECTOR],
                             self.old.read_bytes()[at:at + SECTOR])

    def cut(self, module):
        module.process.wait(60)
        module.close()
        self.assertEqual(module.process.returncode, -9)

    def test_a_cut_within_any_operation_is_got_over(self):
        for kind in ("lte", "rg", "mini"):
            last = self.count(kind)
            for number in (1, 2, 17, 18, last // 3, last - 1, last):
                self.choose(kind)
                self.cut(self.begin("--cut-after", str(number)))
                self.assertEqual(len(self.operations()), number)
                self.end_somehow(self.start(), kind)

    def end_somehow(self, module, kind):
        """The first operations of MiniFOTA are those of its journal."""
        if kind != "mini":
            self.assertNotEqual(self.flash.read_bytes(), self.old.read_bytes())
        self.end(module)

    def test_one_cut_after_the_other(self):
        self.choose("lte")
        self.cut(self.begin("--cut-after", "40"))
        for seed in range(1, 6):
            self.cut(self.start("--cut-after", str(40 + seed), "--seed",
                                str(seed)))
        self.end(self.start())

    def test_the_seed_says_what_a_cut_leaves(self):
        for number in (17, 20):  # an erasure of the second sector, a page of it
            left = []
            for seed in ("1", "1", "2"):
                self.choose("lte")
                self.cut(self.begin("--cut-after", str(number), "--seed", seed))
                left.append(hashlib.md5(self.flash.read_bytes()).digest())
            self.assertEqual(left[0], left[1])
            self.assertNotEqual(left[0], left[2])

    def test_an_error_is_504_and_then_it_goes_on(self):
        self.choose("lte")
        module = self.begin("--flash-error", "30")
        self.assertEqual(module.urcs()[-1], '"END",504')
        urcs = module.urcs()
        self.assertEqual(urcs[:2], ['"START"', '"UPDATING",1'])
        self.assertEqual(urcs[-1], '"END",0')
        self.check_new(module, self.target)

    def test_an_error_is_520_and_then_it_is_tried_again(self):
        self.choose("rg")
        module = self.begin("--flash-error", "30")
        self.assertEqual(module.urcs()[-1], '"END",520')
        self.end(module)

    def test_five_errors_end_the_tries_of_rg(self):
        """B 4: then it boots as it is, and a wrong source is what it is."""
        self.choose("rg")
        module = self.begin("--flash-error", "30+")
        for _ in range(5):
            self.assertEqual(module.urcs()[-1], '"END",520')
        self.assertEqual(module.ready().version(), B_FROM)
        self.assertIsNone(module.line(0.5))
        module.upgrade(self.server.url(self.name))
        self.assertEqual(module.urcs()[-1], '"END",510')

    def test_a_flash_that_stays_broken_is_never_given_up(self):
        for kind, last in (("lte", '"END",504'), ("mini", None)):
            self.choose(kind)
            module = self.begin("--flash-error", "30+")
            for _ in range(7):
                if last:
                    self.assertEqual(module.urcs()[-1], last)
            if last is None:
                with self.assertRaises(AssertionError):
                    module.urcs(seconds=2)
            module.kill()
            self.end(self.start())

    def test_what_is_no_operation_is_refused(self):
        for option in ("--flash-error=", "--flash-error=x", "--flash-error=0",
                       "--flash-error=1++", "--flash-error=+",
                       "--flash-error=" + "1" * 30, "--cut-after=0",
                       "--cut-after=-1"):
            done = subprocess.run(
                ["dfota-module", "--flash", self.flash, "--module", A_FROM,
                 option], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                check=False, text=True)
            self.assertEqual(done.returncode, 2, option)


if __name__ == "__main__":
    main()
