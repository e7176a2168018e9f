"""What raw tables and the ledger of loads do, wherever they are."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

import pyarrow as pa
import pytest

from pipelines.domain.imports.loads import Load
from pipelines.domain.ports.records import RawTables
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.testing.contracts.records.rows import events, tickets

T = TypeVar("T", bound=RawTables)

TABLES = ("usage_events", "support_tickets")
LOAD = Load("demo", "abcdef", 3, {"seed": 7, "tables": ["usage_events"], "until": "2026-03-01"})


class RawTablesContract(ABC, Generic[T]):
    """Tests of tables without a row, which a subclass provides as the fixture `raw`."""

    @abstractmethod
    def erased(self, raw: T, customer_id: str) -> None:
        """Let a customer have been erased, of whom there was no row."""

    def test_at_first_there_is_nothing(self, raw: T) -> None:
        """No load, no row, nobody erased."""
        assert [] == raw.loads("demo")
        assert frozenset() == raw.erased()
        assert {"usage_events": 0, "support_tickets": 0} == raw.rows(TABLES)
        assert {} == raw.rows([])

    def test_rows_and_their_load_are_added_together(self, raw: T) -> None:
        """Several tables at once; the entry comes back whole."""
        raw.append([{"usage_events": events("a", "b"), "support_tickets": tickets("a")}], LOAD)

        assert {"usage_events": 2, "support_tickets": 1} == raw.rows(TABLES)
        assert [LOAD] == raw.loads("demo")

    def test_rows_are_only_ever_added(self, raw: T) -> None:
        """A second load takes nothing away, of its own tables neither."""
        raw.append([{"usage_events": events("a", "b"), "support_tickets": tickets("a")}], LOAD)
        raw.append([{"usage_events": events("a")}], replace(LOAD, fingerprint="another"))

        assert {"support_tickets": 1, "usage_events": 3} == raw.rows(TABLES[::-1])

    def test_loads_are_listed_by_source_oldest_first(self, raw: T) -> None:
        """Also those that added no row."""
        loads = [replace(LOAD, fingerprint=name, rows=0) for name in ("c", "a", "b")]
        for load in (loads[0], replace(LOAD, source="trial"), *loads[1:]):
            raw.append([], load)

        assert loads == raw.loads("demo")
        assert [] == raw.loads("streaming")

    def test_what_cannot_be_added_whole_is_not_added_at_all(self, raw: T) -> None:
        """A table with a column too many leaves the others, and the ledger, as they were."""
        raw.append([{"usage_events": events("a"), "support_tickets": tickets("a")}], LOAD)
        wrong = tickets("b").append_column("unknown_column", tickets("b")["ticket_id"])
        with pytest.raises(Exception, match="unknown_column"):
            raw.append(
                [
                    {"usage_events": events("b")},
                    {"usage_events": events("c"), "support_tickets": wrong},
                ],
                replace(LOAD, fingerprint="another"),
            )

        assert {"usage_events": 1, "support_tickets": 1} == raw.rows(TABLES)
        assert [replace(LOAD, rows=2)] == raw.loads("demo")

    def test_blocks_are_asked_for_one_after_the_other(self, raw: T) -> None:
        """All of them are one load, of as many rows as they have, whatever the entry said."""
        made: list[int] = []

        def blocks() -> Iterator[Mapping[str, pa.Table]]:
            for number in range(3):
                made.append(number)
                yield {"usage_events": events("a", "b")}
                assert [*range(number + 1)] == made

        assert {"usage_events": 6} == raw.append(blocks(), replace(LOAD, rows=0))
        assert [0, 1, 2] == made
        assert [replace(LOAD, rows=6)] == raw.loads("demo")

    def test_a_block_that_cannot_be_made_takes_those_before_along(self, raw: T) -> None:
        """The error is the maker's own, and nothing was added."""

        def blocks() -> Iterator[Mapping[str, pa.Table]]:
            yield {"usage_events": events("a", "b")}
            raise LookupError("nobody is left")

        with pytest.raises(LookupError, match="nobody is left"):
            raw.append(blocks(), LOAD)

        assert {"usage_events": 0, "support_tickets": 0} == raw.rows(TABLES)
        assert [] == raw.loads("demo")

    def test_a_fingerprint_of_a_source_is_loaded_once(self, raw: T) -> None:
        """Even code that forgets to ask cannot load it twice; of another source it is another."""
        raw.append([{"usage_events": events("a")}], LOAD)
        with pytest.raises(Exception, match="fingerprint"):
            raw.append([{"usage_events": events("a")}], replace(LOAD, rows=4))
        raw.append([], replace(LOAD, source="trial"))

        assert {"usage_events": 1, "support_tickets": 0} == raw.rows(TABLES)
        assert [replace(LOAD, rows=1)] == raw.loads("demo")

    def test_who_was_erased_is_known_by_a_digest(self, raw: T) -> None:
        """One each, which leads to no customer."""
        for customer in ("ann", "bob"):
            self.erased(raw, customer)

        assert {customer_sha256("ann"), customer_sha256("bob")} == raw.erased()
