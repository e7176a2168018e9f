"""What a file is, whatever it is called."""

import bz2
import gzip
import io
import lzma
import os
import socket
import sqlite3
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from pipelines.adapters.sources.files import table_name
from tests.sources import only, refusal, rows_of

CSV = b"id,name\n1,Ada\n2,\n"
ROWS = [{"id": "1", "name": "Ada"}, {"id": "2", "name": ""}]


def zipped(**members: bytes) -> bytes:
    """Return a zip of *members*, whose names have _ for a dot."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_csv", ".csv"), content)

    return written.getvalue()


def parquet() -> bytes:
    """Return a Parquet file of the same rows."""
    written = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pylist(ROWS), written)

    return written.getvalue()


def named(value: bytes | str) -> str:
    """Name a case by what is said of it: archives hold the time they were made at."""
    return value if isinstance(value, str) else "file"


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        gzip.compress(CSV),
        bz2.compress(CSV),
        lzma.compress(CSV),
        zipped(a_csv=CSV),
        parquet(),
        b'{"id": "1", "name": "Ada"}\n{"id": 2, "name": ""}\n',
    ],
    ids=("csv", "gzip", "bzip2", "xz", "zip", "parquet", "json"),
)
def test_content_is_told_by_first_bytes(tmp_path: Path, content: bytes) -> None:
    """A wrong ending does not matter; the rows are the same."""
    path = tmp_path / "customers.pdf"
    path.write_bytes(content)

    assert ROWS == rows_of(path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty: 0 bytes"),
        (b" \n\r\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe\r\x00", "is empty"),
        (b"\0" * 512, "nothing but NUL bytes"),
        (b"<!DOCTYPE html>\n<html>", "an HTML page"),
        (b"\n <HTML lang=en>", "an HTML page"),
        (b'<?xml version="1.0"?><a/>', "an XML document"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "an image (PNG)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image (JPEG)"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "an image (WebP)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "of an old Office"),
        (b"\x28\xb5\x2f\xfd\0", "a file packed by zstd"),
        (b"i\0d\0,\0a\0\n\0", "UTF-16 without a byte order mark"),
        (b"\x01\x02\x03\x04\x05id", "binary"),
        (b"PAR1 and then nothing of the kind", "that are not Parquet"),
        (gzip.compress(CSV)[:-9], "does not unpack as gzip to its end"),
        (b"\x1f\x8bnonsense", "does not unpack as gzip"),
        (bz2.compress(CSV)[:-9], "does not unpack as bzip2"),
        (lzma.compress(CSV)[:-9], "does not unpack as xz"),
        (zipped(a_csv=CSV)[:-9], "does not unpack as zip"),
        (zipped(), "a zip archive without files"),
        (gzip.compress(b""), "packed by gzip, and what it holds is empty"),
        (gzip.compress(gzip.compress(CSV)), "what it holds is a file packed by gzip"),
        (gzip.compress(parquet()), "what it holds is parquet"),
    ],
    ids=named,
)
def test_what_is_no_table_is_refused_by_what_it_seems_to_be(
    tmp_path: Path, content: bytes, fault: str
) -> None:
    """The message names the file too."""
    path = tmp_path / "customers.csv"
    path.write_bytes(content)

    message = refusal(path)

    assert fault in message
    assert str(path) in message


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    """Its flag says so; we have no password."""
    path = tmp_path / "a.zip"
    content = bytearray(zipped(a_csv=CSV))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)

    assert "does not unpack as zip" in refusal(path)


def test_what_a_mac_adds_to_a_zip_is_left_out(tmp_path: Path) -> None:
    """The one file is the one somebody packed."""
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(**{"a_csv": CSV, "__MACOSX/._a_csv": b"\0"}))

    assert ROWS == rows_of(path)


def test_a_database_is_refused_with_its_address(tmp_path: Path) -> None:
    """A file of SQLite has tables, and is named otherwise."""
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table a (b)")
    connection.close()

    assert "is not a table, but a SQLite database" in refusal(path)


def test_only_files_are_read(tmp_path: Path) -> None:
    """Reading a pipe would wait for ever; a device has no end."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))

    for path in (tmp_path / "pipe", tmp_path / "socket", Path("/dev/zero")):
        assert "is not a file: it is a pipe, a socket or a device" in refusal(path)


@pytest.mark.parametrize("name", ["nowhere.csv", "", "a\0b", "x" * 5_000, "~", "#", "a#b"])
def test_what_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Names that can be none are no bugs of ours."""
    monkeypatch.chdir(tmp_path)

    fault = "names nothing" if name in {"", "#"} else "cannot be read"
    assert fault in refusal(name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """The reason is the system's."""
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    path.chmod(0)

    assert "cannot be read: Permission denied" in refusal(path)


def test_a_name_may_have_a_number_sign(tmp_path: Path) -> None:
    """What is there under the whole name is meant."""
    path = tmp_path / "a#1.csv"
    path.write_bytes(CSV)

    assert ROWS == rows_of(path)
    assert "has no parts, and so no S" in refusal(f"{path}#S")


def test_rows_are_not_shown_when_a_file_is_refused(tmp_path: Path) -> None:
    """They may be personal."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1,Lovelace\n2,\xff\xfe\x81\x8d\n")

    assert "Lovelace" not in refusal(path)


@pytest.mark.parametrize("source", ["https://user:s3cret@host/a.csv", "S3://bucket/a.csv"])
def test_files_elsewhere_are_refused(source: str) -> None:
    """With what to do, and without what may be a password."""
    message = refusal(source)

    assert "is not on this machine" in message
    assert "s3cret" not in message


def test_a_name_loses_the_endings_that_say_what_it_is() -> None:
    """And no other."""
    names = {"a.csv.gz": "a", "b.2026.CSV": "b.2026", "c": "c", ".csv": ".csv", "d.part": "d.part"}

    assert names == {name: table_name(Path(name)) for name in names}


def test_a_table_can_be_read_twice(tmp_path: Path) -> None:
    """Nothing is used up."""
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(CSV))
    table = only(path)

    first, second = ([*table.batches(pytest.fail)] for _ in range(2))

    assert first == second
