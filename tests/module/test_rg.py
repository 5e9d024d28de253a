#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""RG and RM modules: three ways to a package, their codes, and five tries."""
from bench import (B_FROM, B_TO, Case, Nginx, Vsftpd, make_package, main)


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


if __name__ == "__main__":
    main()
