"""What is never removed with the pages of old gates."""

from datetime import date
from pathlib import Path

from pipelines.adapters.gates.docs_folder import DataDocsFolder

AFTER = date(2026, 3, 1)


def test_no_link_is_followed_and_what_all_pages_share_stays(tmp_path: Path) -> None:
    """Neither in the place of a population, nor of a night, nor within the pages of one."""
    outside, root = tmp_path / "outside", tmp_path / "data_docs"
    (outside / "2026-01-01").mkdir(parents=True)
    precious = outside / "2026-01-01" / "precious"
    precious.touch()
    (root / "static").mkdir(parents=True)
    gate = DataDocsFolder(root).of("subscribers", date(2026, 1, 1), "sources")
    gate.mkdir(parents=True)
    (gate / "static").symlink_to(root / "static")
    (root / "linked").symlink_to(outside)
    (root / "subscribers" / "2026-01-02").symlink_to(outside / "2026-01-01")

    assert 1 == DataDocsFolder(root).remove_before(AFTER, frozenset())
    assert precious.exists()
    assert ["linked", "static", "subscribers"] == sorted(path.name for path in root.iterdir())
    assert ["2026-01-02"] == [path.name for path in (root / "subscribers").iterdir()]
