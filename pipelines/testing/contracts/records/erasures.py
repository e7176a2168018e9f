"""What erasing a customer does, whoever keeps the tables."""

import pytest

from pipelines.domain.imports.loads import Load
from pipelines.domain.ports.records import Erasures, RawTables
from pipelines.domain.privacy.erasure import Erasure, customer_sha256
from pipelines.errors import CustomerUnknown
from pipelines.testing.contracts.records.rows import events, tickets, visits

TABLES = ("support_tickets", "usage_events", "visits")
BEFORE = {"support_tickets": 1, "usage_events": 5, "visits": 3}


class ErasuresContract:
    """
    Tests of raw tables that know three customers: ann, ann2 and Ann.

    A subclass provides tables without a row as the fixture `raw`, one of them `visits`, which the
    migrations do not make, and what erases from them as the fixture `erasures`.
    """

    @pytest.fixture(autouse=True)
    def _rows(self, raw: RawTables) -> None:
        """Fill the tables."""
        tables = {
            "usage_events": events("ann", "ann2", "Ann", "ann", "ann2"),
            "support_tickets": tickets("ann"),
            "visits": visits(None, "ann", "ann2"),
        }
        raw.append([tables], Load("demo", "abcdef", 9, {}))
        assert BEFORE == raw.rows(TABLES)

    def test_one_customer_goes_and_nobody_else(self, raw: RawTables, erasures: Erasures) -> None:
        """Others whose ids look alike stay, and so do rows of nobody in particular."""
        erased = erasures.erase("ann", _nobody_listens)

        assert {
            "visits": 2,
            "support_tickets": 0,
            "usage_events": 3,
        } == raw.rows(TABLES)
        assert {
            "raw.visits": 1,
            "raw.support_tickets": 1,
            "raw.usage_events": 2,
        } == {table: rows for table, rows in erased.rows.items() if rows}
        assert (0, None) == (erased.lists, erased.erased_before)

    def test_a_digest_stays_instead(self, raw: RawTables, erasures: Erasures) -> None:
        """Loaders leave out who has one."""
        erasures.erase("ann", _nobody_listens)

        assert {customer_sha256("ann")} == raw.erased()

    def test_progress_is_told_every_table(self, erasures: Erasures) -> None:
        """With the rows that are removed from it, also where there are none."""
        told: list[tuple[str, int]] = []
        erased = erasures.erase("Ann", lambda table, rows: told.append((table, rows)))

        assert [*erased.rows.items()] == told
        assert ("raw.support_tickets", 0) in told

    def test_whom_nobody_knows_changes_nothing(self, raw: RawTables, erasures: Erasures) -> None:
        """A slip of the pen leaves no digest, and what was typed is not repeated."""
        with pytest.raises(CustomerUnknown) as refused:
            erasures.erase("ann-3", _nobody_listens)

        assert "ann-3" not in refused.value.message + refused.value.next_step
        assert BEFORE == raw.rows(TABLES)
        assert frozenset() == raw.erased()

    def test_an_erasure_that_fails_changes_nothing(
        self, raw: RawTables, erasures: Erasures
    ) -> None:
        """It is one transaction, whoever interrupts it."""

        def interrupt(table: str, _rows: int) -> None:
            if table == "raw.usage_events":
                raise ValueError("interrupted")

        with pytest.raises(ValueError, match="interrupted"):
            erasures.erase("ann", interrupt)

        assert BEFORE == raw.rows(TABLES)
        assert frozenset() == raw.erased()

    def test_a_second_time_is_harmless_and_says_when_the_first_was(
        self, raw: RawTables, erasures: Erasures
    ) -> None:
        """Nothing is left to remove; each time has a number of its own in the trail."""
        first = erasures.erase("ann", _nobody_listens)
        again = erasures.erase("ann", _nobody_listens)

        assert again.erased_before is not None
        assert again == Erasure(
            rows=dict.fromkeys(first.rows, 0),
            lists=0,
            erased_before=again.erased_before,
            audit_id=first.audit_id + 1,
        )
        assert {customer_sha256("ann")} == raw.erased()

    def test_who_came_back_goes_again(self, raw: RawTables, erasures: Erasures) -> None:
        """With the date of the first time; another customer's first time is their own."""
        erasures.erase("ann", _nobody_listens)
        raw.append([{"support_tickets": tickets("ann", "ann2")}], Load("demo", "again", 2, {}))
        again = erasures.erase("ann", _nobody_listens)
        other = erasures.erase("ann2", _nobody_listens)

        assert (1, True) == (again.rows["raw.support_tickets"], again.erased_before is not None)
        assert (1, None) == (other.rows["raw.support_tickets"], other.erased_before)
        assert {customer_sha256("ann"), customer_sha256("ann2")} == raw.erased()


def _nobody_listens(table: str, rows: int) -> None:
    """Take the progress of an erasure and do nothing about it."""
