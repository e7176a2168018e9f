"""Reading csv files of every kind."""

import re
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.domain.ports.sources import RefusedRow
from pipelines.errors import ImportRefused
from tests.sources import only, read, refusal, rows_of

ADA = [{"id": "1", "name": "Ada, Lady"}, {"id": "2", "name": ""}]


@pytest.mark.parametrize(
    "content",
    [
        'id,name\n1,"Ada, Lady"\n2,\n',
        'id,name\r\n1,"Ada, Lady"\r\n2,\r\n',
        'id,name\r1,"Ada, Lady"\r2,',
        'id;name\n1;Ada, Lady\n2;""\n',
        "id\tname\n1\tAda, Lady\n2\t\n",
        "id|name\n1|Ada, Lady\n2|\n",
        '"id";"name"\n"1";"Ada, Lady"\n"2";""\n',
        "'id','name'\n'1','Ada, Lady'\n'2',''\n",
        "id,name\n1,Ada\\, Lady\n2,\n",
        '\n\n id , name\n\n1,"Ada, Lady"\n\n2,\n\n',
    ],
)
def test_delimiter_quotes_and_line_ends_are_told_from_the_rows(
    tmp_path: Path, content: str
) -> None:
    """The same two rows, however they are written; blank lines are none."""
    path = tmp_path / "customers.csv"
    path.write_bytes(content.encode())

    table = only(path)

    assert "customers" == table.name
    assert str(path) == table.origin
    assert pa.schema([("id", pa.string()), ("name", pa.string())]) == table.schema
    assert ADA == rows_of(path)


def test_values_may_hold_ends_of_lines_and_quotes(tmp_path: Path) -> None:
    """Lines are counted as an editor counts them, so the refused one is on line 6."""
    path = tmp_path / "a.csv"
    path.write_text('id,name\n1,"Ada\nLady\n""L"""\n2,"Bob"\n3\n4,Cy,x\n5,Di\n')

    rows, refused = read(only(path))

    assert [("1", 'Ada\nLady\n"L"'), ("2", "Bob"), ("5", "Di")] == [
        (*row.values(),) for row in rows
    ]
    assert [
        RefusedRow(6, "has 1 values for 2 columns"),
        RefusedRow(7, "has 3 values for 2 columns"),
    ] == refused


def test_a_quote_that_is_not_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    """What it would swallow is read as rows."""
    path = tmp_path / "a.csv"
    path.write_text('id,name\n1,"Ada"\n2,"open\n3,Cy\n4,"Di"\n5,"E"\n')

    rows, refused = read(only(path))

    assert ["1", "3", "4", "5"] == [row["id"] for row in rows]
    assert ["Ada", "Cy", "Di", "E"] == [row["name"] for row in rows]
    assert [3] == [row.line for row in refused]
    assert "a quote that is not closed" in refused[0].reason


def test_quotes_that_surround_nothing_are_part_of_the_value(tmp_path: Path) -> None:
    """An export without quoting has inches in it."""
    path = tmp_path / "a.tsv"
    path.write_text('id\tname\n1\t5" pipe\n2\t"L" piece\n')

    assert ['5" pipe', '"L" piece'] == [row["name"] for row in rows_of(path)]


def test_quotes_may_be_escaped_by_a_backslash(tmp_path: Path) -> None:
    """As MySQL writes them."""
    path = tmp_path / "a.csv"
    path.write_text('id,name\n1,"the \\"L\\", a piece"\n2,x\n')

    assert ['the "L", a piece', "x"] == [row["name"] for row in rows_of(path)]


def test_a_backslash_elsewhere_is_a_backslash(tmp_path: Path) -> None:
    """Paths of Windows end in one."""
    path = tmp_path / "a.csv"
    path.write_text('id,name\n"1","C:\\Temp\\"\n"2","x, y"\n')

    assert ["C:\\Temp\\", "x, y"] == [row["name"] for row in rows_of(path)]


def test_decimal_commas_are_no_delimiters(tmp_path: Path) -> None:
    """The header tells."""
    path = tmp_path / "a.csv"
    path.write_text("id;price;fee\n1;1,5;2,5\n2;1,7;2,9\n")

    assert {"id": "1", "price": "1,5", "fee": "2,5"} == rows_of(path)[0]


def test_one_column_is_a_table(tmp_path: Path) -> None:
    """Commas in its values are commas."""
    path = tmp_path / "a.csv"
    path.write_text("comment\nhello, world\nwell\n")

    assert [{"comment": "hello, world"}, {"comment": "well"}] == rows_of(path)


def test_blank_and_repeated_names_become_readable_ones(tmp_path: Path) -> None:
    """And none of them is one that is there already."""
    path = tmp_path / "a.csv"
    path.write_text("amount,,amount,amount_2,\n1,2,3,4,5\n")

    expected = ["amount", "column_2", "amount_3", "amount_2", "column_5"]
    assert expected == only(path).schema.names


@pytest.mark.parametrize(
    "first",
    ["1,2026-11-20", "1.5,-2e3", "20.11.2026,€ 5", "7,", "1,yes", "yes,7", "KS,128"],
)
def test_a_first_row_of_data_is_no_header(tmp_path: Path, first: str) -> None:
    """It is refused with that reason, without its values, and with what writes names above it."""
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n2,2026-11-21\n3,yes\nyes,no\nKS,OH\n")

    message = refusal(path)

    assert "has no header: its first row is data, 2 values such as others below have" in message
    assert first not in message


@pytest.mark.parametrize("first", ["id,2019", "id,answer", "yes,no"])
def test_years_and_words_are_names_of_columns(tmp_path: Path, first: str) -> None:
    """Also where a file was put together from two, each with its header."""
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n1,4\n{first}\n2,yes\n")

    assert first.split(",") == only(path).schema.names


def test_names_are_written_above_rows_by_the_command_that_is_told(tmp_path: Path) -> None:
    """Also between tabs; lines of one value may be the answers to the rows of another file."""
    for content, names in (
        ("1\t2\n3\t4\n", ["column_1", "column_2"]),
        ("1\n-1\n", ["a", "churned"]),
    ):
        path = tmp_path / "rows.txt"
        path.write_text(content)
        (tmp_path / "OTHER").write_text("a\n7\n8\n")
        with pytest.raises(ImportRefused) as caught:
            only(path)

        (command,) = re.findall("`(.*)`", caught.value.next_step)
        subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)

        made = tmp_path / ("named.csv" if "named" in command else "joined.csv")
        assert names == only(made).schema.names
        assert 2 == len(rows_of(made))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "Report\nof;2026-11-30\n\nid;name;fee;plan\n" + "1;Ada;2;x\n" * 9,
            {"id": "1", "fee": "2"},
        ),
        ('"id"\t"fee"\n"1"\t"a"\t7\n"2"\t"b"\t8\n', {"column_1": "1", "id": "a", "fee": "7"}),
        ("id,fee\na,7,\nb,8,\n", {"id": "a", "fee": "7", "column_3": ""}),
        ("id,fee,plan\na,7,x\n", {"id": "a", "fee": "7", "plan": "x"}),
    ],
)
def test_a_header_is_found_below_a_title_and_completed(
    tmp_path: Path, content: str, expected: dict[str, str]
) -> None:
    """R numbers its rows and not their names; others end each row with a delimiter."""
    path = tmp_path / "a.csv"
    path.write_text(content)

    row = rows_of(path)[0]
    assert expected == {name: row[name] for name in expected}


def test_rows_that_are_wider_than_the_header_are_refused(tmp_path: Path) -> None:
    """Nobody knows which of their values has no name."""
    path = tmp_path / "a.csv"
    path.write_text("id,name\n7,Ada,x\n8,Bob,y\n")

    rows, refused = read(only(path))

    assert ([], [2, 3]) == (rows, [row.line for row in refused])


def test_blanks_are_delimiters_where_every_row_has_as_many_values(tmp_path: Path) -> None:
    """As many as there are between two values are one; those around a line are none."""
    path = tmp_path / "a.txt"
    path.write_text(' id  day      amount\n 0001 19970101   9.99 \n 0002 19970102 "1 0" \n')

    assert [
        {"id": "0001", "day": "19970101", "amount": "9.99"},
        {"id": "0002", "day": "19970102", "amount": "1 0"},
    ] == rows_of(path)


@pytest.mark.parametrize("text", ["full name\nAda Lovelace\nBob Bell\n", "a b c\nx y z\nso\n"])
def test_words_are_no_columns(tmp_path: Path, text: str) -> None:
    """Names of two words, and sentences of which one is shorter."""
    path = tmp_path / "a.txt"
    path.write_text(text)

    assert text.splitlines()[:1] == only(path).schema.names


def test_a_header_without_rows_is_a_table_without_rows(tmp_path: Path) -> None:
    """Nothing is wrong with it."""
    path = tmp_path / "a.csv"
    path.write_text("id,name")

    assert ["id", "name"] == only(path).schema.names
    assert [] == rows_of(path)


def test_values_that_no_database_holds_are_refused_by_row(tmp_path: Path) -> None:
    """A NUL in the middle of a text."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + b"1,Ada\n" * 5_000 + b"2,\0\n3,Cy\n")

    rows, refused = read(only(path))

    assert (5_001, "3") == (len(rows), rows[-1]["id"])
    assert [RefusedRow(5_002, "holds a NUL character")] == refused


def test_a_line_without_end_is_no_table(tmp_path: Path) -> None:
    """Else all of it would be in memory at once."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1,Ada\n2," + b"x" * 16_000_001)

    assert "line 3 is longer than 16,000,000 characters" in refusal(path)


def test_batches_are_bounded(tmp_path: Path) -> None:
    """By rows, by cells and by characters."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 70_000)
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(f"c{n}" for n in range(1_000)) + "\n" + (",1" * 999 + "\n") * 2_000)
    long = tmp_path / "long.csv"
    long.write_text("a,b\n" + f"1,{'x' * 1_000_000}\n" * 20)

    sizes = [
        [len(batch) for batch in only(each).batches(pytest.fail)] for each in (path, wide, long)
    ]

    assert [[65_536, 4_464], [1_000, 1_000], [3, 3, 3, 3, 3, 3, 2]] == sizes
