"""The table of faults: what was done, how often, and what happened then."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Told:
    """
    One line of the table.

    Attributes:
        fault: What was done.
        outcome: What happened then; `{name}` stands for one of *counts*.
        polls: How often a reader looked meanwhile.
        times: How often it was done.
        counts: What happened how often, added up over lines of the same fault.
        test: The test that told it.
    """

    fault: str
    outcome: str
    polls: int = 0
    times: int = 1
    counts: dict[str, int] = field(default_factory=dict)
    test: str = ""

    @property
    def sentence(self) -> str:
        """The outcome with its numbers."""
        return self.outcome.format(**self.counts)


def together(told: Iterable[Told]) -> list[Told]:
    """Return one line a fault, in the order of the first; those of one fault are added up."""
    lines: dict[str, Told] = {}
    for line in told:
        before = lines.get(line.fault)
        if before is None:
            lines[line.fault] = line
            continue
        assert before.outcome == line.outcome, f"{line.fault} has two outcomes"
        lines[line.fault] = Told(
            line.fault,
            line.outcome,
            before.polls + line.polls,
            before.times + line.times,
            {name: before.counts[name] + line.counts[name] for name in before.counts},
            before.test,
        )

    return list(lines.values())


def text(lines: Sequence[Told]) -> list[str]:
    """Return the table for a terminal, line by line."""
    width = max((len(line.fault) for line in lines), default=0)

    return [
        f"{line.fault:<{width}}  {line.times:>3} times "
        f"{f'{line.polls} reads' if line.polls else '':>12}  {line.sentence}"
        for line in lines
    ]


def write(path: Path, told: Iterable[Told]) -> None:
    """Write lines as JSON."""
    path.write_text(json.dumps([asdict(line) for line in told], indent=1) + "\n", "utf-8")


def read(path: Path) -> list[Told]:
    """Read what *write* wrote."""
    return [Told(**line) for line in json.loads(path.read_text("utf-8"))]
