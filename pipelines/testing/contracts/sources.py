"""What a table that people bring does, wherever it lies."""

from abc import ABC

import pyarrow as pa

from pipelines.domain.ports.sources import RefusedRow, SourceTable

ROWS = [{"id": str(number), "name": f"customer {number}"} for number in range(1, 70_001)]


class SourceTableContract(ABC):  # noqa: B024  a subclass brings a fixture
    """
    Tests of a table.

    A subclass provides ROWS under the name `customers`, with a row in front of them that is none,
    as the fixture `table`.
    """

    def test_it_says_what_it_is(self, table: SourceTable) -> None:
        """Name, place and columns are known before a row is read."""
        assert "customers" == table.name
        assert table.origin
        assert pa.schema([("id", pa.string()), ("name", pa.string())]) == table.schema

    def test_every_row_comes_in_its_order(self, table: SourceTable) -> None:
        """In batches of the schema that was promised, each of a bounded size."""
        batches = list(table.batches(lambda _: None))

        assert ROWS == pa.Table.from_batches(batches, table.schema).to_pylist()
        assert all(0 < len(batch) <= 65_536 for batch in batches)
        assert {True} == {batch.schema == table.schema for batch in batches}

    def test_a_row_that_is_none_is_told_of(self, table: SourceTable) -> None:
        """With its line and a reason that has no value of it."""
        refused: list[RefusedRow] = []

        for _ in table.batches(refused.append):
            pass

        assert 1 == len(refused)
        assert refused[0].line > 0
        assert refused[0].reason
        assert "stranger" not in refused[0].reason

    def test_it_can_be_read_again(self, table: SourceTable) -> None:
        """Nothing is used up, and reading may stop in the middle."""
        first = next(iter(table.batches(lambda _: None)))
        again = next(iter(table.batches(lambda _: None)))

        assert first == again
