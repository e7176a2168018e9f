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
    b"PK\x05\x06": "a zip archive without files",
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
JSON_DOCUMENT = "a JSON document and not JSON Lines"
PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")
CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
NEXT_STEPS = {
    "a SQLite database": "name it as sqlite:///path/to/file.db#table",
    JSON_DOCUMENT: "write an object a line: `jq -c '.[]' FILE > FILE.jsonl`",
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
    text = head.decode(mark, "ignore").encode() if mark else head
    if not text.strip():
        return "empty"
    if not text.strip(b"\0"):
        return "nothing but NUL bytes"
    if b"\0" in text or len(text) - len(text.translate(None, CONTROL)) > len(text) / 20:
        return "binary, or UTF-16 without a byte order mark"

    return _kind_of_text(text.lstrip())


def byte_order_mark(head: bytes) -> str:
    """Return the encoding that the byte order mark of *head* says, or nothing."""
    return next((name for mark, name in MARKS.items() if head.startswith(mark)), "")


def next_step(seems: str) -> str:
    """Return what somebody does whose file is of another kind than those we read."""
    return NEXT_STEPS.get(seems, "name a csv, JSON Lines, parquet or xlsx file")


def _kind_of_text(text: bytes) -> str:
    """Tell pages and JSON from what may be a csv."""
    if text[:20].lower().startswith(PAGE):
        return "an HTML page"
    if text.startswith(b"<?xml"):
        return "an XML document"
    inside = text[1:].lstrip()[:1]
    if text.startswith(b"[") and inside in {b"{", b"[", b"]", b'"'}:
        return JSON_DOCUMENT
    if not text.startswith(b"{") or inside not in {b'"', b"}"}:
        return "csv"
    first, newline, _ = text.partition(b"\n")

    # A line longer than what was read may well be one object.
    return "json lines" if not newline or _is_json(first) else JSON_DOCUMENT


def _is_json(line: bytes) -> bool:
    """Tell whether *line* is JSON by itself."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False

    return True
