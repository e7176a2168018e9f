"""One file as its tables, read by what its first bytes say it is."""

import os
from pathlib import Path

from pipelines.adapters.sources import archives, json_tables, kinds, parquet_tables, sheets, streams
from pipelines.adapters.sources.delimited import tables
from pipelines.adapters.sources.refusals import refusal
from pipelines.domain.ports.sources import SourceTable

HEAD_BYTES = 8_192
PARQUET = "parquet"
# It is read from its end.
UNPACK = "unpack it, and name what it holds"
ENDINGS = {
    *(".gz", ".bz2", ".xz", ".zip", ".csv", ".tsv", ".tab", ".psv", ".txt"),
    *(".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".xlsx", ".xlsm"),
}


def opened(path: Path, origin: str, part: str | None = None) -> list[SourceTable]:
    """
    Return the tables of the file at *path*: several only of a workbook.

    Args:
        path: Where it lies.
        origin: As it was named, without the part.
        part: Name of a sheet.

    Raises:
        ImportRefused: It cannot be read, or seems to be something that is no table.
    """
    packed = streams.how_packed(path)
    if packed == "zip" and archives.is_workbook(path):
        return [*sheets.opened(path, origin, part)]
    if part is not None:
        raise refusal(path, f"has no parts, and so no {part}", "name it without #")

    with streams.opened(path) as content:
        head = content.read(HEAD_BYTES)
    kind = kinds.kind(head)
    name = table_name(path)
    if kind == "csv":
        return [tables.opened(path, name, origin)]
    if kind == "json lines":
        return [json_tables.opened(path, name, origin)]
    if kind == PARQUET and not packed:
        return [parquet_tables.opened(path, name, origin)]

    next_step = UNPACK if kind == PARQUET else kinds.next_step(kind)
    if packed:
        kind = f"packed by {packed}, and what it holds is {kind}"
    elif kind != "empty":
        kind = f"not a table, but {kind}"
    with streams.stored(path) as raw:
        size = raw.seek(0, os.SEEK_END)
    raise refusal(path, f"is {kind}: {size:,} bytes", next_step)


def table_name(path: Path) -> str:
    """Return the name of a file without the endings that say what it is."""
    bare = path
    while bare.suffix.lower() in ENDINGS:
        bare = bare.with_suffix("")

    return bare.name
