#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The flash: its operations, power cuts within them, and those that fail."""
import collections
import hashlib
import json
import pathlib
import shutil
import subprocess
import tempfile

from bench import (A_FROM, A_TO, B_FROM, B_TO, LAYOUT, MINI_FROM, MINI_TO,
                   PAIRS, Case, Nginx, main, make_mini, make_package, run)

SECTOR = 4096


class Flash(Case):
    """Modules of all kinds, each with an upgrade that it knows."""

    @classmethod
    def prepare(cls):
        super().prepare()
        make_package(cls.served / "update.zip", B_FROM, B_TO)
        cls.images = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.images)
        make_mini(cls.images, cls.served / "update")
        cls.make_in_place()
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    @classmethod
    def make_in_place(cls):
        """A package for a flash of 8 MB of which one partition changes."""
        layout = json.loads(LAYOUT.read_text())
        layout["flash"]["storage"] = "1M"
        for partition in layout["partitions"]:
            if partition["name"] != "mini":
                partition["role"] = "keep"
        path = cls.images / "layout.json"
        path.write_text(json.dumps(layout))
        run("mkdelta", "-q", "--layout", path, "--type", "dfota", "--from",
            A_FROM, "--to", A_TO, cls.images / "old.img",
            cls.images / "new.img", "-o", cls.served / "place.bin")
        run("dfota-apply", "-q", cls.served / "place.bin",
            cls.images / "old.img", "-o", cls.images / "place.img")

    def choose(self, kind):
        """What the rest of a test is about."""
        self.state = tempfile.mkdtemp(dir=self.folder)
        self.name, self.version, self.target, made = {
            "lte": ("up.bin", A_FROM, A_TO, None),
            "place": ("place.bin", A_FROM, A_TO, "place.img"),
            "rg": ("update.zip", B_FROM, B_TO, None),
            "mini": ("update.mini_1", MINI_FROM, MINI_TO, "made.img")}[kind]
        if made is not None:
            self.old = self.images / "old.img"
            self.new = self.images / made
        else:
            self.old, self.new = (PAIRS / "micropython-armv7m" / side
                                  for side in ("old", "new"))
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

    def test_in_place_a_sector_is_erased_once(self):
        self.count("place")
        often = collections.Counter(self.erased())
        partition = range(0xa0000, 0x180000, SECTOR)
        self.assertEqual({at for at in often if at < 0x800000},
                         set(partition))
        self.assertEqual({often[at] for at in partition}, {1})
        self.assertFalse((pathlib.Path(self.state) / "aside").exists())

    def test_in_place_what_an_upgrade_left_aside_counts_for_nothing(self):
        """As when the power fails after its end was noted."""
        self.choose("place")
        module = self.start().ready()
        module.stop()
        aside = pathlib.Path(self.state) / "aside"
        aside.write_bytes(bytes(0x30000))
        self.end(self.begin())
        self.assertFalse(aside.exists())

    def test_in_place_another_image_is_left_alone(self):
        self.choose("place")
        data = bytearray(self.flash.read_bytes())
        data[0xa0000] ^= 1
        self.flash.write_bytes(data)
        module = self.begin()
        self.assertEqual(module.urcs()[-1], '"END",506')
        self.assertEqual(self.flash.read_bytes(), data)
        self.assertEqual(self.operations(), [])

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
        for kind in ("lte", "place", "rg", "mini"):
            last = self.count(kind)
            for number in (1, 2, 17, 18, last // 3, last - 1, last):
                self.choose(kind)
                self.cut(self.begin("--cut-after", str(number)))
                self.assertEqual(len(self.operations()), number)
                self.end_somehow(self.start(), kind)

    def end_somehow(self, module, kind):
        """The applier's first operations are those of its journal."""
        if kind in ("lte", "rg"):
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
        for number in (17, 20):  # an erasure, and a page of that sector
            left = []
            for seed in ("1", "1", "2"):
                self.choose("lte")
                self.cut(self.begin("--cut-after", str(number), "--seed",
                                    seed))
                left.append(hashlib.md5(self.flash.read_bytes()).digest())
            self.assertEqual(left[0], left[1])
            self.assertNotEqual(left[0], left[2])

    def test_an_error_is_504_and_then_it_goes_on(self):
        for kind in ("lte", "place"):
            self.choose(kind)
            module = self.begin("--flash-error", "30")
            self.assertEqual(module.urcs()[-1], '"END",504')
            urcs = module.urcs()
            self.assertEqual(urcs[:2], ['"START"', '"UPDATING",1'])
            self.assertEqual(urcs[-1], '"END",0')
            self.check_new(module, self.target)
            module.stop()

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
