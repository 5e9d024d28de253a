# SPDX-License-Identifier: MIT
"""What the tests of the virtual module share: packages, a module with a host
at its port, and servers on loopback that are started here and end with the
test."""
import contextlib
import itertools
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TESTDATA = pathlib.Path(os.environ["TESTDATA"])
PAIRS = TESTDATA / "pairs"
LAYOUT = TESTDATA / "flash8m-layout.json"
A_FROM, A_TO = "EC200ACNHAR01A02M16", "EC200ACNHAR01A03M16"
B_FROM, B_TO = "RM520NGLAAR01A07M4G", "RM520NGLAAR01A08M4G"
MINI_FROM, MINI_TO = "EC200NCNLAR03A01M08", "EC200NCNLAR03A02M08"
PATIENCE = 30  # seconds until a line that must come is missed
QIND = '+QIND: "FOTA",'


def tool(name):
    """A program that may lie where only root looks."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        sys.exit(f"{name} is missing: run scripts/setup test")
    return path


def run(*command):
    done = subprocess.run([str(part) for part in command], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout


def make_package(out, version_from=A_FROM, version_to=A_TO, pair="armv7m"):
    """A DFOTA package at `out`."""
    folder = PAIRS / f"micropython-{pair}"
    with tempfile.TemporaryDirectory() as work:
        made = pathlib.Path(work) / "made.bin"
        run("mkdelta", "-q", "--from", version_from, "--to", version_to,
            folder / "old", folder / "new", "-o", made)
        shutil.copy(made, out)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    """Until somebody listens at `port`."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens at port {port}")


def end(process):
    """Ends a process that was started here."""
    if process is not None and process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Module:
    """A module, and the host at its pseudo-terminal."""

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        self.options = options
        self.process = None
        self.fd = -1
        self.text = ""  # what came, and was not looked at yet
        self.seen = []  # all lines

    def start(self):
        self.process = subprocess.Popen(
            ["dfota-module", "--flash", "flash.bin", "--fast", "--trace",
             "trace.jsonl", *self.options], cwd=self.folder,
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("port "), f"no port: {line!r}"
        self.fd = os.open(line.split()[1], os.O_RDWR | os.O_NOCTTY)
        self.text = ""
        return self

    def stop(self):
        """A clean end, at which a sanitizer would complain too."""
        end(self.process)
        self.close()
        assert self.process.returncode == 0, self.process.returncode

    def kill(self):
        """A power cut."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.close()

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.process.stdout.close()
        self.fd = -1

    def write(self, data):
        while data:
            if not select.select([], [self.fd], [], PATIENCE)[1]:
                raise AssertionError("the module takes no more")
            data = data[os.write(self.fd, data[:1024]):]

    def send(self, line):
        self.write(line.encode("latin-1") + b"\r")

    def read(self, seconds):
        """Whatever comes next, within some seconds."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        self.text += os.read(self.fd, 65536).decode("latin-1")
        return True

    def line(self, seconds=PATIENCE):
        """The next line that is not empty, or None."""
        limit = time.monotonic() + seconds
        while True:
            line, end_of_line, rest = self.text.partition("\r")
            if end_of_line:
                self.text = rest.lstrip("\n")
                if line.strip("\n"):
                    self.seen.append(line.strip("\n"))
                    return self.seen[-1]
                continue
            left = limit - time.monotonic()
            if left <= 0 or not self.read(left):
                return None

    def wait(self, pattern, seconds=PATIENCE):
        """The next line that matches, and those before it in `skipped`."""
        self.skipped = []
        limit = time.monotonic() + seconds
        while True:
            line = self.line(max(0, limit - time.monotonic()))
            if line is None:
                raise AssertionError(
                    f"no {pattern!r} after {self.seen[-5:]}")
            if re.fullmatch(pattern, line):
                return line
            self.skipped.append(line)

    def command(self, text):
        """Sends a command; the lines of its answer, without the echo."""
        self.send(text)
        last = self.wait(r"OK|ERROR|\+CME ERROR: \d+", 10)
        lines = self.skipped + [last]
        return lines[1:] if lines[0] == text else lines

    def ready(self):
        """Until the module answers."""
        for _ in range(200):
            self.send("AT")
            try:
                self.wait("OK", 0.1)
            except AssertionError:
                continue
            while self.line(0.02) is not None:
                pass
            return self
        raise AssertionError("the module does not answer")

    def urcs(self, last=r'"END",\d+', seconds=PATIENCE):
        """What follows +QIND: "FOTA", up to `last`."""
        self.wait(re.escape(QIND) + last, seconds)
        lines = self.skipped + [self.seen[-1]]
        return [line[len(QIND):] for line in lines if line.startswith(QIND)]

    def upgrade(self, url, more=""):
        """Sends AT+QFOTADL; must be OK."""
        answer = self.command(f'AT+QFOTADL="{url}"{more}')
        assert answer == ["OK"], answer

    def version(self):
        return self.command("AT+QGMR")[0]


def make_mini(folder, package):
    """Both flashes of 8 MB and their package; what the module has in the end,
    with its own data kept, is made.img."""
    run(LAYOUT.parent / "make-flash8m", folder)
    run("mkdelta", "-q", "--layout", LAYOUT, folder / "old.img",
        folder / "new.img", "-o", package)
    run("dfota-apply", "-q", f"{package}.mini_1", folder / "old.img", "-o",
        folder / "made.img")


class Server(contextlib.AbstractContextManager):
    """A program that serves a folder, until the end of a with statement."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        self.process = subprocess.Popen(self.command(),
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for_port(self.port)
        return self

    def __exit__(self, *_):
        end(self.process)


class Nginx(Server):
    """nginx; `locations` is its own language, %d the folder."""

    def __init__(self, folder, locations="", tls=False, workers=1):
        super().__init__(folder)
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.locations = locations
        self.tls = tls
        self.workers = workers

    def command(self):
        listen = f"127.0.0.1:{self.port}" + (" ssl" if self.tls else "")
        keys = (f"ssl_certificate {self.work}/cert.pem;"
                f"ssl_certificate_key {self.work}/key.pem;") if self.tls else ""
        if self.tls:
            run(tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", self.work / "key.pem",
                "-out", self.work / "cert.pem", "-batch")
        paths = "".join(f"{name}_temp_path {self.work}/{name};" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.work / "nginx.conf"
        config.write_text(
            f"daemon off; worker_processes {self.workers};"
            f"pid {self.work}/pid; error_log {self.work}/error.log;"
            "events { worker_connections 512; } http {"
            f"access_log {self.work}/access.log; {paths} server {{"
            f"listen {listen}; root {self.folder}; {keys} {self.locations}"
            "} }", encoding="utf-8")
        return [tool("nginx"), "-e", self.work / "error.log", "-c", config]

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.work)

    def url(self, name):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}/{name}"

    def requests(self):
        return (self.work / "access.log").read_text().splitlines()


class Vsftpd(Server):
    """vsftpd with an anonymous user, whose password is anything but one."""

    def __init__(self, folder, *settings):
        super().__init__(folder)
        self.settings = settings
        self.work = pathlib.Path(tempfile.mkdtemp())

    def command(self):
        (self.work / "banned").write_text("wrong\n")
        (self.work / "empty").mkdir()
        config = self.work / "vsftpd.conf"
        config.write_text("\n".join((
            "listen=YES", "listen_address=127.0.0.1", "background=NO",
            f"listen_port={self.port}", "run_as_launching_user=YES",
            "anonymous_enable=YES", "local_enable=NO", "xferlog_enable=NO",
            f"anon_root={self.folder}", "anon_world_readable_only=NO",
            "deny_email_enable=YES", f"banned_email_file={self.work}/banned",
            f"secure_chroot_dir={self.work}/empty", "seccomp_sandbox=NO",
            "isolate=NO", "delay_failed_login=0", "isolate_network=NO", *self.settings)) + "\n")
        return [tool("vsftpd"), config]

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.work)

    def url(self, name, login="anonymous:host"):
        return f"FTP://{login}@127.0.0.1:{self.port}/{name}"


class Script(contextlib.AbstractContextManager):
    """A TCP server that gives each connection to `handle`, with its number."""

    def __init__(self, handle):
        self.handle = handle
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        for count in itertools.count():
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection, count),
                             daemon=True).start()

    def talk(self, connection, count):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE)
            self.handle(connection, count)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Case(unittest.TestCase):
    """A test with a folder of its own and the modules it started."""

    version = A_FROM

    @classmethod
    def setUpClass(cls):
        cls.served = pathlib.Path(tempfile.mkdtemp())
        cls.served.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.served)
        cls.prepare()

    @classmethod
    def prepare(cls):
        """Makes what is to be served."""
        make_package(cls.served / "up.bin")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.flash = self.folder / "flash.bin"
        self.old = PAIRS / "micropython-armv7m" / "old"
        self.new = PAIRS / "micropython-armv7m" / "new"
        shutil.copyfile(self.old, self.flash)

    def module(self, *options, version=None):
        module = Module(self.folder, "--module", version or self.version,
                        *options)
        self.addCleanup(self.finish, module)
        return module.start()

    @staticmethod
    def finish(module):
        if module.process.poll() is None:
            module.stop()

    def check_old(self, module, version=None):
        self.assertEqual(module.version(), version or self.version)
        self.assertEqual(self.flash.read_bytes(), self.old.read_bytes())

    def check_new(self, module, version=A_TO):
        module.ready()
        self.assertEqual(module.version(), version)
        self.assertEqual(self.flash.read_bytes(), self.new.read_bytes())


def main():
    unittest.main(module="__main__", verbosity=1)
