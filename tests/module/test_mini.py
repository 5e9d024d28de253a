#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""MiniFOTA on a flash of 8 MB: the four reboots, the scenes of A 5.1, and power
cuts at each step."""
import json
import pathlib
import shutil
import tempfile
import time

from bench import LAYOUT, MINI_FROM, MINI_TO, Case, Nginx, main, make_mini, run

FIRST = [*range(2, 50, 2), 49, 60]
SECOND = [*range(64, 97, 4)]


class Mini(Case):
    """An EC200N with 8 MB."""

    version = MINI_FROM

    @classmethod
    def prepare(cls):
        cls.images = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.images)
        make_mini(cls.images, cls.images / "right")
        run("mkdelta", "-q", "--layout", LAYOUT, cls.images / "new.img",
            cls.images / "old.img", "-o", cls.images / "back")
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        super().setUp()
        self.old = self.images / "old.img"
        self.new = self.images / "made.img"
        shutil.copyfile(self.old, self.flash)
        self.serve("right")

    def serve(self, stem, first=True, second=True):
        """What the server has as update.mini_1 and .mini_2."""
        for end, there in (("mini_1", first), ("mini_2", second)):
            path = self.served / f"update.{end}"
            path.unlink(missing_ok=True)
            if there:
                shutil.copyfile(self.images / f"{stem}.{end}", path)

    def begin(self, *options, name="update.mini_1"):
        module = self.module(*options).ready()
        module.upgrade(self.server.url(name))
        return module

    def trace(self):
        return [json.loads(line) for line in
                (self.folder / "trace.jsonl").read_text().splitlines()]

    def events(self, kind):
        return [one["text"] for one in self.trace() if one["event"] == kind]

    @staticmethod
    def ask(module, command, answer):
        """A module that reboots now and then answers at last."""
        for _ in range(50):
            module.send(command)
            try:
                return module.wait(answer, 0.1)
            except AssertionError:
                continue
        raise AssertionError(f"{command} is not answered by {answer}")

    def check_made(self, module):
        self.check_new(module, MINI_TO)

    def test_upgrades(self):
        module = self.begin()
        wanted = [f'"UPDATING",{n}' for n in FIRST + SECOND] + ['"END",0']
        self.assertEqual(module.urcs(), wanted)
        self.check_made(module)
        reboots = self.events("reboot")
        self.assertEqual(reboots[1:], ["download", "upgrade", "download",
                                       "normal"])

    def test_https_by_the_newer_rules(self):
        with Nginx(self.served, tls=True) as server:
            module = self.module("--rules", "lte-standard-a-1.5", "--cacert",
                                 str(server.work / "cert.pem")).ready()
            module.upgrade(server.url("update.mini_1"))
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_made(module)

    def test_scene_1_nothing_there_leads_back(self):
        for name in ("none.mini_1", "update.bin", "a(b).mini_1"):
            module = self.begin(name=name)
            self.assertEqual(module.urcs(), ['"END",504'], name)
            module.ready()
            self.check_old(module)
            module.stop()

    def test_scene_2_another_package_leads_back(self):
        self.serve("back")
        module = self.begin()
        self.assertEqual(module.urcs(), ['"END",507'])
        module.ready()
        self.check_old(module)
        module.stop()
        data = bytearray(self.flash.read_bytes())
        data[0xb0000] ^= 1  # in the Mini system
        self.flash.write_bytes(data)
        self.serve("right")
        module = self.begin()
        self.assertEqual(module.urcs(), ['"END",506'])
        self.assertEqual(module.ready().version(), MINI_FROM)

    def test_scene_3_no_way_back_once_erased(self):
        self.serve("right")
        first = self.served / "update.mini_1"
        whole = first.read_bytes()
        first.write_bytes(whole[:-100])
        module = self.begin()
        while not any("download" == text for text in
                      self.events("reboot")[2:]):
            module.read(0.1)
        self.ask(module, "ATI", "ERROR")
        self.ask(module, "AT+CEREG?", r"\+CEREG: 0,1")
        module.kill()
        module = self.module()
        time.sleep(0.5)
        first.write_bytes(whole)
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_made(module)

    def test_scene_4_waits_for_the_second_file(self):
        self.serve("right", second=False)
        module = self.begin()
        module.urcs('"UPDATING",60')
        time.sleep(0.5)
        module.kill()
        module = self.module()
        time.sleep(0.5)
        self.serve("right")
        urcs = module.urcs()
        self.assertEqual(urcs[-1], '"END",0')
        self.assertNotIn('"UPDATING",60', urcs)
        self.check_made(module)

    def test_a_second_file_of_another_run_is_not_taken(self):
        self.serve("right", second=False)
        shutil.copyfile(self.images / "back.mini_2",
                        self.served / "update.mini_2")
        module = self.begin()
        module.urcs('"UPDATING",96')
        self.assertIsNone(module.line(0.5))
        for image, begin, size in ((self.new, 0xa0000, 0xe0000),
                                   (self.old, 0x300000, 0x300000)):
            self.assertEqual(self.flash.read_bytes()[begin:begin + size],
                             image.read_bytes()[begin:begin + size])
        self.serve("right")
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_made(module)

    def test_another_url_in_download_mode(self):
        self.serve("right", second=False)
        module = self.begin()
        module.urcs('"UPDATING",60')
        for end in ("mini_1", "mini_2"):
            shutil.copyfile(self.images / f"right.{end}",
                            self.served / f"moved.{end}")
        time.sleep(0.3)
        module.upgrade(self.server.url("moved.mini_1"))
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_made(module)

    def test_power_cuts_at_each_step(self):
        """Whatever it was about to do, it ends with the new image."""
        for number, event in enumerate((
                "save:step 2", "save:step 3", "save:step 4", "save:step 5",
                'urc:"UPDATING",80', "flow:step 2", "flow:step 3",
                "flow:step 5", "flow:step 6", 'urc:"END",0')):
            shutil.copyfile(self.old, self.flash)
            state = ("--state", f"state{number}")
            module = self.module("--cut-at", event, *state).ready()
            module.send(f'AT+QFOTADL="{self.server.url("update.mini_1")}"')
            module.process.wait(20)
            module.close()
            module = self.module(*state)
            self.assertEqual(module.urcs()[-1], '"END",0', event)
            self.check_made(module)
            module.stop()


if __name__ == "__main__":
    main()
