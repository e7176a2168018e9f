"""What goes with the pages of old nights, and what is none of them."""

from datetime import date
from pathlib import Path

from pipelines.adapters.files.report_folder import ReportFolder


def test_only_pages_and_what_is_left_of_them_go(tmp_path: Path) -> None:
    """A page that was never finished is one too; a link and anybody else's file are not."""
    others = ("subscribers-latest.html", "subscribers-2026-01-01.svg", "linked-2026-01-01.txt")
    (tmp_path / "precious").touch()
    for name in others[:2]:
        (tmp_path / name).touch()
    (tmp_path / others[2]).symlink_to(tmp_path / "precious")
    for name in (
        *("subscribers-2026-01-01.txt", "subscribers-2026-01-01.html"),
        "subscribers-2026-01-02.partial",
    ):
        (tmp_path / name).touch()

    assert 2 == ReportFolder(tmp_path).remove_before(date(2026, 3, 1), frozenset())
    assert sorted([*others, "precious"]) == sorted(path.name for path in tmp_path.iterdir())
