"""The `churn` command as it begins: handed over where somebody keeps it imported, else run here."""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipelines.resident.handing import ADDRESS, BEGIN, CODE, TAKEN, Asked, exactly, is_ours

# Those of a night; whatever takes minutes, or stays, is a process of its own.
HANDED: Final = frozenset(
    {"pull", "gate", "features", "score", "publish", "outcomes", "drift", "report", "notify"}
)
# In which a resident process answers, importing what commands need included.
PATIENCE_SECONDS = 20.0
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Run a command, and end with its exit code."""
    words = sys.argv[1:]
    address = os.environ.get(ADDRESS)
    if address and words and words[0] in HANDED:
        code = _handed_over(address, words)
        if code is not None:
            _end(code)

    from pipelines.cli.command import main as here  # noqa: PLC0415  most of a short command

    here()


def _handed_over(address: str, words: Sequence[str]) -> int | None:
    """Return the exit code of a command that was run elsewhere; None where nobody takes it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(PATIENCE_SECONDS)
        try:
            line.connect(address)
            if not is_ours(line):
                return None
            Asked(tuple(words), str(Path.cwd()), dict(os.environ)).send(line)
            if line.recv(1) != TAKEN:
                return None
        except OSError:
            return None
        line.settimeout(None)
        for number in PASSED_ON:
            signal.signal(number, lambda signum, _frame: line.sendall(bytes([signum])))
        # Who has not said this is not run: we may have gone, and have begun here.
        try:
            line.sendall(BEGIN)
            (code,) = CODE.unpack(exactly(line, CODE.size))
        except (OSError, ValueError):
            sys.stderr.write(
                f"churn {words[0]}: the resident process ended, and this command with it. What it "
                "had not finished is undone, and it can be repeated.\n"
            )
            return 1

    return int(code)


def _end(code: int) -> None:
    """End as the command has: with its exit code, or by the signal that ended it."""
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)
