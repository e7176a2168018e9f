"""Blocks of a page, and tables in them."""

import pytest

from docs.generate.blocks import filled, names, table

PAGE = """# Title

<!-- generated: one -->
old
<!-- end -->

kept

<!-- generated: two -->
<!-- end -->
"""


def test_blocks_are_replaced_and_the_rest_is_kept() -> None:
    """What stands between the markers is written anew, once or twice alike."""
    blocks = {"one": "1", "two": "2"}
    once = filled(PAGE, blocks)

    assert ["one", "two"] == names(PAGE)
    assert "old" not in once
    assert "\nkept\n" in once
    assert "<!-- generated: one -->\n\n1\n\n<!-- end -->" in once
    assert once == filled(once, blocks)


def test_a_block_nobody_generates_is_refused() -> None:
    """A marker with a name that is misspelt does not stay empty."""
    with pytest.raises(KeyError, match="two"):
        filled(PAGE, {"one": "1"})


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    """A value that holds a vertical bar stays one cell."""
    assert "| a | b |\n| --- | --- |\n| x\\|y | 1 |" == table(("a", "b"), [("x|y", 1)])
