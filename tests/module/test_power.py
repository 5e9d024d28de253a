#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Power cuts under DFOTA: whenever a module is killed, it comes back with the
old image or with the new one, and goes on where it was."""
import json
import random
import time

from bench import A_FROM, A_TO, Case, Nginx, Module, main

CUTS = 6


class Power(Case):
    """A module of 16 MB and a server."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_killed_at_any_time(self):
        """It is old or new, says which, and does not forget an upgrade that
        has begun."""
        chance = random.Random(1)
        new = self.new.read_bytes()
        old = self.old.read_bytes()
        ends = set()
        module = self.module()
        for _ in range(CUTS):
            module.ready()
            self.assertEqual(module.version(), A_FROM)
            module.upgrade(self.server.url("up.bin"), ",1,0")
            limit = time.monotonic() + chance.uniform(0, 1.2)
            while time.monotonic() < limit:
                module.read(0.01)
            module.kill()
            step = self.state()["step"]
            module = Module(self.folder, "--module", A_FROM).start()
            self.addCleanup(self.finish, module)
            if step != 0:
                self.assertEqual(module.urcs()[-1], '"END",0')
            module.ready()
            version = module.version()
            self.assertIn(version, (A_FROM, A_TO))
            self.assertEqual(self.flash.read_bytes(),
                             new if version == A_TO else old)
            ends.add((step, version))
            self.begin_anew(module)
            module = Module(self.folder, "--module", A_FROM).start()
            self.addCleanup(self.finish, module)
        self.assertGreaterEqual(len(ends), 2, ends)

    def state(self):
        path = self.folder / "flash.bin.state" / "state.json"
        return json.loads(path.read_text())

    def begin_anew(self, module):
        module.stop()
        self.flash.write_bytes(self.old.read_bytes())
        (self.folder / "flash.bin.state" / "state.json").unlink()

    def test_a_flash_that_is_written_is_not_written_again(self):
        """Cut between the new image and the note of it."""
        module = self.module().ready()
        module.upgrade(self.server.url("up.bin"))
        module.urcs('"UPDATING",1')
        module.urcs(r'"UPDATING",[2-9]\d')
        module.kill()
        self.assertNotEqual(self.state()["image"], "0" * 64)
        self.assertEqual(self.flash.read_bytes(), self.new.read_bytes())
        module.start()
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module)

    def test_a_module_may_not_survive_it(self):
        module = self.module("--quirk", "vendor-power-loss").ready()
        module.upgrade(self.server.url("up.bin"))
        module.urcs('"UPDATING",1')
        module.kill()
        for _ in range(2):
            module.start()
            for _ in range(10):
                module.send("AT")
                self.assertIsNone(module.line(0.05))
            module.kill()

    def test_mode_0_reboots_once_more(self):
        for mode, reboots in ((0, ["normal", "upgrade", "normal"]),
                              (1, ["upgrade", "normal"])):
            (self.folder / "trace.jsonl").unlink(missing_ok=True)
            module = self.module("--state", f"mode{mode}").ready()
            module.upgrade(self.server.url("up.bin"), f",{mode}")
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_new(module)
            module.stop()
            lines = (self.folder / "trace.jsonl").read_text().splitlines()
            events = [json.loads(line) for line in lines]
            self.assertEqual([one["text"] for one in events
                              if one["event"] == "reboot"][1:], reboots)
            self.flash.write_bytes(self.old.read_bytes())

    def test_omitted_numbers_keep_their_values(self):
        module = self.module().ready()
        for more, count in ((",1,7", 7), (",1", 7), ("", 7), (",0,0", 0),
                            ("", 0)):
            module.upgrade(self.server.url("none.bin"), more)
            module.urcs(r'"HTTPEND",\d+')
            self.assertEqual(self.state()["download_urc_max"], count)
        module.kill()
        module.start().ready()
        module.upgrade(self.server.url("up.bin"))
        self.assertNotIn('"DOWNLOADING",1', module.urcs())


if __name__ == "__main__":
    main()
