"""
A dbt that is started before it is known what it is to do.

Importing it and reading what was parsed before is most of a small night's call, and needs a core
that is idle while this process imports or waits.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

COMMAND_LINE = Path(__file__).with_name("command_line.py")


@dataclass
class Ahead:
    """
    A process that was started, and waits to be told its words, once.

    Attributes:
        manifest: What it has read: what was parsed before, or where nothing was.
        connection: What its environment has besides ours: the database, and its login.
        process: The process; it ends when its input does, which the death of ours brings about too.
        meanwhile: What is done here while it works.
    """

    manifest: Path
    connection: Mapping[str, str] = field(repr=False)
    process: subprocess.Popen[str]
    meanwhile: Callable[[], None]

    def fits(self, manifest: Path, connection: Mapping[str, str]) -> bool:
        """Tell whether it still waits, for a call with this manifest and database."""
        return (
            self.process.poll() is None
            and manifest == self.manifest
            and connection == self.connection
        )

    def run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Have it do what *words* say; return its exit code and what it printed."""
        stdin = cast("IO[str]", self.process.stdin)
        with contextlib.suppress(BrokenPipeError):  # it has ended, and its error says why
            stdin.write(json.dumps([*words]) + "\n")
            stdin.flush()
        self.meanwhile()
        stdout, stderr = self.process.communicate()

        return subprocess.CompletedProcess([*words], self.process.returncode, stdout, stderr)


@contextlib.contextmanager
def started(
    manifest: Path, connection: Mapping[str, str], folder: Path, meanwhile: Callable[[], None]
) -> Iterator[Ahead]:
    """Start one in *folder* for the block, and end it after, whatever it is at."""
    process = subprocess.Popen(
        [sys.executable, "-P", str(COMMAND_LINE), str(manifest)],
        env={**os.environ, **connection},
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Ahead(manifest, connection, process, meanwhile)
    finally:
        process.kill()
        with contextlib.suppress(BrokenPipeError), process:
            pass
