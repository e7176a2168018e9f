"""One business a session, a copy of it a module, and the table of what they went through."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

# Before they are imported, or their asserts would fail without saying what they saw.
pytest.register_assert_rewrite(
    *(f"tests.faults.{name}" for name in ("business", "checker", "disk", "sources"))
)

from tests import once  # noqa: E402
from tests.e2e import at_rest  # noqa: E402
from tests.faults import template, told  # noqa: E402
from tests.faults.business import Business  # noqa: E402
from tests.faults.sources import Sources  # noqa: E402
from tests.faults.table import Told  # noqa: E402
from tests.faults.template import Copies  # noqa: E402

# Another session's business, so that one that only has to fail need not make its own.
TEMPLATE = "CHURN_FAULTS_TEMPLATE"

HAS_HELD = pytest.StashKey[bool]()
Tell = Callable[..., None]


@pytest.fixture(scope="session")
def undisturbed(request: pytest.FixtureRequest) -> Business:
    """Customers, a champion, two published nights; its server is stopped."""
    if home := os.environ.get(TEMPLATE):
        return template.found(Path(home))
    before = request.getfixturevalue("at_rest")

    def make(home: Path) -> None:
        at_rest.copied(before, home, is_durable=False)
        template.made(home)

    return template.found(once.made(request.getfixturevalue("run_folder"), "faults", make))


@pytest.fixture(scope="module")
def copies(undisturbed: Business) -> Iterator[Copies]:
    """Copies of the business for one module, one after the other."""
    made = Copies(undisturbed)
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
        line = Told(fault, outcome, polls, times, counts, request.node.originalname)
        request.node.user_properties.append(told.as_property(line))

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
    elif report.passed and call.when == "call" and not told.lines(report):
        report.outcome = "failed"
        report.longrepr = "the fault told nothing"
    if call.when == "call":
        item.stash[HAS_HELD] = report.passed

    return report
