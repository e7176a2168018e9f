"""The section of the README that is written from the table of faults."""

import re
from collections.abc import Sequence

from tests.faults.table import Told

BEGIN, END = "<!-- faults:begin -->", "<!-- faults:end -->"


def section(lines: Sequence[Told]) -> str:
    """Return the table as Markdown, between its markers."""
    rows = [
        f"| {line.fault} | {line.times or 'none'} | {line.sentence} | {line.polls or ''} |"
        for line in lines
    ]
    times, polls = sum(line.times for line in lines), sum(line.polls for line in lines)

    return "\n".join(
        [
            BEGIN,
            f"{times} faults of {len(lines)} kinds; {polls:,} reads meanwhile, all of whole lists.",
            "",
            "| fault | times | then | reads |",
            "|---|---|---|---|",
            *rows,
            END,
        ]
    )


def written(readme: str) -> str:
    """Return the section as it stands in *readme*."""
    found = re.findall(f"{BEGIN}.*?{END}", readme, re.DOTALL)
    assert len(found) == 1, f"the README has {len(found)} sections of faults"

    return str(found[0])
