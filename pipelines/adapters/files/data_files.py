"""Files people bring: CSV, plain or gzipped, and Parquet, told apart by their first bytes."""

import gzip
import hashlib
import io
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipelines.domain.imports.files import DataFile
from pipelines.errors import ImportRefused

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
NAME_ONE = "name a .csv, .csv.gz or .parquet file"


def read(path: Path) -> DataFile:
    """
    Read all of *path*.

    Returns:
        Its rows: of a CSV every value is text, of a Parquet file what it declares.

    Raises:
        ImportRefused: It is missing, unreadable, or neither CSV nor Parquet.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refusal(
            path, f"cannot be read: {error.strerror}", "name a file that is there"
        ) from None

    fingerprint = hashlib.sha256(content).hexdigest()
    if content.startswith(PARQUET):
        return DataFile(path.name, fingerprint, _parquet(path, content), first_line=1)
    if content.startswith(GZIP):
        content = _unzipped(path, content)

    return DataFile(path.name, fingerprint, _csv(path, content), first_line=2)


def _parquet(path: Path, content: bytes) -> pa.Table:
    """Parse a Parquet file."""
    try:
        return pa.parquet.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        raise _refusal(
            path, f"is damaged: {len(content)} bytes that are not Parquet", "fetch the file again"
        ) from None


def _unzipped(path: Path, content: bytes) -> bytes:
    """Unpack a gzipped file."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise _refusal(
            path,
            f"is damaged: {len(content)} bytes that do not unpack as gzip",
            "fetch the file again",
        ) from None


def _csv(path: Path, content: bytes) -> pa.Table:
    """Parse a CSV with a header, all of it as text."""
    if not content.strip():
        raise _refusal(path, "is empty: 0 rows and no header", "fetch the file again")
    if b"\0" in content:
        raise _refusal(
            path,
            f"is neither CSV nor Parquet: {len(content):,} bytes",
            NAME_ONE,
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(
            path,
            f"is not UTF-8 text, first on line {line}",
            "convert it, e.g. `iconv -f latin1 -t utf-8`",
        ) from None

    ragged: list[pa.csv.InvalidRow] = []

    def note(row: pa.csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    try:
        rows = pa.csv.read_csv(
            io.BytesIO(content),
            # One thread, because only then a bad row knows its number.
            read_options=pa.csv.ReadOptions(use_threads=False),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=pa.csv.ConvertOptions(default_column_type=pa.string()),
        )
    except pa.ArrowInvalid:
        raise _refusal(path, f"is not CSV: {len(content):,} bytes", NAME_ONE) from None
    if ragged:
        first = ragged[0]
        raise _refusal(
            path,
            f"is not a table: {len(ragged)} of {rows.num_rows + len(ragged)} rows do not have "
            f"{first.expected_columns} columns, first on line {first.number} "
            f"with {first.actual_columns}",
            "correct the file",
        )

    return rows


def _refusal(path: Path, fault: str, next_step: str) -> ImportRefused:
    """Build the error; rows are not shown, since they may be personal."""
    return ImportRefused(f"{path} {fault}; nothing was loaded", next_step=next_step)
