"""What is known of features and labels that were built, wherever they stand."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import date, timedelta
from typing import Generic, TypeVar

import pyarrow as pa
import pytest

from pipelines.domain.features.contract import Feature
from pipelines.domain.ports.features import FeatureStore
from pipelines.errors import FeaturesMissing
from pipelines.testing.contracts.features.customers import CONTRACT, customers, row_of

T = TypeVar("T", bound=FeatureStore)

POPULATION = "subscribers"
LABEL_DAYS = 30
FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
TWO = customers({"b": False, "A": True})


class FeatureStoreContract(ABC, Generic[T]):
    """
    Tests of tables without a row, which a subclass provides as the fixture `store`.

    Labels are due 30 days after their as_of; those of the fixture `told_at_once` on the as_of.
    """

    @abstractmethod
    def build(self, store: T, as_of: date, table: pa.Table) -> None:
        """Put the rows of *table* in the place of those of *as_of*, as a builder does."""

    def test_at_first_nothing_was_built(self, store: T) -> None:
        """The refusal names the command that builds."""
        assert {} == store.built(POPULATION)
        assert {} == store.snapshots(POPULATION, date.max)
        for asked in (store.contract, store.rows, store.rows_at_risk):
            with pytest.raises(FeaturesMissing, match="subscribers were built for 2026") as refused:
                asked(POPULATION, FIRST)
            assert "churn features --population subscribers --as-of 2026-01-01" == (
                refused.value.next_step
            )

    def test_a_build_is_counted_and_remembered(self, store: T) -> None:
        """By as_of, 0 where it yielded nobody; listed in the order of the dates."""
        self.build(store, SECOND, TWO)
        counted = store.record_build(
            POPULATION, as_ofs=[SECOND, FIRST], contract=CONTRACT, known_at=THIRD
        )

        assert {SECOND: 2, FIRST: 0} == counted
        assert [(FIRST, THIRD), (SECOND, THIRD)] == [*store.built(POPULATION).items()]
        assert [0, 2] == [store.rows(POPULATION, as_of) for as_of in (FIRST, SECOND)]
        assert CONTRACT == store.contract(POPULATION, SECOND)

    def test_of_another_population_nothing_was_built(self, store: T) -> None:
        """Dates, contracts and numbers are kept by population."""
        self._built(store, FIRST, TWO)

        assert {} == store.built("trial")
        assert {} == store.snapshots("trial", date.max)
        for asked in (store.contract, store.rows, store.rows_at_risk):
            with pytest.raises(FeaturesMissing, match="no features of trial"):
                asked("trial", FIRST)

    def test_a_date_built_again_is_what_it_is_now(self, store: T) -> None:
        """Customers, contract and when its labels were known; other dates stay as they were."""
        self._built(store, FIRST, TWO)
        self._built(store, SECOND, TWO)
        narrower = replace(CONTRACT, features=CONTRACT.features[:2])
        self.build(store, SECOND, customers({"A": True, "b": False, "c": False}))
        store.record_build(POPULATION, as_ofs=[SECOND], contract=narrower, known_at=THIRD)

        assert {FIRST: FIRST, SECOND: THIRD} == store.built(POPULATION)
        assert [CONTRACT, narrower] == [store.contract(POPULATION, day) for day in (FIRST, SECOND)]
        assert [2, 3] == [store.rows(POPULATION, as_of) for as_of in (FIRST, SECOND)]

    def test_labels_built_again_change_when_they_were_known(self, store: T) -> None:
        """And nothing else; labels of a date that was never built make it no build."""
        self._built(store, FIRST, TWO)
        self.build(store, SECOND, TWO)
        narrower = replace(CONTRACT, features=CONTRACT.features[:2])
        counted = store.record_build(
            POPULATION,
            as_ofs=[SECOND],
            contract=narrower,
            known_at=THIRD,
            label_as_ofs=[FIRST, date(2025, 1, 1)],
        )

        assert {SECOND: 2} == counted
        assert {FIRST: THIRD, SECOND: THIRD} == store.built(POPULATION)
        assert CONTRACT == store.contract(POPULATION, FIRST)

    def test_features_come_by_customer(self, store: T) -> None:
        """Of one date, in the order of the contract; capitals first, NULL as NULL."""
        self._built(store, FIRST, customers({"b": None, "c": None, "A": None, "a1": None}))
        self._built(store, SECOND, TWO)

        assert [row_of(name) for name in ("A", "a1", "b", "c")] == _rows(store, FIRST)
        assert [row_of("A"), row_of("b")] == _rows(store, SECOND)
        assert [] == _rows(store, THIRD)

    def test_only_what_the_contract_names_is_read(self, store: T) -> None:
        """A column the model does not know stays where it is."""
        self._built(store, FIRST, TWO)
        narrower = replace(CONTRACT, features=CONTRACT.features[1:2])
        (batch,) = [found for found in store.batches(FIRST, narrower) if found.num_rows]

        assert {"customer_id": ["A", "b"], "plan": ["pro", "basic"]} == batch.to_pydict()

    def test_what_no_model_sees_is_read_with_labels_alone(self, store: T) -> None:
        """To look at a model by; scoring never asks for it."""
        fee, plan, _ = CONTRACT.features
        attribute = Feature(plan.name, plan.kind, plan.title)
        contract = replace(CONTRACT, features=(fee,), attributes=(attribute,))
        self.build(store, FIRST, TWO)
        store.record_build(POPULATION, as_ofs=[FIRST], contract=contract, known_at=FIRST)
        (scored,) = [found for found in store.batches(FIRST, contract) if found.num_rows]
        learned = store.labelled(POPULATION, [FIRST], contract)

        assert contract == store.contract(POPULATION, FIRST)
        assert ["customer_id", "fee_eur"] == scored.schema.names
        assert ["as_of", "customer_id", "fee_eur", "plan", "is_churned"] == learned.column_names
        assert ["pro", "basic"] == learned["plan"].to_pylist()
        assert learned.column_names == store.labelled(POPULATION, [], contract).column_names

    def test_training_rows_are_those_whose_label_is_known(self, store: T) -> None:
        """By date and customer, whatever the order asked for; every date once."""
        self._built(store, FIRST, customers({"b": True, "a1": None, "A": False}))
        self._built(store, SECOND, customers({"c": False}))
        self._built(store, THIRD, TWO)
        table = store.labelled(POPULATION, [SECOND, FIRST], CONTRACT)

        assert [
            (FIRST, *row_of("A"), False),
            (FIRST, *row_of("b"), True),
            (SECOND, *row_of("c"), False),
        ] == [tuple(row.values()) for row in table.to_pylist()]
        assert ["as_of", "customer_id", *CONTRACT.names, "is_churned"] == table.column_names
        assert pa.date32() == table.schema.field("as_of").type

    def test_without_a_date_there_is_no_training_row(self, store: T) -> None:
        """Neither of none nor of one that was never built; the columns are there."""
        self._built(store, FIRST, TWO)

        for as_ofs in ([], [THIRD]):
            table = store.labelled(POPULATION, as_ofs, CONTRACT)
            assert 0 == table.num_rows
            assert ["as_of", "customer_id", *CONTRACT.names, "is_churned"] == table.column_names
            first, *_ = store.labelled_batches(POPULATION, as_ofs, CONTRACT)
            assert table.schema == first.schema

    def test_batches_hold_the_same_rows_in_the_same_order(self, store: T) -> None:
        """However they are divided."""
        self._built(store, FIRST, customers({"b": True, "a1": None, "A": False}))
        self._built(store, SECOND, TWO)
        batches = [*store.labelled_batches(POPULATION, [SECOND, FIRST], CONTRACT)]

        assert store.labelled(POPULATION, [FIRST, SECOND], CONTRACT).equals(
            pa.Table.from_batches(batches)
        )

    def test_a_snapshot_trains_once_its_labels_are_due(self, store: T) -> None:
        """On the day and not the day before; in the order of the dates, with who left."""
        self._built(store, SECOND, TWO)
        self._built(store, FIRST, TWO)
        due = SECOND + timedelta(days=LABEL_DAYS)

        assert [(FIRST, 1), (SECOND, 1)] == [*store.snapshots(POPULATION, due).items()]
        assert {FIRST: 1} == store.snapshots(POPULATION, due - timedelta(days=1))

    def test_a_snapshot_nobody_recorded_or_labelled_does_not_train(self, store: T) -> None:
        """A build that failed after dbt, and one whose labels are all unknown."""
        self.build(store, FIRST, TWO)
        self._built(store, SECOND, customers({"A": None, "b": None}))

        assert {} == store.snapshots(POPULATION, date.max)

    def test_who_may_still_leave_is_everybody_while_nothing_is_due(self, store: T) -> None:
        """Labels are known long after the as_of, and say nothing of that day."""
        self._built(store, FIRST, TWO)
        (batch,) = [b for b in store.batches_at_risk(POPULATION, FIRST, CONTRACT) if b.num_rows]

        assert ["A", "b"] == batch["customer_id"].to_pylist()
        assert 2 == store.rows_at_risk(POPULATION, FIRST)

    def test_without_an_order_the_same_customers_come(self, store: T) -> None:
        """Each once, with the same columns."""
        self._built(store, FIRST, customers({"b": True, "a1": None, "A": False}))
        self._built(store, SECOND, TWO)
        batches = store.batches_at_risk(POPULATION, FIRST, CONTRACT, is_ordered=False)
        rows = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]

        assert sorted(_rows(store, FIRST), key=str) == sorted(rows, key=str)

    def test_who_has_left_on_the_day_itself_is_not_at_risk(self, told_at_once: T) -> None:
        """Where labels are known at once; who is not known to have left is."""
        self._built(told_at_once, FIRST, customers({"b": False, "A": True, "c": None}))
        (batch,) = [
            b for b in told_at_once.batches_at_risk(POPULATION, FIRST, CONTRACT) if b.num_rows
        ]

        assert ["b", "c"] == batch["customer_id"].to_pylist()
        assert CONTRACT.names == tuple(batch.schema.names[1:])
        assert 2 == told_at_once.rows_at_risk(POPULATION, FIRST)
        assert 3 == told_at_once.rows(POPULATION, FIRST)

    def _built(self, store: T, as_of: date, table: pa.Table) -> None:
        """Build and record one date, its labels known as it began."""
        self.build(store, as_of, table)
        store.record_build(POPULATION, as_ofs=[as_of], contract=CONTRACT, known_at=as_of)


def _rows(store: FeatureStore, as_of: date) -> list[tuple[object, ...]]:
    """Return the features of one date."""
    return [
        tuple(row.values()) for batch in store.batches(as_of, CONTRACT) for row in batch.to_pylist()
    ]
