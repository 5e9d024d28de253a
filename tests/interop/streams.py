#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts two versions of a real image through other people's compressors, and
holds a delta of what comes out against one of what went in.

Each stream has to come back exactly, and where it was unpacked the delta is a
fraction of the stream.  A compressor that is not installed is left out.
"""
import json
import lzma
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

PAIR = "micropython-armv7m"
SHARE = 0.5  # of a stream that its delta has at most


def run(*command, stdin=None, cwd=None):
    """Runs a command and gives its output."""
    return subprocess.run([str(word) for word in command], check=True,
                          input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd=cwd).stdout


def pipe(*command):
    """A packer that is a filter from standard input to output."""
    return command[0], lambda data, folder: run(*command, stdin=data)


def with_file(tool, *command, out):
    """A packer of the file `in` that writes the file `out`."""
    def pack(data, folder):
        (folder / "in").write_bytes(data)
        os.utime(folder / "in", (0, 0))
        run(tool, *command, cwd=folder)
        return (folder / out).read_bytes()
    return tool, pack


def squashfs(codec, *options):
    """A file system of the file and half of it."""
    def pack(data, folder):
        (folder / "tree").mkdir()
        (folder / "tree" / "a").write_bytes(data)
        (folder / "tree" / "b").write_bytes(data[:len(data) // 2])
        run("mksquashfs", folder / "tree", folder / "fs", "-comp", codec,
            "-all-time", "0", "-mkfs-time", "0", "-all-root",
            "-processors", "1", "-noappend", *options)
        return (folder / "fs").read_bytes()
    return "mksquashfs", pack


def deflated(level, window, strategy, memory=8):
    """zlib as a library, with these settings."""
    def pack(data, _):
        coder = zlib.compressobj(level, zlib.DEFLATED, window, memory, strategy)
        return coder.compress(data) + coder.flush()
    return None, pack


def filtered(filter_id):
    """liblzma with a filter for code."""
    def pack(data, _):
        return lzma.compress(data, lzma.FORMAT_XZ, filters=[
            {"id": filter_id}, {"id": lzma.FILTER_LZMA2, "preset": 6}])
    return None, pack


def uimage(data, _):
    """A boot wrapper around a .lzma file."""
    packed = lzma.compress(data, lzma.FORMAT_ALONE)
    return b"\x27\x05\x19\x56" + struct.pack(">I", 0) * 15 + packed


PACKERS = {f"xz -{n}": pipe("xz", "-c", f"-{n}") for n in (0, 3, 6, 9)}
PACKERS |= {f"xz --check={n}": pipe("xz", "-c", f"--check={n}")
            for n in ("none", "crc32", "crc64", "sha256")}
PACKERS |= {f"gzip -{n}": pipe("gzip", "-nc", f"-{n}") for n in range(1, 10)}
PACKERS |= {f"zlib {n}": deflated(n, 15, zlib.Z_DEFAULT_STRATEGY)
            for n in range(1, 10)}
PACKERS |= {
    "xz blocks": pipe("xz", "-c", "--block-size=65536", "-T1"),
    "xz --format=lzma": pipe("xz", "-c", "--format=lzma"),
    "lzma_alone": ("lzma_alone", lambda data, folder: with_file(
        "lzma_alone", "e", "in", "out", out="out")[1](data, folder)),
    "7z xz": with_file("7z", "a", "-txz", "out.xz", "in", out="out.xz"),
    "7z gzip": with_file("7z", "a", "-tgzip", "-mx=9", "out.gz", "in",
                         out="out.gz"),
    "7z zip": with_file("7z", "a", "-tzip", "out.zip", "in", out="out.zip"),
    "zip": with_file("zip", "-qX", "out.zip", "in", out="out.zip"),
    "zlib, small window": deflated(6, 9, zlib.Z_DEFAULT_STRATEGY),
    "zlib, fixed codes": deflated(6, 15, zlib.Z_FIXED),
    "zlib, Huffman alone": deflated(6, 15, zlib.Z_HUFFMAN_ONLY),
    "zlib, filtered": deflated(6, 15, zlib.Z_FILTERED),
    "zlib, small blocks": deflated(6, 15, zlib.Z_DEFAULT_STRATEGY, 1),
    "xz, x86": filtered(lzma.FILTER_X86),
    "xz, Arm": filtered(lzma.FILTER_ARM),
    "xz, Thumb": filtered(lzma.FILTER_ARMTHUMB),
    "squashfs gzip": squashfs("gzip"),
    "squashfs xz": squashfs("xz"),
    "squashfs xz, filtered": squashfs("xz", "-Xbcj", "arm,armthumb"),
    "squashfs lzma": squashfs("lzma"),
    "uImage": (None, uimage),
}


def pack(packer, data):
    """What a packer makes of `data`."""
    with tempfile.TemporaryDirectory() as folder:
        return packer(data, pathlib.Path(folder))


def check(name, packer, old, new):
    """Makes and applies the delta of both, packed; gives it and the counts."""
    with tempfile.TemporaryDirectory() as name_:
        folder = pathlib.Path(name_)
        (folder / "old").write_bytes(b"front" * 200 + pack(packer, old))
        (folder / "new").write_bytes(b"front" * 200 + pack(packer, new))
        made = json.loads(run("mkdelta", "--json", "--ram", "16M",
                              folder / "old", folder / "new",
                              "-o", folder / "update"))
        run("dfota-apply", "-q", folder / "update.zip", folder / "old",
            "-o", folder / "made")
        if (folder / "made").read_bytes() != (folder / "new").read_bytes():
            raise AssertionError(f"{name}: another image came out")
        delta = made["deltas"][0]
        size = (folder / "new").stat().st_size
        print(f"{name:24} {size:8} {delta['size']:8} bytes, "
              f"{delta['unpacked']} streams unpacked")
        return delta["unpacked"] > 0 and delta["size"] < SHARE * size


def main():
    folder = pathlib.Path(os.environ["TESTDATA"]) / "pairs" / PAIR
    old = (folder / "old").read_bytes()
    new = (folder / "new").read_bytes()
    bad = [name for name, (tool, packer) in PACKERS.items()
           if (tool is None or shutil.which(tool)) and
           not check(name, packer, old, new)]
    for name in bad:
        print(f"{name}: nothing gained")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
