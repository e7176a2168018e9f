"""What was judged, as a table."""

import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CALM = "calm"
HEADER = f"{'customers':>9}  {'engine':<6}  {'case':<36}  {'judged':>6}  {'alarms':>6}  to be"


def lines(told: Path) -> list[dict[str, Any]]:
    """Return every judged night, one judged again once, as it was last."""
    if not told.exists():
        return []
    found = [json.loads(line) for line in told.read_text("utf-8").splitlines()]
    named = ("customers", "engine", "case", "repeat", "night", "as_of")

    return [*{tuple(line[name] for name in named): line for line in found}.values()]


def table(judged: Sequence[dict[str, Any]]) -> str:
    """Return alarms by case: of calm nights how often one began, of changes how many were seen."""
    groups = defaultdict(list)
    for line in judged:
        groups[line["customers"], line["engine"], line["case"]].append(line)

    return "\n".join([HEADER, *(_row(key, group) for key, group in groups.items())])


def began(nights: Sequence[dict[str, Any]]) -> int:
    """Return how many alarms there were: nights that are not quiet, after one that was."""
    verdicts = ["quiet", *(line["verdict"] for line in sorted(nights, key=lambda at: at["as_of"]))]

    return sum(before == "quiet" and now != "quiet" for before, now in itertools.pairwise(verdicts))


def _row(key: tuple[int, str, str], group: Sequence[dict[str, Any]]) -> str:
    """Return one line."""
    customers, engine, case = key
    if case == CALM:
        judged, alarms, wanted = len(group), began(group), "at most 1 a year"
    else:
        repeats = {line["repeat"] for line in group}
        judged = len(repeats)
        alarms = len({line["repeat"] for line in group if line["verdict"] != "quiet"})
        wanted = "at least 95 %" if group[0]["is_caught"] else "at most 5 %"

    return f"{customers:>9,}  {engine:<6}  {case:<36}  {judged:>6}  {alarms:>6}  {wanted}"
