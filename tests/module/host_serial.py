# SPDX-License-Identifier: MIT
"""A host program as there are many, with pyserial; for Debian's python3:
upgrades a module and reads its version, whatever happens to its power.

    host_serial.py PORT VERSION URL       a package from a server
    host_serial.py PORT VERSION FILE how  the package itself, by flow control
                                          or slowly
"""
import re
import sys
import time

import serial

PATIENCE = 60  # seconds
SILENCE = 20   # times in a row without a line


class Host:
    """A module at a port, which may go away and come back."""

    def __init__(self, name):
        self.name = name
        self.port = None
        self.limit = time.monotonic() + PATIENCE

    def open(self, **options):
        if self.port is not None:
            self.port.close()
        while True:
            try:
                self.port = serial.Serial(self.name, 115200, timeout=0.5,
                                          **options)
                return
            except serial.SerialException:
                self.check_time()
                time.sleep(0.05)

    def check_time(self):
        if time.monotonic() > self.limit:
            sys.exit("no patience left")

    def line(self):
        """The next line that is not empty, or None when there is none for some
        time."""
        self.check_time()
        line = b"\r\n"
        while line == b"\r\n":
            try:
                line = self.port.readline()
            except serial.SerialException:
                self.open()
                return None
        return line.decode("latin-1").strip() or None

    def command(self, text):
        """The lines of the answer; the command is sent until there is one."""
        while True:
            try:
                self.port.write(text.encode() + b"\r")
            except serial.SerialException:
                self.open()
            lines = []
            while (line := self.line()) is not None:
                lines.append(line)
                if line in ("OK", "ERROR"):
                    return lines

    def version(self):
        return self.command("AT+QGMR")

    def end(self, pattern, version):
        """The number at the end of a URC that matches; 0 as well when that may
        have come while the port was away, and the module has the version."""
        silent = 0
        while True:
            line = self.line()
            found = re.search(pattern, line or "")
            if found:
                return int(found[1])
            silent = silent + 1 if line is None else 0
            if silent % SILENCE == SILENCE - 1 and version in self.version():
                return 0

    def send_file(self, path, how):
        with open(path, "rb") as file:
            data = file.read()
        if how == "flow":
            self.open(rtscts=True)
            if self.command("AT+IFC=2,2")[-1] != "OK":
                sys.exit("no flow control")
        if self.command(f'AT+QFOTADL="FILE:{len(data)}",1,5')[-1] != "OK":
            sys.exit("refused")
        while "FILESTART" not in (self.line() or ""):
            pass
        for at in range(0, len(data), 32):
            self.port.write(data[at:at + 32])
            if how != "flow":
                time.sleep(0.0005)


def main():
    name, version, source, *how = sys.argv[1:]
    host = Host(name)
    host.open()
    host.command("AT")
    if how:
        host.send_file(source, how[0])
    elif host.command(f'AT+QFOTADL="{source}",1,20')[-1] != "OK":
        sys.exit("refused")
    code = host.end(r'"END",(\d+)', version)
    if code != 0:
        sys.exit(f"failed: {code}")
    host.open()
    if version not in host.version():
        sys.exit(f"not {version}")
    print(f"upgraded to {version}")


if __name__ == "__main__":
    main()
