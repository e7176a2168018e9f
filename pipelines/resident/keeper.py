"""
A process that has imported what commands of a night need, and forks for each that is handed over.

It holds no login, no connection and no settings: those come with the environment of each command,
and are read after the fork. It starts small, imports when the first command of a night has come,
and starts itself anew when none has come for ten minutes, or when our code is no longer what it
imported.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import pkgutil
import selectors
import signal
import socket
import sys
import sysconfig
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

import pipelines
from pipelines.resident.handing import ADDRESS, BEGIN, CODE, TAKEN, Asked, at_start, is_ours

# What the commands of a night import: these rooms whole, and of others what a night uses.
ROOMS = ("adapters.channels", "adapters.files", "adapters.gates", "adapters.tables", "steps.night")
MODULES = (
    *("cli.command", "adapters.dbt.project", "adapters.models.registry"),
    *("adapters.models.families.logistic", "adapters.models.families.xgboost"),
    *("adapters.drift.alibi_engine", "wiring.night", "wiring.pages", "wiring.data"),
)
IDLE_SECONDS = 600.0
HANDSHAKE_SECONDS = 2.0
PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True)
class Taken:
    """A command that was taken, and the line to whoever waits for its end."""

    line: socket.socket
    asked: Asked
    descriptors: list[int]


@dataclass
class Keeper:
    """
    Takes commands one after the other; as many run as have come.

    Attributes:
        address: Path of its socket, in a folder of its owner's alone.
    """

    address: Path
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _running: dict[int, tuple[socket.socket, str, float]] = field(default_factory=dict)
    _imported: int | None = None
    _is_old: bool = False

    def serve(self) -> Taken:
        """Wait for commands, for ever; return each in a process of its own."""
        listening, ended = _listening(self.address), _ended()
        self._selector.register(listening, selectors.EVENT_READ)
        self._selector.register(ended, selectors.EVENT_READ)
        while True:
            if self._is_old and not self._running:
                _start_anew("our code is another")
            ready = self._selector.select(None if self._running else IDLE_SECONDS)
            if not ready and self._imported is not None:
                _start_anew("no command for a while")
            for key, _ in ready:
                if key.fileobj == ended:
                    os.read(ended, 4096)
                    self._reap()
                elif key.fileobj != listening:
                    if key.data in self._running:
                        self._hear(key.data)
                elif (taken := self._taken(listening)) is not None:
                    sys.stdout.flush()
                    child = os.fork()
                    if child == 0:
                        self._leave(listening, ended)
                        return taken
                    self._began(child, taken)

    def _taken(self, listening: socket.socket) -> Taken | None:
        """Take a command from whoever is at the door, if it can be run from here."""
        line, _ = listening.accept()
        line.settimeout(HANDSHAKE_SECONDS)
        descriptors: list[int] = []
        try:
            if not is_ours(line):
                raise ValueError("another user")
            asked, descriptors = Asked.receive(line)
            if at_start(asked.environment) != at_start(os.environ):
                raise ValueError("it has other settings")
            self._is_old = self._imported not in {None, _code()}
            if self._is_old:
                raise ValueError("our code is another")
            line.sendall(TAKEN)
            if line.recv(1) != BEGIN:
                raise ValueError("nobody waits for it any more")
        except (OSError, ValueError) as error:
            _say(f"not taken: {error}")
            line.close()
            for each in descriptors:
                os.close(each)
            return None

        return Taken(line, asked, descriptors)

    def _began(self, child: int, taken: Taken) -> None:
        """Remember a command that runs; after the first import what others will need."""
        for each in taken.descriptors:
            os.close(each)
        _lead(child)
        taken.line.settimeout(None)
        self._running[child] = (taken.line, taken.asked.name, time.monotonic())
        self._selector.register(taken.line, selectors.EVENT_READ, child)
        if self._imported is None:
            self._imported = _code()
            _import()

    def _hear(self, child: int) -> None:
        """Hand on the signals a command was sent; end it where whoever waited has gone."""
        line, _, _ = self._running[child]
        try:
            signals = line.recv(16)
        except OSError:
            signals = b""
        if not signals:
            self._selector.unregister(line)
        with contextlib.suppress(ProcessLookupError):
            for number in signals or [signal.SIGKILL]:
                os.killpg(child, number)

    def _reap(self) -> None:
        """Tell how commands have ended."""
        while self._running:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            line, name, began = self._running.pop(child)
            code = os.waitstatus_to_exitcode(status)
            if line in self._selector.get_map():
                self._selector.unregister(line)
                try:
                    line.sendall(CODE.pack(code))
                except OSError:
                    _say(f"{name}: nobody waited for its end")
            line.close()
            _say(f"{name} ended with {code} after {time.monotonic() - began:.1f} s")

    def _leave(self, listening: socket.socket, ended: int) -> None:
        """Let go of what is the keeper's, in a process it has made."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        listening.close()
        os.close(ended)
        for line, _, _ in self._running.values():
            line.close()


def main() -> None:
    """Keep a process at the address the environment names, until SIGTERM; run what it is handed."""
    taken = Keeper(Path(os.environ[ADDRESS])).serve()
    taken.line.close()
    _become(taken.asked, taken.descriptors)

    from pipelines.cli.command import main as command  # noqa: PLC0415  the keeper starts small

    command()


def _become(asked: Asked, descriptors: list[int]) -> None:
    """Make this process what it would be had the command been started by itself."""
    _lead(0)
    _end_with_the_keeper()
    for target, source in enumerate(descriptors):
        os.dup2(source, target)
        os.close(source)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=stream.isatty())  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(asked.environment)
    del os.environ[ADDRESS]
    os.chdir(asked.folder)
    sys.argv = ["churn", *asked.words]


def _end_with_the_keeper() -> None:
    """Have the system send SIGTERM when the keeper ends; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:
            sys.exit(1)


def _lead(process: int) -> None:
    """Have a process lead a group of its own; both sides ask, so that neither comes too late."""
    with contextlib.suppress(PermissionError, ProcessLookupError):  # it has gone on, or has ended
        os.setpgid(process, process)


def _listening(address: Path) -> socket.socket:
    """Return a socket at the address, in place of what was there."""
    address.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(address))
    address.chmod(0o600)
    listening.listen(16)

    return listening


def _ended() -> int:
    """Return what can be read from once a child has ended."""
    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    return ended


def _import() -> None:
    """Import what the commands of a night need; none that is missing is missed here."""
    began = time.monotonic()
    gc.set_threshold(100_000, 50, 50)
    names = [f"pipelines.{name}" for name in MODULES]
    for room in ROOMS:
        package = importlib.import_module(f"pipelines.{room}")
        names += [
            module.name for module in pkgutil.iter_modules(package.__path__, f"pipelines.{room}.")
        ]
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            _say(f"{name} could not be imported: {error}")
    gc.collect()
    gc.freeze()
    _say(f"{len(sys.modules):,} modules imported in {time.monotonic() - began:.1f} s")


def _code() -> int:
    """Return when our code, or a library, was last changed, in nanoseconds."""
    files = [*Path(pipelines.__path__[0]).rglob("*.py"), Path(sysconfig.get_path("purelib"))]

    return max(file.stat().st_mtime_ns for file in files)


def _start_anew(why: str) -> NoReturn:
    """Become what this process was when it started."""
    _say(f"starts anew: {why}")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  as it was


def _say(what: str) -> None:
    """Write a line to the log."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {what}\n")
    sys.stdout.flush()
