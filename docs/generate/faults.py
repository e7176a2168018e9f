"""What every fault of the last `make faults` led to, from docs/faults.json."""

from collections.abc import Sequence

from docs.generate.blocks import table
from tests.faults.table import Told


def faults(lines: Sequence[Told]) -> str:
    """Return the sums and one row a kind of fault."""
    times, reads = sum(line.times for line in lines), sum(line.polls for line in lines)
    rows = [
        (line.fault, line.times or "none", line.sentence, f"{line.polls:,}" if line.polls else "")
        for line in lines
    ]
    head = f"{times} faults of {len(lines)} kinds; {reads:,} reads meanwhile, all of whole lists."

    return f"{head}\n\n{table(('fault', 'times', 'then', 'reads'), rows)}"
