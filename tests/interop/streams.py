#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts two versions of a real image through other people's compressors, and
holds a delta of what comes out against one of what went in.

Each stream has to come back exactly, and where it was unpacked the delta is a
fraction of the stream.  So have those that a layout lists, since nothing
announces them.  Streams that are damaged, or that are none but begin like one,
come back as well, whatever is made of them.  A compressor that is not installed
is left out.
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
PACKERS |= {f"lzmp -{n}": pipe("lzmp", "-c", f"-{n}") for n in (1, 7, 9)}
PACKERS |= {f"gzip -{n}": pipe("gzip", "-nc", f"-{n}") for n in range(1, 10)}
PACKERS |= {f"zlib {n}": deflated(n, 15, zlib.Z_DEFAULT_STRATEGY)
            for n in range(1, 10)}
PACKERS |= {
    "xz blocks": pipe("xz", "-c", "--block-size=65536", "-T1"),
    "xz --format=lzma": pipe("xz", "-c", "--format=lzma"),
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


def raw_lzma(data, _):
    """LZMA that nothing announces, with other parameters than usual."""
    return lzma.compress(data, lzma.FORMAT_RAW, filters=[
        {"id": lzma.FILTER_LZMA1, "preset": 6, "lc": 0, "lp": 2, "pb": 2}])


def raw_lzma2(data, _):
    """Chunks of LZMA2 behind a filter, likewise."""
    return lzma.compress(data, lzma.FORMAT_RAW, filters=[
        {"id": lzma.FILTER_ARMTHUMB}, {"id": lzma.FILTER_LZMA2, "preset": 6}])


def sdk_lzma(data, _):
    """What the LZMA SDK makes, without the header."""
    return run("lzmp", "-c", "-7", stdin=data)[13:]


# What packs, and what a layout says of that.
RAW = {
    "raw LZMA": ((None, raw_lzma), {"codec": "lzma", "lc": 0, "lp": 2}),
    "raw LZMA of the SDK": (("lzmp", sdk_lzma), {"codec": "lzma"}),
    "raw LZMA2": ((None, raw_lzma2),
                  {"codec": "lzma2", "filter": "armthumb"}),
    "raw deflate": (deflated(9, -15, zlib.Z_DEFAULT_STRATEGY),
                    {"codec": "deflate"}),
}

FRONT = b"front" * 200
FLASH = 1 << 20  # bytes that all of it fits into

# What streams begin with, and what behind that is no stream.
LOOKS = {
    "xz": lzma.compress(b"", lzma.FORMAT_XZ)[:24],
    "lzma": b"\x5d\0\0\x80\0" + struct.pack("<Q", 200000) + b"\0",
    "lzma, without size": b"\x5d\0\0\x80\0" + b"\xff" * 8 + b"\0",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
    "zlib": b"\x78\x9c",
    "zip": b"PK\3\4\x14\0\0\0\x08\0" + b"\0" * 8 +
           struct.pack("<IIHH", 5000, 20000, 0, 0),
    "zstd": b"\x28\xb5\x2f\xfd",
    "lz4": b"\x04\x22\x4d\x18",
}


def pack(packer, data):
    """What a packer makes of `data`."""
    with tempfile.TemporaryDirectory() as folder:
        return packer(data, pathlib.Path(folder))


def round_trip(name, old, new, layout=None):
    """Makes and applies the delta of two images; gives what is said of it."""
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        (folder / "old").write_bytes(old)
        (folder / "new").write_bytes(new)
        if layout is not None:
            (folder / "layout.json").write_text(json.dumps(layout))
        made = json.loads(run("mkdelta", "--json", "--ram", "16M",
                              folder / "old", folder / "new",
                              "-o", folder / "update"))
        run("dfota-apply", "-q", folder / "update.zip", folder / "old",
            "-o", folder / "made")
        if (folder / "made").read_bytes() != new:
            raise AssertionError(f"{name}: another image came out")
    delta = made["deltas"][0]
    print(f"{name:28} {len(new):8} {delta['size']:8} bytes, "
          f"{delta['unpacked']} streams unpacked")
    return delta


def check(name, packer, old, new):
    """Whether the delta of both, packed, looks inside and gains by that."""
    packed = FRONT + pack(packer, new)
    delta = round_trip(name, FRONT + pack(packer, old), packed)
    return delta["unpacked"] > 0 and delta["size"] < SHARE * len(packed)


def check_raw(name, packer, stated, old, new):
    """The same of a stream that a layout lists."""
    layout = {
        "flash": {"size": FLASH, "sector": 4096},
        "partitions": [
            {"name": "app", "offset": 0, "size": FLASH, "role": "app"}],
        "compressed": [{"offset": len(FRONT), **stated}]}
    old, new = pack(packer, old), pack(packer, new)
    delta = round_trip(name, (FRONT + old).ljust(FLASH, b"\xff"),
                       (FRONT + new).ljust(FLASH, b"\xff"), layout)
    return delta["unpacked"] == 1 and delta["size"] < SHARE * len(new)


def check_damaged(name, packer, old, new):
    """Damages what is packed at some places, in either image."""
    packed = [FRONT + pack(packer, data) for data in (old, new)]
    for side in range(2):
        for part in (0.01, 0.5, 0.999):
            images = [bytearray(data) for data in packed]
            at = len(FRONT) + int(part * (len(images[side]) - len(FRONT)))
            images[side][at] ^= 0x10
            round_trip(f"{name}, {'old' if side == 0 else 'new'} at {part}",
                       *map(bytes, images))


def check_looks(name, begin, old, new):
    """What only begins like a stream, before bytes that are none."""
    round_trip(f"looks like {name}",
               FRONT + begin + old[1000:60000], FRONT + begin + new[:60000])


def main():
    folder = pathlib.Path(os.environ["TESTDATA"]) / "pairs" / PAIR
    old = (folder / "old").read_bytes()
    new = (folder / "new").read_bytes()
    bad = [name for name, (tool, packer) in PACKERS.items()
           if (tool is None or shutil.which(tool)) and
           not check(name, packer, old, new)]
    bad += [name for name, ((tool, packer), stated) in RAW.items()
            if (tool is None or shutil.which(tool)) and
            not check_raw(name, packer, stated, old, new)]
    for name in ("xz -6", "xz --format=lzma", "gzip -6", "zip"):
        if shutil.which(PACKERS[name][0]):
            check_damaged(name, PACKERS[name][1], old, new)
    for name, begin in LOOKS.items():
        check_looks(name, begin, old, new)
    for name in bad:
        print(f"{name}: nothing gained")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
