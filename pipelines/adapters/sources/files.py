"""One file as its tables, read by what its first bytes say it is."""

from pathlib import Path

from pipelines.adapters.sources import json_tables, kinds, parquet_tables, sheets, streams
from pipelines.adapters.sources.delimited import tables
from pipelines.adapters.sources.refusals import refusal
from pipelines.domain.ports.sources import SourceTable

HEAD_BYTES = 8_192
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
    try:
        with streams.checked(path).open("rb") as raw:
            packed = streams.packing(raw.read(6))
    except OSError as error:
        raise streams.unreadable(path, error) from None
    if packed == "zip" and sheets.is_workbook(path):
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
    if kind == "parquet" and not packed:
        return [parquet_tables.opened(path, name, origin)]

    next_step = kinds.next_step(kind)
    if packed:
        kind = f"packed by {packed}, and what it holds is {kind}"
    elif kind != "empty":
        kind = f"not a table, but {kind}"
    raise refusal(path, f"is {kind}: {path.stat().st_size:,} bytes", next_step)


def table_name(path: Path) -> str:
    """Return the name of a file without the endings that say what it is."""
    bare = path
    while bare.suffix.lower() in ENDINGS:
        bare = bare.with_suffix("")

    return bare.name
