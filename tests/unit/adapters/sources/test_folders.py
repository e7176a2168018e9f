"""Folders of files."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from pipelines.adapters.sources import source
from pipelines.domain.ports.sources import RefusedRow
from tests.sources import only, read, refusal, rows_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two months of customers, one file of plans; hidden files and a folder are left out."""
    made = tmp_path / "export"
    made.mkdir()
    (made / "customers_2026-02.csv").write_text("name;id\nBob;2\n;\n")
    (made / "customers_2026-01.csv").write_text("id,name\n1,Ada\n")
    (made / "plans.csv").write_text("plan,fee\nbasic,1\n")
    (made / ".DS_Store").write_bytes(b"\0")
    (made / "older").mkdir()

    return made


def test_files_with_the_same_columns_are_one_table(folder: Path) -> None:
    """In the order of their names, whatever the order of their columns."""
    customers, plans = source.opened(str(folder))

    assert ["customers", "plans"] == [customers.name, plans.name]
    assert f"{folder}#customers" == customers.origin
    expected = [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Bob"}, {"id": "", "name": ""}]
    assert expected == read(customers)[0]
    assert [{"plan": "basic", "fee": "1"}] == read(plans)[0]


def test_one_of_the_tables_can_be_named(folder: Path) -> None:
    """The others are listed where there is none of that name."""
    assert [{"plan": "basic", "fee": "1"}] == rows_of(f"{folder}#plans")
    assert "is not there; it has: customers, plans" in refusal(f"{folder}#nothing")


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (
            ["olive_orders_dataset", "olive_order_items_dataset", "olive_sellers_dataset"],
            ["order_items", "orders", "sellers"],
        ),
        (["crm orders", "crm payments"], ["crm orders", "crm payments"]),
        (["user_logs", "user_plans", "user_tags"], ["user_logs", "user_plans", "user_tags"]),
        (["sales-1", "sales-2", "sales-3"], ["sales-1", "sales-2", "sales-3"]),
        (["a_b", "a", "a_c"], ["a", "a_b", "a_c"]),
    ],
)
def test_what_all_names_have_in_common_is_no_part_of_them(
    tmp_path: Path, files: list[str], names: list[str]
) -> None:
    """Nor is it missed: a table is found by its whole name too, as a declaration keeps it."""
    for number, name in enumerate(files):
        (tmp_path / f"{name}.csv").write_text(f"column {number}\nx\n")

    found = source.opened(str(tmp_path))

    assert names == [table.name for table in found]
    assert [f"{tmp_path}#{name}" for name in sorted(files)] == [table.origin for table in found]
    for table in found:
        for name in (table.origin, f"{tmp_path}#{table.name}"):
            assert table.schema == only(name).schema


def test_what_is_not_called_as_a_table_is_left_out_where_something_is(tmp_path: Path) -> None:
    """A picture, a notebook and words about the data; alone, a file is whatever it holds."""
    for name in ("LICENSE", "Readme.txt", "_SUCCESS", "eda.ipynb", "cover.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\0")
    assert "is not a table, but an image (PNG)" in refusal(tmp_path)

    (tmp_path / "part-0000").write_text("plan\nbasic\n")

    assert "part-0000" == only(tmp_path).name


def test_a_refused_row_names_its_file(folder: Path) -> None:
    """A line alone would be one of several."""
    (folder / "customers_2026-03.csv").write_text("id,name\n3\n4,Di\n")

    rows, refused = read(only(f"{folder}#customers"))

    assert 4 == len(rows)
    named = f"has 1 values for 2 columns ({folder}/customers_2026-03.csv)"
    assert [RefusedRow(2, named)] == refused


def test_types_of_parts_become_one_that_holds_both(tmp_path: Path) -> None:
    """Whole numbers beside broken ones are broken ones; text beside numbers is refused."""
    pa.parquet.write_table(pa.table({"id": [1]}), tmp_path / "1.parquet")
    pa.parquet.write_table(pa.table({"id": [1.5]}), tmp_path / "2.parquet")

    assert [{"id": 1.0}, {"id": 1.5}] == rows_of(tmp_path)
    assert tmp_path.name == only(tmp_path).name

    (tmp_path / "3.csv").write_text("id\nx\n")
    message = refusal(tmp_path)
    assert "3 files with the same columns in types that do not go together" in message


def test_a_value_that_the_common_type_does_not_hold_is_refused(tmp_path: Path) -> None:
    """No float is 2^53 + 1."""
    pa.parquet.write_table(pa.table({"id": [2**53 + 1]}), tmp_path / "1.parquet")
    pa.parquet.write_table(pa.table({"id": [1.5]}), tmp_path / "2.parquet")

    assert "1.parquet has values that are not" in refusal(tmp_path)


def test_two_tables_never_have_one_name(tmp_path: Path) -> None:
    """The second gets a number."""
    (tmp_path / "a.csv").write_text("x\nX\n")
    (tmp_path / "a.tsv").write_text("y\nY\n")

    assert ["a", "a_2"] == [table.name for table in source.opened(str(tmp_path))]


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    """Hidden ones are none; a pipe is there and no file."""
    (tmp_path / ".hidden").write_text("id\n1\n")
    assert "holds no files" in refusal(tmp_path)

    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in refusal(tmp_path)


def test_a_file_that_is_no_table_refuses_the_folder(folder: Path) -> None:
    """By its name; leaving it out would be to lose rows quietly."""
    (folder / "report.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

    assert f"{folder}/report.xls is not a table, but a workbook" in refusal(folder)
