"""How batches are checked, whatever checks them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.report import result_of
from pipelines.domain.ports.gates import Validator

# id and weight of each row of raw.parcels; raw.vans has none.
PARCELS = ((1, 2.5), (2, None), (3, -1.0), (4, 7.0))

IS_WEIGHED = Check(
    "expect_column_values_to_not_be_null", {"column": "weight_kg"}, "parcels.toml", owner="sorter"
)
HAS_WEIGHT = Check("expect_column_to_exist", {"column": "weight_kg"}, "parcels.toml")
HAS_NO_DEBT = Check(
    "expect_column_values_to_be_between",
    {"column": "weight_kg", "min_value": 0},
    "parcels.toml",
    severity="warn",
    context={"quantity": "weight"},
)
COUNT = Check("expect_table_row_count_to_equal", {"value": 4}, "parcels.toml")

BATCHES = (
    Batch(schema="raw", table="parcels", checks=(IS_WEIGHED, HAS_WEIGHT, HAS_NO_DEBT, COUNT)),
    Batch(schema="raw", table="vans", checks=(COUNT,)),
    Batch(schema="raw", table="parcels", checks=(COUNT,), equals={"id": 2}, label="one"),
)
# Table, label and expectation of what is not met, and what is found there.
FAILURES: Mapping[tuple[str, str, str], Mapping[str, Any]] = {
    ("parcels", "rows", IS_WEIGHED.expectation): {"rows": 4, "unexpected": 1},
    ("parcels", "rows", HAS_NO_DEBT.expectation): {"rows": 4, "missing": 1, "unexpected": 1},
    ("vans", "rows", COUNT.expectation): {"value": 0},
    ("parcels", "one", COUNT.expectation): {"value": 1},
}


class ValidatorContract:
    """Tests of a validator that knows PARCELS, which a subclass provides as `validator`."""

    def test_every_check_has_a_result_in_order(self, validator: Validator) -> None:
        """Of batches and of checks; each says of what it is, what was expected and whose it is."""
        found = validator.validate(BATCHES)
        asked = [(batch, check) for batch in BATCHES for check in batch.checks]
        verdicts = [_failure(batch, check) is None for batch, check in asked]

        assert [
            result_of(batch, check, is_passed=is_passed, observed=result.observed)
            for (batch, check), is_passed, result in zip(asked, verdicts, found, strict=True)
        ] == found

    def test_what_fails_says_what_was_found(self, validator: Validator) -> None:
        """Counts and aggregates, as numbers."""
        found = [result for result in validator.validate(BATCHES[:2]) if not result.is_passed]
        asked: Sequence[tuple[Batch, Check]] = [
            (BATCHES[0], IS_WEIGHED),
            (BATCHES[0], HAS_NO_DEBT),
            (BATCHES[1], COUNT),
        ]

        for (batch, check), result in zip(asked, found, strict=True):
            expected = _failure(batch, check) or {}
            assert expected == {name: result.observed[name] for name in expected}

    def test_nothing_to_check_has_no_result(self, validator: Validator) -> None:
        """Neither no batch nor a batch without a check is a fault."""
        assert [] == validator.validate([])
        assert [] == validator.validate([Batch(schema="raw", table="parcels", checks=())])


def _failure(batch: Batch, check: Check) -> Mapping[str, Any] | None:
    """Return what is found of a check that is not met, or None."""
    return FAILURES.get((batch.table, batch.label, check.expectation))
