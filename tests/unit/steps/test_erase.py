"""Who has to stand still while a customer is erased, and what is told of it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
import structlog.testing

from pipelines.domain.privacy.erasure import Erasure
from pipelines.errors import RunLocked
from pipelines.steps.erase import erase

ID = "somebody-1"
EVERYBODY = [
    "dbt build",
    "load of demo customers",
    "import of retail",
    "import of telco",
    "writer of ours",
    "writer of theirs",
]


@dataclass
class Memory:
    """The tables and the locks, in memory."""

    taken: str = ""
    held: list[str] = field(default_factory=list)
    held_while_erasing: list[str] = field(default_factory=list)

    def erase(self, customer_id: str, progress: Callable[[str, int], None]) -> Erasure:
        """Remember which locks were held."""
        self.held_while_erasing = [*self.held]
        progress("raw.customers", len(customer_id))

        return Erasure({"raw.customers": 3}, lists=2, erased_before=None, audit_id=7)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Be free, but for one."""
        if name == self.taken:
            raise RunLocked(f"another {name}", next_step="wait")
        self.held.append(name)
        try:
            yield
        finally:
            self.held.remove(name)

    def run(self) -> Erasure:
        """Erase one customer of two populations."""
        return erase(
            customer_id=ID,
            populations=["theirs", "ours"],
            imports=["telco", "retail"],
            store=self,
            locks=self,
        )


def test_everybody_who_writes_stands_still() -> None:
    """Every lock is held while the customer goes, and none after."""
    memory = Memory()
    memory.run()

    assert EVERYBODY == memory.held_while_erasing
    assert [] == memory.held


@pytest.mark.parametrize("taken", EVERYBODY)
def test_whoever_is_at_work_is_waited_for(taken: str) -> None:
    """One lock that is taken is enough, and nothing is erased."""
    memory = Memory(taken=taken)
    with pytest.raises(RunLocked, match=taken):
        memory.run()

    assert [] == memory.held_while_erasing == memory.held


def test_the_log_counts_and_names_nobody() -> None:
    """Tables and numbers are logged, the id is not."""
    with structlog.testing.capture_logs() as logs:
        erased = Memory().run()

    assert {"table": "raw.customers", "rows": len(ID)}.items() <= logs[0].items()
    assert {"rows": 3, "lists": 2, "audit_id": 7, "is_again": False}.items() <= logs[1].items()
    assert ID not in str(logs)
    assert "3 rows removed, 2 lists corrected (entry 7 of churn audit)" == str(erased)


def test_a_second_time_says_when_the_first_was() -> None:
    """The line people read begins with the date."""
    again = Erasure({"raw.customers": 0}, 0, date(2026, 11, 1), 8)

    assert str(again).startswith("erased before, on 2026-11-01; now 0 rows removed")
