#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lets the bootloader of examples/bootloader apply a real package, on a board
that QEMU plays, without cuts and with one every so many operations.

Also compiles what docs/PORTING.md shows, as it stands there.  Needs mkdelta in
PATH; skipped where qemu-system-arm or arm-none-eabi-gcc are missing."""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAIR = pathlib.Path(os.environ["TESTDATA"]) / "pairs" / "micropython-armv7m"
FLASH_SIZE, IMAGE_SIZE, PACKAGE_AT = 0x100000, 0x40000, 0x80000
BLOB_AT, WANTED_AT = 0x21800000, 0x21a00000
LAYOUT = {
    "flash": {"size": FLASH_SIZE, "sector": 4096, "program_unit": 4,
              "scratch": "32K", "storage": "512K"},
    "partitions": [
        {"name": "app", "offset": 0, "size": IMAGE_SIZE, "role": "app"},
        {"name": "rest", "offset": IMAGE_SIZE,
         "size": FLASH_SIZE - IMAGE_SIZE, "role": "keep"}],
}
COMPILE = ["arm-none-eabi-gcc", "-std=c11", "-ffreestanding", "-fno-builtin",
           "-fno-tree-loop-distribute-patterns", "-mcpu=cortex-m4", "-mthumb",
           "-Os", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra",
           "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-I.",
           "-Iinclude"]


def build(folder):
    sources = sorted(ROOT.glob("examples/bootloader/*.c")) + \
        sorted(ROOT.glob("lib/apply/*.c"))
    subprocess.run([*COMPILE, "-nostdlib", "-Wl,--gc-sections", "-T",
                    "examples/bootloader/board.ld",
                    *[path.relative_to(ROOT) for path in sources], "-lgcc",
                    "-o", folder / "boot.elf"], check=True, cwd=ROOT)


def compile_porting(folder):
    """All C of docs/PORTING.md, as one file."""
    text = (ROOT / "docs" / "PORTING.md").read_text()
    blocks = re.findall(r"^```c\n(.*?)^```$", text, re.M | re.S)
    source = folder / "porting.c"
    source.write_text("\n".join(blocks))
    subprocess.run([*COMPILE, "-c", source, "-o", folder / "porting.o"],
                   check=True, cwd=ROOT)
    if len(blocks) < 3:
        sys.exit("docs/PORTING.md: where is its code?")


def make(folder):
    """The flash before, with the package in it, and the image wanted."""
    images = []
    for side in ("old", "new"):
        image = (PAIR / side).read_bytes().ljust(FLASH_SIZE, b"\xff")
        (folder / side).write_bytes(image)
        images.append(image)
    (folder / "layout.json").write_text(json.dumps(LAYOUT))
    subprocess.run(["mkdelta", "-q", "--ram", "64K", "--layout",
                    folder / "layout.json", folder / "old", folder / "new",
                    "-o", folder / "update.zip"], check=True)
    package = (folder / "update.zip").read_bytes()
    flash = bytearray(images[0])
    flash[PACKAGE_AT:PACKAGE_AT + len(package)] = package
    return bytes(flash), len(package), images[1][:IMAGE_SIZE]


def run(folder, flash, package_size, wanted, cut_every):
    """True where the board says that it has booted the new image."""
    head = struct.pack("<III", package_size, cut_every, len(wanted))
    (folder / "blob").write_bytes(head.ljust(0x1000, b"\0") + flash)
    (folder / "wanted").write_bytes(wanted)
    done = subprocess.run(
        ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor",
         "none", "-serial", "none", "-semihosting-config",
         "enable=on,target=native", "-kernel", folder / "boot.elf",
         "-device", f"loader,file={folder}/blob,addr={BLOB_AT},force-raw=on",
         "-device",
         f"loader,file={folder}/wanted,addr={WANTED_AT},force-raw=on"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=600)
    print(f"a cut every {cut_every} operations: {done.returncode}: "
          f"{done.stdout.split()}", flush=True)
    return done.returncode == 0 and done.stdout.endswith("new image\n")


def main():
    for tool in ("qemu-system-arm", "arm-none-eabi-gcc"):
        if shutil.which(tool) is None:
            print(f"{tool} is missing")
            sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compile_porting(folder)
        build(folder)
        flash, size, wanted = make(folder)
        spoilt = bytearray(flash)
        spoilt[100] ^= 1
        good = run(folder, flash, size, wanted, 0) and \
            run(folder, flash, size, wanted, 150) and \
            not run(folder, bytes(spoilt), size, wanted, 0)
    sys.exit(0 if good else "the board did not come to the right end")


if __name__ == "__main__":
    main()
