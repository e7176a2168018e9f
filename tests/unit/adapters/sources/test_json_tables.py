"""Reading JSON Lines."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.domain.ports.sources import RefusedRow
from tests.sources import only, read, refusal, rows_of


def test_keys_are_columns_in_the_order_first_met(tmp_path: Path) -> None:
    """Values are as they are written: a long id is no float, null and a missing key are NULL."""
    path = tmp_path / "events.jsonl.gz"
    lines = [
        '{"id": 12345678901234567890, "fee": 1.50}',
        "",
        '{"fee": null, "name": "", "id": "x", "is_new": true}',
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))

    table = only(path)

    assert "events" == table.name
    assert pa.schema([(key, pa.string()) for key in ("id", "fee", "name", "is_new")]) == (
        table.schema
    )
    assert [
        {"id": "12345678901234567890", "fee": "1.50", "name": None, "is_new": None},
        {"id": "x", "fee": None, "name": "", "is_new": "true"},
    ] == rows_of(path)


def test_lines_that_are_no_objects_are_refused_with_their_numbers(tmp_path: Path) -> None:
    """The others are rows."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"a": 1}\nnone\n[1]\n{"a": 1, "a": 2}\n{"a": "\\u0000"}\n{"a": "\\ud800"}\n{"a": 9}\n'
        + '{"a": '
        + "[" * 100_000
        + "\n"
    )

    rows, refused = read(only(path))

    assert [{"a": "1"}, {"a": "9"}] == rows
    assert {
        2: "is not JSON",
        3: "is no JSON object",
        4: "has a key twice",
        5: "holds a NUL character",
        6: "holds half a surrogate pair, which is no character",
        8: "is not JSON",
    } == {row.line: row.reason for row in refused}
    assert isinstance(refused[0], RefusedRow)


def test_what_is_in_an_object_has_columns_of_its_own(tmp_path: Path) -> None:
    """Called after what it is in; a list is its JSON, and an object with nothing is nothing."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"a": 1, "device": {"os": "iOS", "app": {"version": 1.10}}, "tags": ["x", {"y": 2}]}\n'
        '{"a": 2, "device": {}}\n{"a": 3, "device": null}\n'
    )

    first, second, third = rows_of(path)

    assert {
        "a": "1",
        "device.os": "iOS",
        "device.app.version": "1.10",
        "tags": '["x", {"y": "2"}]',
        "device": None,
    } == first
    assert [("2", None), ("3", None)] == [(row["a"], row["device.os"]) for row in (second, third)]


def test_a_key_that_is_written_flat_and_nested_is_there_twice(tmp_path: Path) -> None:
    """Which of the two values holds, nobody knows; so deep that nobody wrote it, it is no JSON."""
    path = tmp_path / "a.jsonl"
    deep = '{"a": ' * 900 + "1" + "}" * 900
    path.write_text(f'{{"a.b": 1}}\n{{"a.b": 1, "a": {{"b": 2}}}}\n{deep}\n')

    rows, refused = read(only(path))

    assert [{"a.b": "1"}] == [{"a.b": row["a.b"]} for row in rows if row["a.b"]]
    assert (2, "has a key twice") == (refused[0].line, refused[0].reason)


def test_a_key_after_the_first_ten_megabytes_is_refused(tmp_path: Path) -> None:
    """Columns are known before rows are read; one that comes later has no place."""
    path = tmp_path / "a.jsonl"
    line = json.dumps({"a": "x" * 1_000}) + "\n"
    path.write_text(line * 11_000 + '{"a": "y", "late": 1}\n')

    message = refusal(path)

    assert "on line 11001 that none of its first 10,000,000 characters has: late" in message


@pytest.mark.parametrize("text", ['[{"a": 1}]', '{\n  "a": 1\n}\n', '[\n  "a"\n]'])
def test_other_json_is_refused_with_the_command_that_converts_it(tmp_path: Path, text: str) -> None:
    """A document is not an object a line."""
    path = tmp_path / "a.json"
    path.write_text(text)

    assert "is not a table, but a JSON document and not JSON Lines" in refusal(path)


@pytest.mark.parametrize("text", ["{}\n{}\n", '{"": 1}\n', '{"a": 1, " a": 2}\n'])
def test_keys_must_be_names(tmp_path: Path, text: str) -> None:
    """None, a blank one, or two that look the same."""
    path = tmp_path / "a.jsonl"
    path.write_text(text)

    assert "key" in refusal(path)
