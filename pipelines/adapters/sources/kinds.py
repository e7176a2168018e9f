"""What a file is, or seems to be, by its first bytes."""

import json

MAGICS = {
    b"PAR1": "parquet",
    b"%PDF-": "a PDF",
    b"\x89PNG": "an image (PNG)",
    b"\xff\xd8\xff": "an image (JPEG)",
    b"GIF8": "an image (GIF)",
    b"II*\x00": "an image (TIFF)",
    b"MM\x00*": "an image (TIFF)",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a workbook or document of an old Office (.xls, .doc)",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a file packed by zstd",
    b"SQLite format 3\x00": "a SQLite database",
    b"ARROW1": "an Arrow file",
    b"Obj\x01": "an Avro file",
    b"\x89HDF": "an HDF5 file",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a file packed by gzip",
    b"BZh": "a file packed by bzip2",
    b"\xfd7zXZ\x00": "a file packed by xz",
}
MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")
READABLE = {"csv", "json lines", "parquet"}
CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
NEXT_STEPS = {
    "a SQLite database": "name it as sqlite:///path/to/file.db#table",
    "a JSON document and not JSON Lines": "write an object a line: `jq -c '.[]' FILE > FILE.jsonl`",
}


def kind(head: bytes) -> str:
    """
    Return `csv`, `json lines`, `parquet`, or what a file that begins with *head* is in words.

    Args:
        head: Up to a few thousand bytes, unpacked; fewer only where the file ends there.
    """
    mark = byte_order_mark(head)
    if not mark:
        for magic, name in MAGICS.items():
            if head.startswith(magic):
                return name
        if head[8:12] == b"WEBP" and head.startswith(b"RIFF"):
            return "an image (WebP)"
    if not head.strip():
        return "empty"
    if mark.startswith(("utf-16", "utf-32")):
        return "csv"

    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "empty"
    if not head.strip(b"\0"):
        return "nothing but NUL bytes"
    if b"\0" in head or len(head) - len(head.translate(None, CONTROL)) > len(head) / 20:
        return "binary, or UTF-16 without a byte order mark"
    if text[:20].lower().startswith(PAGE):
        return "an HTML page"
    if text.startswith(b"<?xml"):
        return "an XML document"

    return _kind_of_text(text, is_cut=len(head) > len(text.splitlines()[0]))


def byte_order_mark(head: bytes) -> str:
    """Return the encoding that the byte order mark of *head* says, or nothing."""
    return next((name for mark, name in MARKS.items() if head.startswith(mark)), "")


def next_step(seems: str) -> str:
    """Return what somebody does whose file is of another kind than those we read."""
    return NEXT_STEPS.get(seems, "name a csv, JSON Lines, parquet or xlsx file")


def _kind_of_text(text: bytes, *, is_cut: bool) -> str:
    """Tell JSON from what may be a csv."""
    if text.startswith(b"["):
        is_json = text[1:].lstrip()[:1] in {b"{", b"[", b"]", b'"'}
        return "a JSON document and not JSON Lines" if is_json else "csv"
    if not text.startswith(b"{"):
        return "csv"
    first = text.splitlines()[0]
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        is_json = text[1:].lstrip()[:1] in {b'"', b"}"}
        is_longer = is_cut and first == text
        return "json lines" if is_json and is_longer else (
            "a JSON document and not JSON Lines" if is_json else "csv"
        )

    return "json lines"
