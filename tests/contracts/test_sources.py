"""Files, a folder, a database and the double of a source, held to the same contract."""

import json
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.domain.ports.sources import RefusedRow, SourceTable
from pipelines.testing.contracts.sources import ROWS, SourceTableContract
from pipelines.testing.sources import MemorySourceTable
from tests.sources import only


class TestMemorySourceTable(SourceTableContract):
    """The double."""

    @pytest.fixture
    def table(self) -> SourceTable:
        """Rows in two batches."""
        rows = pa.Table.from_batches(pa.Table.from_pylist(ROWS).to_batches(max_chunksize=65_536))

        return MemorySourceTable(rows, [RefusedRow(2, "has 3 values for 2 columns")], "customers")


class TestDelimitedTable(SourceTableContract):
    """A csv."""

    @pytest.fixture
    def table(self, tmp_path: Path) -> SourceTable:
        """With a row that is too long."""
        return only(csv(tmp_path / "customers.csv"))


class TestJoinedTable(SourceTableContract):
    """A folder of one csv."""

    @pytest.fixture
    def table(self, tmp_path: Path) -> SourceTable:
        """The file gives the name."""
        csv(tmp_path / "customers.csv")

        return only(tmp_path)


class TestJsonTable(SourceTableContract):
    """JSON Lines."""

    @pytest.fixture
    def table(self, tmp_path: Path) -> SourceTable:
        """With a NUL that JSON can write."""
        path = tmp_path / "customers.jsonl"
        lines = [json.dumps(row) for row in ROWS]
        path.write_text("\n".join(['{"id": "\\u0000", "name": "stranger"}', *lines]))

        return only(path)


class TestDatabaseTable(SourceTableContract):
    """A table of SQLite."""

    @pytest.fixture
    def table(self, tmp_path: Path) -> SourceTable:
        """With a text that no other database holds."""
        connection = sqlite3.connect(tmp_path / "shop.db")
        with connection:
            connection.execute("create table customers (id text, name text)")
            connection.execute("insert into customers values (char(0), 'stranger')")
            connection.executemany("insert into customers values (:id, :name)", ROWS)
        connection.close()

        return only(f"sqlite:///{tmp_path}/shop.db#customers")


def csv(path: Path) -> Path:
    """Write the rows below one that is too long."""
    lines = [f"{row['id']},{row['name']}" for row in ROWS]
    path.write_text("\n".join(["id,name", "0,a,stranger", *lines]))

    return path
