"""Secrets that can be told apart anywhere, and every place to look for them."""

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.sql import SQL, Identifier

POLL_SECONDS = 0.02

TABLES = """
select namespace.nspname, class.relname
from pg_class as class inner join pg_namespace as namespace on class.relnamespace = namespace.oid
where class.relkind in ('r', 'm') and namespace.nspname not in ('pg_catalog', 'pg_toast')
  and namespace.nspname not like 'pg_temp%' and namespace.nspname <> 'information_schema'
"""


@dataclass(frozen=True)
class Canaries:
    """
    What must not be found.

    Attributes:
        spellings: Name of a secret to a part of it that no escaping or encoding changes.
    """

    spellings: Mapping[str, str] = field(repr=False)

    def in_text(self, where: str, text: str) -> list[str]:
        """Return what is found in *text*, as `secret in where`."""
        return [f"{name} in {where}" for name, part in self.spellings.items() if part in text]

    def in_files(self, folder: Path) -> list[str]:
        """Return what is found in every file below *folder*, whatever its kind."""
        found = []
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    content = path.read_bytes()
                except FileNotFoundError:  # a server runs, and makes files that last a moment
                    continue
                found += [
                    f"{name} in {path.relative_to(folder)}"
                    for name, part in self.spellings.items()
                    if part.encode() in content
                ]

        return found

    def in_database(self, url: str) -> list[str]:
        """Return what is found in every row of every table of the database at *url*."""
        found = []
        with psycopg.connect(url) as connection:
            tables = connection.execute(TABLES).fetchall()
            assert len(tables) > 5
            for schema, table in tables:
                for name, part in self.spellings.items():
                    query = SQL("select count(*) from {} as held where strpos(held::text, %s) > 0")
                    hits = connection.execute(
                        query.format(Identifier(schema, table)), [part]
                    ).fetchone()
                    if hits != (0,):
                        found.append(f"{name} in {schema}.{table}")

        return found


class CommandLines:
    """Looks at the command line of every process, again and again, while its block lasts."""

    def __init__(self, canaries: Canaries) -> None:
        self.seen: set[str] = set()
        self.found: set[str] = set()
        self._canaries = canaries
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Look no more."""
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(POLL_SECONDS):
            for line in _command_lines():
                if line not in self.seen:
                    self.seen.add(line)
                    self.found.update(self._canaries.in_text(f"command line {line[:80]}", line))


def _command_lines() -> Iterator[str]:
    """Yield the command line of each process there is."""
    # Without Path it is three times cheaper, and asked fifty times a second.
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb", buffering=0) as handle:  # noqa: PTH123
                    line = handle.read()
            except OSError:  # it has just ended
                continue
            yield line.replace(b"\0", b" ").decode(errors="replace")
