#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Power cuts under DFOTA: whenever a module is killed, it comes back with the
old image or with the new one, and goes on where it was."""
import json

from bench import Case, Nginx, main


class Power(Case):
    """A module of 16 MB and a server."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_cut_at_each_event(self):
        """It comes back old or new, says which, and ends what it began."""
        new = self.new.read_bytes()
        old = self.old.read_bytes()
        for number, (event, goes_on) in enumerate((
                ("command:QFOTADL", False), ('urc:"HTTPSTART"', False),
                ("download", False), ("check", False), ("save:step 1", True),
                ("reboot:upgrade", True), ('urc:"START"', True),
                ("apply", True), ("flash", True), ('urc:"UPDATING",50', True),
                ('urc:"END",0', True))):
            options = ("--state", f"state{number}")
            module = self.module("--cut-at", event, *options).ready()
            module.send(f'AT+QFOTADL="{self.server.url("up.bin")}",1,0')
            module.process.wait(20)
            module.close()
            self.assertIn(self.flash.read_bytes(), (old, new), event)
            module = self.module(*options)
            if goes_on:
                self.assertEqual(module.urcs()[-1], '"END",0', event)
                self.check_new(module)
            else:
                self.check_old(module.ready())
            module.stop()
            self.flash.write_bytes(old)

    def state(self):
        path = self.folder / "flash.bin.state" / "state.json"
        return json.loads(path.read_text())

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
