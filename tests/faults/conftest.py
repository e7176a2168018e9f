"""One business a session, a copy of it a module, and the table of what they went through."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

# Before they are imported, or their asserts would fail without saying what they saw.
pytest.register_assert_rewrite(
    *(f"tests.faults.{name}" for name in ("business", "checker", "disk", "sources"))
)

from tests.e2e.churn_home import fresh  # noqa: E402
from tests.faults import table, template  # noqa: E402
from tests.faults.business import Business  # noqa: E402
from tests.faults.sources import Sources  # noqa: E402
from tests.faults.table import Told  # noqa: E402
from tests.faults.template import Copies  # noqa: E402

# Another session's business, so that one that only has to fail need not make its own.
TEMPLATE = "CHURN_FAULTS_TEMPLATE"
# Where the table is written to as well.
JSON = "CHURN_FAULTS_JSON"

TOLD = pytest.StashKey[list[Told]]()
HAS_TOLD = pytest.StashKey[bool]()
HAS_HELD = pytest.StashKey[bool]()
Tell = Callable[..., None]


@pytest.fixture(scope="session")
def at_rest() -> Iterator[Business]:
    """Customers, a champion, two published nights; its server is stopped."""
    if home := os.environ.get(TEMPLATE):
        yield template.found(Path(home))
        return
    with fresh() as churn_home:
        yield template.made(churn_home)


@pytest.fixture(scope="module")
def copies(at_rest: Business) -> Iterator[Copies]:
    """Copies of the business for one module, one after the other."""
    made = Copies(at_rest)
    yield made
    made.drop()


@pytest.fixture
def business(request: pytest.FixtureRequest, copies: Copies) -> Iterator[Business]:
    """The module's copy of the business to disturb; after a fault that did not hold, a new one."""
    yield copies.current()
    if not request.node.stash.get(HAS_HELD, False):
        copies.drop()


@pytest.fixture
def sources(business: Business, copies: Copies) -> Sources:
    """The raw tables behind the copy's night UNTIL, which is published from them."""
    if copies.sources is None or copies.sources.business is not business:
        copies.sources = Sources(business)

    return copies.sources


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
    if call.when == "call":
        item.stash[HAS_HELD] = report.passed

    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table; write it to the file CHURN_FAULTS_JSON names as well."""
    lines = table.together(config.stash.get(TOLD, []))
    if not lines:
        return
    terminalreporter.section("faults that held")
    for text in table.text(lines):
        terminalreporter.write_line(text)
    if path := os.environ.get(JSON):
        table.write(Path(path), lines)
