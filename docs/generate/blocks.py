"""Blocks of a page that are generated, between two comments, and Markdown tables to put there."""

import re
from collections.abc import Iterable, Mapping, Sequence

BLOCK = re.compile(r"<!-- generated: ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)


def names(page: str) -> list[str]:
    """Return the names of the blocks of *page*, in order."""
    return BLOCK.findall(page)


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """
    Return *page* with the text of each of its blocks replaced.

    Args:
        page: Markdown.
        blocks: Text by name of the block; a name nobody generates raises KeyError.
    """
    return BLOCK.sub(
        lambda found: f"<!-- generated: {found[1]} -->\n\n{blocks[found[1]]}\n\n<!-- end -->", page
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    return "\n".join(_row(line) for line in (columns, ["---"] * len(columns), *rows))


def _row(cells: Sequence[object]) -> str:
    """Return one line of a table; a vertical bar in a cell stays a character."""
    texts = [str(cell).replace("|", "\\|") for cell in cells]

    return f"| {' | '.join(texts)} |"
