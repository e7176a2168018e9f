"""What a declaration says of where a table lies, and where that leads."""

from pathlib import Path

import pytest

from pipelines.adapters.sources import source
from tests.sources import only, rows_of

CSV = "id,name\n1,Ada\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, with files in it, beside it and elsewhere."""
    made = tmp_path / "checkout" / "my"
    for folder in (made / "files", made.parent / "files", tmp_path / "files"):
        folder.mkdir(parents=True)
        for name in ("people.csv", "odd#name.csv", "warehouse"):
            (folder / name).write_text(CSV)
    (made.parent / "people.csv").write_text(CSV)
    (made / "warehouse").write_text(CSV)

    return made


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("my/files/people.csv", "files/people.csv"),
        ("my/../my/files/../files/people.csv", "files/people.csv"),
        ("my/files/odd#name.csv", "files/odd#name.csv"),
        ("people.csv", "../people.csv"),
        ("my/warehouse", "./warehouse"),
    ],
)
def test_what_lies_in_the_project_or_beside_it_moves_with_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, named: str, expected: str
) -> None:
    """Wherever the command was started, and wherever both are moved to."""
    monkeypatch.chdir(project.parent)
    kept = source.kept(only(named).origin, project)
    assert expected == kept

    moved = project.parent.rename(project.parent.parent / "moved") / "my"
    assert [{"id": "1", "name": "Ada"}] == rows_of(source.declared(kept, moved))


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("sqlite:///crm.db#All People", "sqlite:///{here}/crm.db#All People"),
        ("sqlite:////data/crm.db#people", "sqlite:////data/crm.db#people"),
        ("postgresql://reader@db.example.com/crm#people",) * 2,
    ],
)
def test_a_file_of_sqlite_is_found_from_any_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch, origin: str, expected: str
) -> None:
    """As other files that do not lie beside the project are."""
    monkeypatch.chdir(project.parent)

    assert expected.format(here=project.parent.resolve()) == source.kept(origin, project)


@pytest.mark.parametrize("named", ["../files/people.csv", "files/people.csv"])
def test_what_lies_elsewhere_is_named_whole(
    project: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """It does not move with the project, which is found from any folder."""
    monkeypatch.chdir(project.parent)
    kept = source.kept(only(named).origin, project)
    assert str((project.parent / named).resolve()) == kept

    monkeypatch.chdir("/")
    assert [{"id": "1", "name": "Ada"}] == rows_of(source.declared(kept, project))


def test_a_project_that_is_a_link_is_where_it_leads_to(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beside the link is not beside the project, and is found all the same."""
    link = project.parent.parent / "link"
    link.symlink_to(project)
    monkeypatch.chdir(link.parent)
    (link.parent / "people.csv").write_text(CSV)

    for named, expected in (
        ("people.csv", str((link.parent / "people.csv").resolve())),
        ("link/files/people.csv", "files/people.csv"),
        ("checkout/people.csv", "../people.csv"),
    ):
        kept = source.kept(named, link)
        assert expected == kept
        assert 1 == len(rows_of(source.declared(kept, link)))


def test_a_part_is_kept_with_its_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of all files of a folder beside the project, which have the same columns."""
    monkeypatch.chdir(project.parent)
    kept = source.kept("files#files", project)

    assert "../files#files" == kept
    monkeypatch.chdir("/")
    assert 3 == len(rows_of(source.declared(kept, project)))


@pytest.mark.parametrize(
    "origin",
    [
        *("warehouse#raw.customers", "postgresql://reader@db.example.com/bank#payments"),
        "sqlite:////data/shop.db?query=select 1",
    ],
)
def test_an_address_is_the_same_from_everywhere(tmp_path: Path, origin: str) -> None:
    """It names no path of this machine."""
    assert origin == source.kept(origin, tmp_path)
    assert origin == source.declared(origin, tmp_path)
