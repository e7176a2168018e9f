"""Writing a file again."""

import pytest

from pipelines.domain.scaffolds.changes import change


@pytest.mark.parametrize(
    ("found", "is_edited", "effect"),
    [
        (None, False, "new"),
        ("a\n", False, "same"),
        ("a\n", True, "same"),
        ("b\n", False, "renewed"),
        ("b\n", True, "kept"),
    ],
)
def test_what_somebody_has_changed_is_kept(found: str | None, is_edited: bool, effect: str) -> None:
    """And what nobody has is written as it is now."""
    told = change("x.sql", wanted="a\n", found=found, is_edited=is_edited)

    assert effect == told.effect
    assert ("-b" in told.difference and "+a" in told.difference) == (found == "b\n")
