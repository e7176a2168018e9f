"""Great Expectations and the validator in memory, held to the same contract."""

from collections.abc import Mapping
from typing import Any

import pytest

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.ports.gates import Validator
from pipelines.testing.contracts.gates.validator import FAILURES, PARCELS, ValidatorContract
from pipelines.testing.gates import MemoryValidator


class TestMemoryValidator(ValidatorContract):
    """The double."""

    @pytest.fixture
    def validator(self) -> Validator:
        """Finds what there is to find."""

        def found(batch: Batch, check: Check) -> Mapping[str, Any] | None:
            return FAILURES.get((batch.table, batch.label, check.expectation))

        return MemoryValidator(found)


class TestGreatExpectations(ValidatorContract):
    """Great Expectations on a database."""

    @pytest.fixture
    def validator(self, warehouse: Warehouse) -> Validator:
        """The rows, and who looks at them."""
        from pipelines.adapters.gates.validator import Gx  # noqa: PLC0415  takes 3 s

        for table in ("parcels", "vans"):
            warehouse.execute(f"create table raw.{table} (id integer, weight_kg double precision)")
        for number, weight in PARCELS:
            warehouse.execute(
                "insert into raw.parcels values (:number, :weight)",
                {"number": number, "weight": weight},
            )

        return Gx(warehouse.url)
