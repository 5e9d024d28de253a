#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files over the port: a package that the host sends, and the module's own
file system."""
import time

from bench import Case, make_package, main


def checksum(data):
    """The vendor's: pairs of bytes, the first high, in exclusive or."""
    data += b"\0" * (len(data) % 2)
    total = 0
    for high, low in zip(data[::2], data[1::2]):
        total ^= high << 8 | low
    return f"{total:x}"


class Send(Case):
    """AT+QFOTADL="FILE:<length>"."""

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.package = (cls.served / "up.bin").read_bytes()

    def begin(self, module, length, more=",1,5"):
        module.upgrade(f"FILE:{length}", more)
        module.wait(r'\+QIND: "FOTA","FILESTART"')

    def test_with_flow_control(self):
        for command in ("AT+IFC=2,2", 'AT+QCFG="usbifc",2,2'):
            module = self.module("--state", command[3:6]).ready()
            self.assertEqual(module.command(command), ["OK"])
            self.begin(module, len(self.package))
            module.write(self.package)
            self.assertEqual(
                module.urcs(r'"FILEEND",\d+'),
                [f'"DOWNLOADING",{n}' for n in range(1, 6)] +
                ['"FILEEND",0'])
            self.assertEqual(module.urcs()[-1], '"END",0')
            self.check_new(module)
            module.stop()
            self.flash.write_bytes(self.old.read_bytes())

    def test_slowly_without_flow_control(self):
        module = self.module().ready()
        self.begin(module, len(self.package))
        for at in range(0, len(self.package), 32):
            module.write(self.package[at:at + 32])
            time.sleep(0.0002)
        self.assertEqual(module.urcs(r'"FILEEND",\d+')[-1], '"FILEEND",0')
        self.assertEqual(module.urcs()[-1], '"END",0')
        self.check_new(module)

    def test_too_fast_without_flow_control_is_500(self):
        module = self.module().ready()
        self.begin(module, 200000)
        module.write(self.package * 16)
        self.assertEqual(module.urcs(r'"FILEEND",\d+')[-1], '"FILEEND",500')
        self.check_old(module.ready())

    def test_a_short_transfer_is_500(self):
        module = self.module().ready()
        self.assertEqual(module.command("AT+IFC=2,2"), ["OK"])
        self.begin(module, len(self.package))
        module.write(self.package[:-1])
        self.assertEqual(module.urcs(r'"FILEEND",\d+')[-1], '"FILEEND",500')
        self.check_old(module.ready())

    def test_what_is_too_much_are_commands(self):
        module = self.module().ready()
        self.assertEqual(module.command("AT+IFC=2,2"), ["OK"])
        self.begin(module, len(self.package) - 1)
        module.write(self.package + b"\rAT\r")
        self.assertEqual(module.urcs(r'"FILEEND",\d+')[-1], '"FILEEND",0')
        self.assertEqual(module.urcs(), ['"START"', '"END",505'])
        self.check_old(module)

    def test_no_room_is_an_error(self):
        module = self.module("--ufs", "8K").ready()
        self.assertEqual(module.command('AT+QFOTADL="FILE:8193"'), ["ERROR"])

    def test_a_package_that_is_refused(self):
        """Codes of the checks, with START before END and without."""
        cases = [(b"x" * 5000, 505)]
        for name, version, code in (
                ("project", "EC200AEUHAR01A02M16", 552),
                ("baseline", "EC200ACNHAR02A02M16", 553),
                ("version", "EC200ACNHAR01A01M16", 507)):
            make_package(self.served / name, version, version[:-4] + "9M16")
            cases.append(((self.served / name).read_bytes(), code))
        make_package(self.served / "other", pair="armv6m")
        cases.append(((self.served / "other").read_bytes(), 506))
        for number, (package, code) in enumerate(cases):
            quirk = ("--quirk", "end-before-start") if number == 0 else ()
            module = self.module(*quirk).ready()
            self.assertEqual(module.command("AT+IFC=2,2"), ["OK"])
            self.begin(module, len(package))
            module.write(package)
            module.urcs(r'"FILEEND",0')
            self.assertEqual(module.urcs(),
                             ([] if quirk else ['"START"']) +
                             [f'"END",{code}'])
            self.check_old(module.ready())
            module.stop()


class Ufs(Case):
    """AT+QFLDS, AT+QFUPL, AT+QFLST, AT+QFDWL, AT+QFDEL."""

    @classmethod
    def prepare(cls):
        pass

    def upload(self, module, name, data, more=""):
        module.send(f'AT+QFUPL="{name}",{len(data)}{more}')
        module.wait("CONNECT", 5)
        module.write(data)
        module.wait(r"\+QFUPL: .*|\+CME ERROR: \d+", 10)
        last = module.seen[-1]
        if last.startswith("+QFUPL"):
            module.wait("OK", 5)
        return last

    def test_the_way_of_a_file(self):
        module = self.module("--ufs", "100000").ready()
        data = bytes(range(256)) * 5 + b"!"
        self.assertEqual(module.command("AT+QFLDS"), ["+QFLDS: 0,0", "OK"])
        self.assertEqual(self.upload(module, "a.bin", data),
                         f"+QFUPL: {len(data)},{checksum(data)}")
        self.assertEqual(self.upload(module, "UFS:b", b"\r\nAT\r\n", ",5,1"),
                         "+QFUPL: 6," + checksum(b"\r\nAT\r\n"))
        self.assertEqual(module.command('AT+QFLST="*"'),
                         ['+QFLST: "UFS:a.bin",1281', '+QFLST: "UFS:b",6',
                          "OK"])
        self.assertEqual(module.command('AT+QFLDS="UFS"'),
                         ["+QFLDS: 98713,100000", "OK"])
        self.assertEqual(module.command("AT+QFLDS"), ["+QFLDS: 1287,2", "OK"])
        module.send('AT+QFDWL="a.bin"')
        module.wait("CONNECT", 5)
        while "+QFDWL:" not in module.text or "OK" not in module.text:
            module.read(5)
        body, _, tail = module.text.partition("\r\n+QFDWL: ")
        self.assertEqual(body.encode("latin-1"), data)
        self.assertTrue(tail.startswith(f"1281,{checksum(data)}\r\n"))
        module.text = ""
        self.assertEqual(module.command('AT+QFDEL="a.bin"'), ["OK"])
        self.assertEqual(module.command('AT+QFLST="a.bin"'),
                         ["+CME ERROR: 405"])
        module.kill()
        module = self.module().ready()
        self.assertEqual(module.command("AT+QFLST"),
                         ['+QFLST: "UFS:b",6', "OK"])
        self.assertEqual(module.command('AT+QFDEL="*"'), ["OK"])
        self.assertEqual(module.command("AT+QFLST"), ["OK"])

    def test_acknowledges_each_kilobyte(self):
        module = self.module().ready()
        self.upload(module, "a", b"x" * 3000, ",5,1")
        self.assertIn("AA", module.seen)

    def test_what_cannot_be(self):
        module = self.module("--ufs", "1000").ready()
        self.upload(module, "there", b"123")
        for command, code in (('AT+QFUPL="there",3', 407),
                              ('AT+QFUPL="big",998', 403),
                              ('AT+QFUPL="../x",3', 406),
                              ('AT+QFUPL=".x",3', 406),
                              ('AT+QFUPL="x",0', 400),
                              ('AT+QFUPL="x",3,0', 400),
                              ('AT+QFUPL="x",3,5,2', 400),
                              ('AT+QFDWL="none"', 405),
                              ('AT+QFDWL="../state.json"', 406),
                              ('AT+QFDEL="none"', 418),
                              ('AT+QFLDS="RAM"', 400)):
            self.assertEqual(module.command(command), [f"+CME ERROR: {code}"],
                             command)

    def test_an_upload_that_stops_is_421(self):
        module = self.module().ready()
        module.send('AT+QFUPL="a",10,1')
        module.wait("CONNECT", 5)
        module.write(b"123")
        self.assertEqual(module.wait(r"\+CME ERROR: \d+", 5),
                         "+CME ERROR: 421")
        self.assertEqual(module.command("AT+QFLST"), ["OK"])


if __name__ == "__main__":
    main()
