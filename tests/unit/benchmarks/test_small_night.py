"""What the benchmark of a small night makes of what it measured."""

from typing import Any

from tests.benchmarks.small_night import COMMANDS, table


def night(way: str, seconds: float, *commands: str) -> dict[str, Any]:
    """Return one night whose commands took so many seconds each, half of them of CPU."""
    cost = {"seconds": seconds, "cpu_seconds": seconds / 2}

    return {"way": way, "costs": dict.fromkeys(commands, cost)}


def test_the_first_night_of_each_way_is_not_counted() -> None:
    """It builds what later ones keep; of the others the table has medians, and ten are summed."""
    found = [
        *(night("help", seconds, "--help") for seconds in (9, 0.2, 0.4, 0.2)),
        *(night("run", seconds, "run") for seconds in (99, 10, 12, 11)),
        *(night("commands", seconds, *COMMANDS) for seconds in (99, 1, 2, 3)),
    ]
    lines = table(found).splitlines()

    assert "| `churn --help` | 3 | 0.10 | 0.20 |" == lines[2]
    assert "| `churn run` | 3 | 5.50 | 11.00 |" == lines[3]
    assert [f"| `churn {command}` | 3 | 1.00 | 2.00 |" for command in COMMANDS] == lines[4:14]
    assert "| all ten | 3 | 10.00 | 20.00 |" == lines[14]
