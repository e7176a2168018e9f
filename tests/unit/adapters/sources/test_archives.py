"""Several files in one zip."""

import gzip
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipelines.adapters.sources import source
from pipelines.errors import ImportRefused
from tests.sources import read, refusal, rows_of

PLANS = b"plan,fee\nbasic,1\n"
EXPORT = {
    "export/customers_2026-02.csv": b"name;id\nBob;2\n",
    "export/customers_2026-01.csv": b"id,name\n1,Ada\n",
    "export/": b"",
    "export/plans.csv.gz": gzip.compress(PLANS),
    "export/README.md": b"# Who they are\n",
    "export/.DS_Store": b"\0",
    "__MACOSX/export/._plans.csv.gz": b"\0",
}


def packed(path: Path, members: Mapping[str, bytes] = EXPORT) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)

    return path


def test_a_zip_of_several_files_is_a_folder_of_them(tmp_path: Path) -> None:
    """Files of the same columns are one table; what lies beside them is left out."""
    path = packed(tmp_path / "shop.zip")
    customers, plans = source.opened(str(path))

    assert ["customers", "plans"] == [customers.name, plans.name]
    assert f"{path}#customers" == customers.origin
    assert [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Bob"}] == read(customers)[0]
    assert [{"plan": "basic", "fee": "1"}] == read(plans)[0]
    assert [{"plan": "basic", "fee": "1"}] == rows_of(f"{path}#plans")
    assert "#nothing is not there; it has: customers, plans" in refusal(f"{path}#nothing")


def test_one_file_of_a_zip_can_be_named(tmp_path: Path) -> None:
    """As if the zip was a folder; of what is not in it, nothing is there."""
    path = packed(tmp_path / "shop.zip")

    assert [{"id": "1", "name": "Ada"}] == rows_of(path / "export" / "customers_2026-01.csv")
    assert [{"plan": "basic", "fee": "1"}] == rows_of(path / "export" / "plans.csv.gz")
    assert "cannot be read" in refusal(path / "export" / "customers_2026-03.csv")


def test_a_declaration_says_where_the_table_lies(tmp_path: Path) -> None:
    """From the project's folder, as of any file beside it."""
    path = packed(tmp_path / "shop.zip")
    project = tmp_path / "my"
    project.mkdir()
    kept = source.kept(f"{path}#plans", project)

    assert "../shop.zip#plans" == kept
    assert [{"plan": "basic", "fee": "1"}] == rows_of(source.declared(kept, project))


@pytest.mark.parametrize("name", ["/etc/hostname", "../secret.csv", "a/../../secret.csv"])
def test_nothing_outside_of_a_zip_is_read(tmp_path: Path, name: str) -> None:
    """A name that leads elsewhere is refused, with all that is beside it."""
    (tmp_path / "secret.csv").write_text("id\n1\n")
    path = packed(tmp_path / "shop.zip", {"plans.csv": PLANS, name: PLANS})

    assert "holds 2 files, of which some are outside of it" in refusal(path)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """Nobody can tell which of them is meant."""
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("plans.csv", PLANS)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("plans.csv", PLANS)

    assert "some are named twice" in refusal(path)


def test_a_file_that_does_not_unpack_is_told(tmp_path: Path) -> None:
    """With its place in the zip."""
    path = packed(tmp_path / "shop.zip", {"plans.csv": PLANS, "people.csv": b"id,name\n1,Ada\n"})
    content = bytearray(path.read_bytes())
    place = content.index(b"plans.csv") + len(b"plans.csv")
    content[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)

    message = refusal(path)
    assert f"{path}/plans.csv is damaged: it does not unpack as zip to its end" in message


def test_what_a_zip_cannot_be_asked_for_is_said(tmp_path: Path) -> None:
    """Parquet is read from its end, a workbook is a zip itself: both have to lie in a folder."""
    path = packed(tmp_path / "shop.zip", {"plans.csv": PLANS, "people.parquet": b"PAR1 and more"})

    with pytest.raises(ImportRefused) as refused:
        source.opened(str(path))
    assert "is packed by zip, and what it holds is parquet" in refused.value.message
    assert "unpack it, and name what it holds" == refused.value.next_step
