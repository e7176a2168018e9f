"""One business a session, a copy of it a module, and the table of what they went through."""

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from pipelines.adapters import postgres
from tests.e2e.installation import fresh
from tests.faults import table, template
from tests.faults.business import Business
from tests.faults.table import Told

# Another session's business, so that one that only has to fail need not make its own.
TEMPLATE = "CHURN_FAULTS_TEMPLATE"
# Where the table is written to as well.
JSON = "CHURN_FAULTS_JSON"

TOLD = pytest.StashKey[list[Told]]()
HAS_TOLD = pytest.StashKey[bool]()
Tell = Callable[..., None]


@pytest.fixture(scope="session")
def at_rest() -> Iterator[Business]:
    """Customers, a champion, two published nights; its server is stopped."""
    if home := os.environ.get(TEMPLATE):
        yield template.found(Path(home))
        return
    with fresh() as installation:
        yield template.made(installation)


@pytest.fixture(scope="module")
def business(at_rest: Business) -> Iterator[Business]:
    """A copy of the business for one module to disturb."""
    with tempfile.TemporaryDirectory(prefix="churn-fault-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        copy = template.copied(at_rest, home)
        yield copy
        copy.end()
        postgres.remove(home)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Add lines to the table: fault, outcome, polls, times, and counts the outcome names."""

    def tell(fault: str, outcome: str, polls: int = 0, times: int = 1, **counts: int) -> None:
        told = request.config.stash.setdefault(TOLD, [])
        told.append(Told(fault, outcome, polls, times, counts, request.node.originalname))
        request.node.stash[HAS_TOLD] = True

    return tell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a fault that was skipped, and one that held without a line in the table."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a fault may not be skipped: {report.longrepr}"
    elif report.passed and call.when == "call" and not item.stash.get(HAS_TOLD, False):
        report.outcome = "failed"
        report.longrepr = "the fault told nothing"

    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table; write it to the file CHURN_FAULTS_JSON names as well."""
    lines = table.together(config.stash.get(TOLD, []))
    if not lines:
        return
    terminalreporter.section("faults that held")
    width = max(len(line.fault) for line in lines)
    for line in lines:
        polls = f"{line.polls} polls" if line.polls else ""
        terminalreporter.write_line(
            f"{line.fault:<{width}}  {line.times:>3} times {polls:>11}  {line.sentence}"
        )
    if path := os.environ.get(JSON):
        table.write(Path(path), lines)
