#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes apart what other people's encoders packed, and makes it again.

usage: packed.py PACKED_TOOL

Every level, strategy and filter of xz, liblzma, the LZMA SDK, 7-Zip, zlib,
gzip and zip is tried on an image of $TESTDATA and the one after it.  Each
stream must come back exactly, from a parse that is a small part of it.
"""
import lzma
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

LZMA, LZMA2, DEFLATE = range(3)
SIZE = 100000  # bytes of the images; more would only take longer


def run(*command, data=None):
    """What a program writes, or None where there is none or it refuses."""
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return done.stdout if done.returncode == 0 else None


# --- where the streams are: (packing, offset, size, contents, lc, lp, pb, end
# marker, filter)

def in_lzma(file, contents):
    """After the header of a .lzma file."""
    number = file[0]
    end = struct.unpack_from("<Q", file, 5)[0] == 2**64 - 1
    return (LZMA, 13, len(file) - 13, contents, number % 9, number // 9 % 5,
            number // 45, int(end), 0)


def number_at(file, at):
    """A number of an .xz file, and what is behind it."""
    value = shift = 0
    while True:
        value |= (file[at] & 127) << shift
        shift += 7
        at += 1
        if file[at - 1] < 128:
            return value, at


def in_xz(file, contents):
    """The chunks of the only block of an .xz file."""
    flags, at = file[13], 14
    kind = 0
    for bit in (0x40, 0x80):
        if flags & bit:
            _, at = number_at(file, at)
    for _ in range((flags & 3) + 1):
        number, at = number_at(file, at)
        size, at = number_at(file, at)
        at += size
        kind = number if number != 0x21 else kind
    begin = end = 12 + (file[12] + 1) * 4
    while file[end]:
        size = struct.unpack_from(">H", file, end + 1)[0] + 1
        if file[end] >= 0x80:
            size = struct.unpack_from(">H", file, end + 3)[0] + 1
            size += 3 if file[end] >= 0xc0 else 2
        end += 3 + size
    return (LZMA2, begin, end + 1 - begin, contents, 0, 0, 0, 0, kind)


def in_deflate(file, contents, begin=0, end=0):
    """All of a file but for what is around the stream."""
    return (DEFLATE, begin, len(file) - begin - end, contents, 0, 0, 0, 0, 0)


def in_gzip(file, contents):
    """Behind the header and the name of a .gz file."""
    begin = 10
    if file[3] & 8:
        begin = file.index(b"\0", begin) + 1
    return in_deflate(file, contents, begin, 8)


def in_zip(file, contents):
    """The first entry of a zip, of which the local header knows the size."""
    size, = struct.unpack_from("<I", file, 18)
    name, extra = struct.unpack_from("<HH", file, 26)
    begin = 30 + name + extra
    return in_deflate(file, contents, begin, len(file) - begin - size)


# --- encoders: a name, how it packs, where the stream is

def raw_deflate(level, memory, strategy, window=15):
    """zlib, by its parameters."""
    def pack(data, _):
        packer = zlib.compressobj(level, zlib.DEFLATED, -window, memory,
                                  strategy)
        return packer.compress(data) + packer.flush()
    return pack


def in_pieces(data, _):
    """zlib, made to end blocks early."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = b""
    for at, how in ((0, zlib.Z_SYNC_FLUSH), (30000, zlib.Z_FULL_FLUSH),
                    (60000, zlib.Z_PARTIAL_FLUSH)):
        packed += packer.compress(data[at:at + 30000]) + packer.flush(how)
    return packed + packer.compress(data[90000:]) + packer.flush()


def by_program(*command):
    """A program that packs its standard input."""
    return lambda data, _: run(*command, data=data)


def by_7z(kind, *options):
    """7-Zip, which packs files."""
    def pack(data, folder):
        image = folder / "image"
        packed = folder / f"image.{kind}"
        packed.unlink(missing_ok=True)
        image.write_bytes(data)
        done = run("7z", "a", f"-t{kind}", *options, str(packed), str(image))
        return packed.read_bytes() if done is not None else None
    return pack


def by_zip(level):
    """Info-ZIP."""
    def pack(data, folder):
        image, packed = folder / "image", folder / "image.zip"
        packed.unlink(missing_ok=True)
        image.write_bytes(data)
        done = run("zip", "-q", "-j", f"-{level}", str(packed), str(image))
        return packed.read_bytes() if done is not None else None
    return pack


def by_zipfile(data, folder):
    """Python's zip, written where it can go back to the header."""
    packed = folder / "image.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("image", data)
    return packed.read_bytes()


def alone(**options):
    """liblzma's .lzma."""
    def pack(data, _):
        return lzma.compress(data, format=lzma.FORMAT_ALONE, filters=[
            {"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, **options}])
    return pack


def encoders():
    """All of them."""
    for level in range(10):
        for extreme in ("", "e"):
            preset = f"-{level}{extreme}"
            yield f"xz {preset}", by_program("xz", preset, "-c"), in_xz
            yield (f"xz --format=lzma {preset}",
                   by_program("xz", "--format=lzma", preset, "-c"), in_lzma)
    for kind in ("x86", "arm", "armthumb", "arm64"):
        yield (f"xz --{kind}",
               by_program("xz", f"--{kind}", "--lzma2=preset=6", "-c"), in_xz)
    for lc, lp, pb in ((0, 0, 0), (4, 0, 4), (0, 4, 1), (2, 2, 3), (3, 1, 0)):
        yield f"lzma {lc} {lp} {pb}", alone(lc=lc, lp=lp, pb=pb), in_lzma
        options = f"--lzma2=lc={lc},lp={lp},pb={pb}"
        yield f"xz {options}", by_program("xz", options, "-c"), in_xz
    for level in range(1, 10):  # with the LZMA SDK
        yield f"lzmp -{level}", by_program("lzmp", f"-{level}", "-c"), in_lzma
    for level in (1, 3, 5, 7, 9):
        yield f"7z xz {level}", by_7z("xz", f"-mx={level}"), in_xz
        yield f"7z gzip {level}", by_7z("gzip", f"-mx={level}"), in_gzip
        yield f"7z zip {level}", by_7z("zip", f"-mx={level}"), in_zip
    for level in range(10):
        for memory in (1, 8, 9):
            yield (f"zlib {level} {memory}", raw_deflate(level, memory, 0),
                   in_deflate)
        if level > 0:  # which does not pack
            yield f"zip {level}", by_zip(level), in_zip
    for strategy in range(1, 5):
        yield (f"zlib strategy {strategy}", raw_deflate(6, 8, strategy),
               in_deflate)
    yield "zlib window 9", raw_deflate(9, 8, 0, 9), in_deflate
    yield "zlib in pieces", in_pieces, in_deflate
    yield "zipfile", by_zipfile, in_zip
    for level in range(1, 10):
        yield (f"gzip {level}", by_program("gzip", f"-{level}", "-n", "-c"),
               in_gzip)


def main():
    """Prints what does not come back."""
    tool = sys.argv[1]
    pair = pathlib.Path(os.environ["TESTDATA"]) / "pairs/micropython-armv7m"
    images = [(pair / side).read_bytes()[:SIZE] for side in ("old", "new")]
    tried, failed = 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for encoder, pack, find in encoders():
            sides = []
            for side, data in zip(("old", "new"), images):
                packed = pack(data, folder)
                if packed is None:
                    break
                path = folder / side
                path.write_bytes(packed)
                region = find(packed, len(data))
                sides.append(",".join(map(str, (path, *region))))
            if len(sides) < 2:
                print(f"{encoder}: left out")
                continue
            tried += 1
            told = run(tool, *sides, str(folder / "contents"))
            if told is None:
                failed.append(f"{encoder}: does not come back")
            elif (folder / "contents").read_bytes() != images[1]:
                failed.append(f"{encoder}: other contents")
            elif int(told) * 3 > len(packed):
                failed.append(f"{encoder}: {int(told)} of {len(packed)} bytes")
    print("\n".join(failed + [f"{tried} encoders"]))
    return 1 if failed or tried < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
