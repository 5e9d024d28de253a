#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A network that goes and comes back, at chosen bytes of real downloads."""
import json
import pathlib
import shutil
import subprocess
import tempfile

from bench import (A_FROM, B_FROM, B_TO, MINI_FROM, MINI_TO, Case, Nginx,
                   Vsftpd, main, make_mini, make_package)

AT = 2500  # bytes; a place within the package
SHORT, LONG, TOO_LONG = 5, 45, 210  # seconds; a server is given up after 30


class Network(Case):
    """A module of 16 MB, and both kinds of server."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.size = (cls.served / "up.bin").stat().st_size
        assert cls.size > 2 * AT
        make_package(cls.served / "update.zip", B_FROM, B_TO)
        cls.http = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.http.__exit__)
        cls.ftp = Vsftpd(cls.served).__enter__()
        cls.addClassCleanup(cls.ftp.__exit__)

    def setUp(self):
        super().setUp()
        (self.http.work / "access.log").write_text("")

    def events(self, kind):
        lines = (self.folder / "trace.jsonl").read_text().splitlines()
        return [one["text"] for one in map(json.loads, lines)
                if one["event"] == kind]

    def lose(self, losses, server, *options):
        """A new module on its way to a package."""
        shutil.copyfile(self.old, self.flash)
        (self.folder / "trace.jsonl").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "flash.bin.state", ignore_errors=True)
        module = self.module("--network-loss", losses, *options).ready()
        module.upgrade(server.url("up.bin"), ",1,0")
        return module

    def check_end(self, module, code):
        urc = module.urcs(r'"(HTTP|FTP)END",\d+')[-1]
        self.assertEqual(int(urc.split(",")[1]), code)
        if code == 0:
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_new(module)
        else:
            self.check_old(module.ready())

    def test_a_short_loss_only_takes_time(self):
        for server in (self.http, self.ftp):
            module = self.lose(f"{AT}:{SHORT}", server)
            self.check_end(module, 0)
            module.stop()
            self.assertEqual(self.events("network"),
                             [f"lost for {SHORT} s after {AT} bytes", "back"])
            self.assertEqual(self.events("retry"), [])
        self.assertEqual(len(self.http.requests()), 1)

    def test_a_long_loss_breaks_off_and_goes_on_where_it_was(self):
        for server in (self.http, self.ftp):
            module = self.lose(f"{AT}:{LONG}", server)
            self.check_end(module, 0)
            module.stop()
            self.assertEqual(
                self.events("retry"),
                [f"the file stops coming after {AT} bytes"])
        first, second = self.http.requests()
        self.assertIn('" 200 ', first)
        self.assertIn(f'" 206 {self.size - AT} ', second)

    def test_several_losses_one_behind_the_other(self):
        module = self.lose(f"{2 * AT}:{LONG},1:{LONG},{AT}:{SHORT}", self.http)
        self.check_end(module, 0)
        self.assertEqual(len(self.events("network")), 6)
        self.assertEqual([line.split()[-2] for line in self.events("retry")],
                         ["1", str(2 * AT)])

    def test_too_long_a_loss_is_702_and_609(self):
        """The last of four attempts finds nobody; once the network is back,
        another command leads to the end."""
        for server, code in ((self.http, 702), (self.ftp, 609)):
            module = self.lose(f"{AT}:{TOO_LONG}", server)
            self.assertEqual(self.events("network"), [])
            while not self.events("network"):
                module.read(0.02)
            self.assertIn("+CEREG: 0,2", module.command("AT+CEREG?"))
            self.assertIn("+CSQ: 99,99", module.command("AT+CSQ"))
            self.check_end(module, code)
            while "back" not in self.events("network"):
                module.command("AT+CEREG?")
            self.assertIn("+CEREG: 0,1", module.command("AT+CEREG?"))
            module.upgrade(server.url("up.bin"))
            self.check_end(module, 0)
            module.stop()

    def test_no_network_to_begin_with_asks_no_server(self):
        module = self.lose(f"0:{LONG}", self.http)
        self.check_end(module, 702)
        self.assertEqual(self.http.requests(), [])

    def test_rg_call_it_701(self):
        module = self.module("--network-loss", f"{AT}:{TOO_LONG}",
                             version=B_FROM).ready()
        module.upgrade(self.http.url("update.zip"))
        self.assertEqual(module.urcs(r'"HTTPEND",\d+')[-1], '"HTTPEND",701')
        self.check_old(module.ready(), B_FROM)

    def test_the_seed_chooses_the_place(self):
        places = []
        for seed in (1, 1, 2):
            module = self.lose(f"100-{self.size}:{SHORT}", self.http, "--seed",
                               str(seed))
            self.check_end(module, 0)
            module.stop()
            places.append(self.events("network")[0])
        self.assertEqual(places[0], places[1])
        self.assertNotEqual(places[0], places[2])

    def test_what_is_no_list_is_refused(self):
        for text in ("5", "5:", ":5", "5:0", "5-4:1", "5:1,", "-5:1", "5:-1",
                     "5:99999", "2G:1", ",".join(["1:1"] * 17)):
            done = subprocess.run(
                ["dfota-module", "--flash", self.flash, "--module", A_FROM,
                 "--network-loss=" + text], stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, check=False, text=True)
            self.assertEqual(done.returncode, 2, text)
            self.assertIn("BYTES:SECONDS", done.stderr)


class Mini(Case):
    """MiniFOTA: once the flash is erased, no loss is too long."""

    version = MINI_FROM

    @classmethod
    def prepare(cls):
        cls.images = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.images)
        make_mini(cls.images, cls.served / "update")
        cls.server = Nginx(cls.served).__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        super().setUp()
        self.old = self.images / "old.img"
        self.new = self.images / "made.img"
        shutil.copyfile(self.old, self.flash)

    def upgrade_with(self, losses):
        module = self.module("--network-loss", losses).ready()
        module.upgrade(self.server.url("update.mini_1"))
        return module

    def test_within_the_header_it_goes_back(self):
        module = self.upgrade_with("1000:600")
        self.assertEqual(module.urcs(), ['"END",504'])
        self.check_old(module.ready())

    def test_scene_3_and_4_are_waited_out(self):
        first = (self.served / "update.mini_1").stat().st_size
        module = self.upgrade_with(f"3K:{TOO_LONG},{first + 5000}:{TOO_LONG}")
        self.assertEqual(module.urcs(seconds=60)[-1], '"END",0')
        self.check_new(module, MINI_TO)


if __name__ == "__main__":
    main()
