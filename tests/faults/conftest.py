"""One business a session, a copy of it a module, and the table of what they went through."""

import json
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.wiring import data
from tests.e2e.installation import fresh
from tests.faults.business import (
    CUSTOMERS,
    EARLIER,
    MONTHS,
    NIGHT,
    POPULATION,
    UNTIL,
    Business,
    copied,
)


@dataclass(frozen=True, slots=True)
class Told:
    """
    One line of the table.

    Attributes:
        fault: What was done.
        outcome: What happened then.
        polls: How often a reader looked meanwhile.
        times: How often it was done.
    """

    fault: str
    outcome: str
    polls: int = 0
    times: int = 1


TOLD = pytest.StashKey[list[Told]]()
Tell = Callable[..., None]


@pytest.fixture(scope="session")
def template() -> Iterator[Business]:
    """Customers, a champion, two published nights, and the two inputs the second can have."""
    with fresh() as installation:
        churn = installation.churn
        churn("load-demo", "--customers", CUSTOMERS, "--months", MONTHS, "--as-of", UNTIL)
        latest = EARLIER - timedelta(days=30)
        first = latest - timedelta(days=210)
        churn("backfill", "--from", first, "--to", latest, "--every", 30, "--as-of", EARLIER)
        assert "is champion" in churn("train", "--as-of", EARLIER)
        churn("run", "--as-of", EARLIER, "--until", NIGHT)

        made = Business(installation)
        _make_two_lists(made)
        made.end()
        yield made


def _make_two_lists(made: Business) -> None:
    """Let NIGHT have two lists: as it was, and with tickets that were known just in time."""
    made.keep_features(0)
    opened, loaded = f"{NIGHT - timedelta(days=3)}T12:00Z", f"{EARLIER}T23:59:59Z"
    added = made.execute(
        "insert into raw.support_tickets (ticket_id, customer_id, opened_at, loaded_at) "
        f"select 'fault-' || customer_id, customer_id, '{opened}', '{loaded}' "
        f"from analytics.fct_customer_features where as_of = '{NIGHT}' "
        "order by customer_id limit 300"
    )
    assert added == 300
    data.build_features(made.wired, POPULATION, [NIGHT], NIGHT)
    made.keep_features(1)
    made.execute("delete from raw.support_tickets where ticket_id like 'fault-%'")
    data.build_features(made.wired, POPULATION, [NIGHT], NIGHT)

    for number in (0, 1, 0):
        made.put_features(number)
        made.finish()
        rows, runs, shown = made.seen(NIGHT)
        assert rows > 500
        assert runs == 1
        assert shown is not None
        if shown not in made.lists:
            made.lists.append(shown)
    assert len(made.lists) == 2
    assert made.lists[0] == shown


@pytest.fixture(scope="module")
def business(template: Business) -> Iterator[Business]:
    """A copy of the business for one module to disturb."""
    with tempfile.TemporaryDirectory(prefix="churn-fault-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        made = copied(template, home)
        yield made
        made.end()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Iterator[Tell]:
    """Add lines to the table; a fault that tells nothing did not hold."""
    told = request.config.stash.setdefault(TOLD, [])
    before = len(told)

    def tell(fault: str, outcome: str, polls: int = 0, times: int = 1) -> None:
        told.append(Told(fault, outcome, polls, times))

    yield tell
    if request.node.stash.get(PASSED, False):
        assert len(told) > before, "the fault told nothing"


PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test passed, for the fixture that asks whether it told anything."""
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed

    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table; write it to the file CHURN_FAULTS_JSON names as well."""
    told = config.stash.get(TOLD, [])
    if not told:
        return
    terminalreporter.section("faults that held")
    width = max(len(line.fault) for line in told)
    for line in told:
        polls = f"{line.polls} polls" if line.polls else ""
        terminalreporter.write_line(
            f"{line.fault:<{width}}  {line.times:>3} times {polls:>10}  {line.outcome}"
        )
    if path := os.environ.get("CHURN_FAULTS_JSON"):
        Path(path).write_text(json.dumps([asdict(line) for line in told], indent=1), "utf-8")
