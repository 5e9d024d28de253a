#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples of the vendor's documents, line by line; transcripts/README.md
says how they are written."""
import contextlib
import pathlib
import re
import shutil
import tempfile
import unittest

from bench import (A_TO, B_TO, MINI_TO, Module, Nginx, PAIRS, Script,
                   make_mini, make_package)
from test_ftp import Talk

HERE = pathlib.Path(__file__).parent / "transcripts"
PATIENCE = 15


class Replay:
    """One transcript, a module and its server."""

    def __init__(self, test, path, stack):
        self.test = test
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.stack = stack
        self.folder = pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory()))
        self.folder.chmod(0o755)
        self.target = None
        self.module = None
        self.stays_old = False
        self.obstacle = self.folder / "flash.bin.state" / "image.new"

    def prepare(self, version):
        """Images and package for a module of `version`."""
        self.target = {"EC200A": A_TO, "EC200N": MINI_TO}.get(version[:6],
                                                              B_TO)
        self.package = self.folder / "package"
        if self.target == MINI_TO:
            make_mini(self.folder, self.package)
            shutil.copy(self.folder / "old.img", self.folder / "old.bin")
            shutil.copy(self.folder / "made.img", self.folder / "new.bin")
        else:
            make_package(self.package, version, self.target)
            for name in ("old", "new"):
                shutil.copy(PAIRS / "micropython-armv7m" / name,
                            self.folder / f"{name}.bin")
        shutil.copyfile(self.folder / "old.bin", self.folder / "flash.bin")

    def serve(self, name):
        """A server as the first URL wants it, and the option to get there."""
        url = next(line for line in self.lines if "://" in line)
        scheme, host, port = re.search(
            r'"(\w+)://(?:[^@/]*@)?([^:/]+):(\d+)/', url).groups()
        served = self.folder / "served"
        served.mkdir()
        if name.endswith(".mini_1"):
            for end in (".mini_1", ".mini_2"):
                shutil.copy(self.folder / f"package{end}",
                            served / (name[:-len(".mini_1")] + end))
        else:
            shutil.copy(self.package, served / name)
        if scheme.lower() == "ftp":
            server = Script(Talk(self.package.read_bytes()))
        else:
            server = Nginx(served)
        self.stack.enter_context(server)
        return ["--resolve", f"{host}:{port}:127.0.0.1:{server.port}"]

    def start(self, version, *options):
        self.prepare(version)
        served = [line.split()[1] for line in self.lines
                  if line.startswith("serve ")]
        more = self.serve(served[0]) if served else []
        self.module = Module(self.folder, "--module", version, *options, *more)
        self.stack.callback(self.module.stop)
        self.module.start().ready()
        self.module.command("ATE0")

    def upload(self, name):
        package = self.package.read_bytes()
        self.module.send(f'AT+QFUPL="UFS:{name}",{len(package)},10')
        self.module.wait("CONNECT", 5)
        self.module.write(package)
        self.module.wait("OK", 10)

    def expect(self, wanted, loose, kind):
        """The next line; after ... lines of the kind before may come first."""
        for _ in range(200):
            line = self.module.line(PATIENCE)
            if line == wanted:
                return
            if not loose or line is None or \
                    re.sub(r"\d+$", "", line) != kind:
                break
        self.test.fail(f"{wanted!r} was due, {line!r} came")

    def act(self, line):
        """What is not an answer; False for one."""
        word, _, rest = line.partition(" ")
        if word == "module":
            self.start(*rest.split())
        elif word == ">>":
            if rest == "package":
                self.module.write(self.package.read_bytes())
            else:
                self.upload(rest.split()[1])
        elif word == ">":
            size = self.package.stat().st_size if self.package.exists() else 0
            self.module.send(rest.replace("@LENGTH@", str(size)))
        elif line == "fail patching":
            self.obstacle.mkdir()
        elif line == "mend":
            self.obstacle.rmdir()
        elif line == "stays old":
            self.stays_old = True
        elif word != "serve":
            return False
        return True

    def play(self):
        loose, kind = False, None
        for line in self.lines:
            if line.startswith("#") or not line:
                continue
            if line == "...":
                loose = True
            elif not self.act(line):
                self.expect(line, loose, kind)
                loose, kind = False, re.sub(r"\d+$", "", line)
        self.module.ready()
        flash = (self.folder / "flash.bin").read_bytes()
        name = "old.bin" if self.stays_old else "new.bin"
        self.test.assertEqual(flash, (self.folder / name).read_bytes())
        if not self.stays_old:
            self.test.assertEqual(self.module.version(), self.target)


class Transcripts(unittest.TestCase):
    """Each file of the folder is one test."""


def add(path):
    def play(self):
        with contextlib.ExitStack() as stack:
            Replay(self, path, stack).play()

    name = "test_" + re.sub(r"\W", "_", path.stem)
    setattr(Transcripts, name, play)


for file in sorted(HERE.glob("*.txt")):
    add(file)

if __name__ == "__main__":
    unittest.main()
