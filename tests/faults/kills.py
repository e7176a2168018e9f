"""
Whole nights killed at random moments, as often as one likes; what was done is not done again.

    python -m tests.faults.kills 300 --results var/kills.jsonl

Each kill is a line of the file: the stage it was meant for and the one it hit, the list people
saw after it, how often a reader has looked meanwhile, and what did not hold, if anything. Every
stage is as likely, however short, and within it every moment. Ended and called again it goes on
with the next number.
"""

import argparse
import contextlib
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipelines.settings import ROOT
from tests import once
from tests.e2e import at_rest
from tests.e2e.at_rest import EARLIER, NIGHT
from tests.e2e.churn_home import ChurnHome
from tests.faults.business import Business
from tests.faults.checker import Checker
from tests.faults.server import WAIT_SECONDS

SEED = 20261129
STAGE = re.compile(r"^(.+?) (?:…|done in ([0-9.]+) s)$")
ADDED = (
    "insert into raw.support_tickets (ticket_id, customer_id, opened_at, loaded_at) "
    f"select 'kill-' || customer_id, customer_id, timestamptz '{EARLIER}T00:00Z', "
    f"timestamptz '{EARLIER}T23:59:59Z' from analytics.fct_customer_features "
    f"where as_of = '{NIGHT}' order by customer_id limit 40"
)
REMOVED = "delete from raw.support_tickets where ticket_id like 'kill-%'"


def main() -> int:
    """Kill as many nights as are missing in the file; return 1 if one of all did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0].strip())
    parser.add_argument("times", type=int)
    parser.add_argument("--results", type=Path, default=ROOT / "var" / "kills.jsonl")
    asked = parser.parse_args()
    # Or the database it has started would outlive it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked.results.parent.mkdir(parents=True, exist_ok=True)
    done = [json.loads(line) for line in asked.results.read_text().splitlines()] if (
        asked.results.exists()
    ) else []  # fmt: skip

    missing = [n for n in range(asked.times) if n not in {kill["number"] for kill in done}]
    if missing:
        with ready() as (business, lists, stages), asked.results.open("a") as results:
            for number in missing:
                done.append(kill_one(business, lists, number, stages))
                results.write(json.dumps(done[-1]) + "\n")
                results.flush()
                say(f"{number + 1:4} of {asked.times}: {done[-1]}")
    told(done)

    return int(any(kill["fault"] for kill in done))


@contextlib.contextmanager
def ready() -> Iterator[tuple[Business, dict[bool, str], dict[str, float]]]:
    """Have a business, the lists of its two inputs, and the seconds of an undisturbed night."""
    with once.lasting() as folder:
        business = Business(ChurnHome(once.made(folder, "business", at_rest.made)))
        try:
            lists: dict[bool, str] = {}
            stages: dict[str, float] = {}
            for has_more in (True, False):
                turn(business, has_more=has_more)
                stages = end_night(business)
                lists[has_more] = business.seen(NIGHT)[2] or ""
            assert len({*lists.values()}) == 2
            assert {"features", "publish"} < {*stages}
            say(f"an undisturbed night takes {sum(stages.values()):.0f} s: {stages}")
            yield business, lists, stages
        finally:
            business.end()


def kill_one(
    business: Business, lists: dict[bool, str], number: int, stages: dict[str, float]
) -> dict[str, object]:
    """Kill one night and do it again; return what happened."""
    dice = random.Random(f"{SEED} {number}")
    has_more = business.seen(NIGHT)[2] == lists[False]
    turn(business, has_more=has_more)
    checker = Checker(business, NIGHT, lists[not has_more], lists[has_more])
    aim = dice.choice([*stages])
    after = dice.uniform(0, stages[aim])
    stage, shown, fault = "", "", ""
    try:
        with checker.watched():
            stage = hit(business, business.start("run"), aim, after)
            business.wait_until_noticed()
            shown = "new" if business.seen(NIGHT)[2] == checker.new else "old"
            checker.check(checker.new if shown == "new" else checker.old)
            end_night(business)
        checker.check_finished(checker.new)
    except AssertionError as error:
        fault = str(error) or "an assertion without words"

    return {
        "number": number,
        "aim": aim,
        "after_seconds": round(after, 2),
        "stage": stage,
        "shown": shown,
        "polls": checker.polls,
        "fault": fault,
    }


def turn(business: Business, *, has_more: bool) -> None:
    """Let the night have forty tickets more than it had, or not."""
    touched = business.execute(ADDED if has_more else REMOVED)
    assert touched == 40 or not has_more


def end_night(business: Business) -> dict[str, float]:
    """Do the night to its end; return the seconds of each of its stages."""
    done = business.run("run")
    assert done.returncode == 0, done.stderr[-2000:]
    found = [STAGE.match(line) for line in done.stderr.splitlines()]

    # The night itself is told like a stage too.
    return {
        stage[1]: float(stage[2])
        for stage in found
        if stage and stage[2] and str(NIGHT) not in stage[1]
    }


def hit(business: Business, process: subprocess.Popen[str], aim: str, after: float) -> str:
    """Kill a night *after* seconds of the stage *aim*; return the stage it was in."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if line == f"{aim} …\n":
            time.sleep(after)
            break
    has_ended = process.poll() is not None
    business.kill_group(process)
    said += process.communicate(timeout=WAIT_SECONDS)[1]
    if has_ended:
        return "after its end"
    stages = [found for line in said.splitlines() if (found := STAGE.match(line))]
    if not stages:
        return "before its first stage"
    name, seconds = stages[-1].groups()

    return f"after {name}" if seconds else str(name)


def told(done: list[dict[str, object]]) -> None:
    """Print the kills by stage, and what did not hold."""
    stages = Counter((str(kill["stage"]), str(kill["shown"])) for kill in done)
    for (stage, shown), count in sorted(stages.items()):
        say(f"{count:5} {stage:<28} {shown} list")
    faults = [kill for kill in done if kill["fault"]]
    polls = sum(int(str(kill["polls"])) for kill in done)
    say(f"{len(done)} kills, {polls:,} reads, {len(faults)} violations")
    for kill in faults:
        say(json.dumps(kill))


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
