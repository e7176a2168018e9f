"""Which dates a build is asked for, which labels come with it, and what is recorded of it."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.errors import ChurnError, DbtFailed, FeaturesMissing, RunLocked
from pipelines.steps.data.build_features import FeatureReport, build_features
from pipelines.testing.features import MemoryBuilder, MemoryFeatures
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.now import MemoryNowFunctions
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import (
    CONTRACT,
    ID_PREFIX,
    NIGHT,
    POPULATION,
    before,
    configured,
    customers,
)

GAP_DAYS, HORIZON_DAYS = 5, 30


class House:
    """A builder, what stands of earlier builds, and the locks."""

    def __init__(self, known: dict[date, date] | None = None) -> None:
        self.features = MemoryFeatures(label_days=GAP_DAYS + HORIZON_DAYS)
        for as_of, labels_known_at in (known or {}).items():
            self.features.add(as_of, customers(), CONTRACT, known_at=labels_known_at)
        self.builder = MemoryBuilder(
            self.features, {CONTRACT.table: CONTRACT}, lambda _as_of: customers()
        )
        self.functions = MemoryNowFunctions()
        self.journal = Journal()

    def build(self, as_ofs: Sequence[date] = (NIGHT,), known_at: date = NIGHT) -> FeatureReport:
        """Build some dates."""
        settings = configured(subscribers={"gap_days": GAP_DAYS, "horizon_days": HORIZON_DAYS})

        return build_features(
            population=POPULATION,
            config=settings.population(POPULATION),
            as_ofs=as_ofs,
            known_at=known_at,
            builder=self.journal.watch(self.builder),
            features=self.journal.watch(self.features),
            functions=self.journal.watch(self.functions),
            locks=self.journal.locks,
        )

    @property
    def labels(self) -> list[list[str]]:
        """The label dates every build was asked for."""
        return [variables["label_as_ofs"] for _, variables in self.builder.asked]


def test_dbt_is_asked_for_features_and_labels_with_all_before_them() -> None:
    """Both models of the population, its dates, and what a label is."""
    house = House()
    house.build([before(7), NIGHT])

    assert [
        (
            "+fct_customer_features +fct_churn_labels",
            {
                "as_ofs": ["2026-06-23", "2026-06-30"],
                "label_as_ofs": [],
                "known_at": "2026-06-30",
                "horizon_days": 30,
                "gap_days": 5,
            },
        )
    ] == house.builder.asked


@pytest.mark.parametrize(
    ("days", "labels_known", "is_built"),
    [
        (34, 34, False),  # due tomorrow
        (35, 35, True),  # due today, and never built since
        (35, 0, False),  # due today, and built with what is known today
        (36, 1, True),  # due yesterday, and built yesterday
        (50, 1, True),  # settles today
        (51, 1, False),  # settled yesterday, and built then
        (51, 2, True),  # settled yesterday, and built the day before
        (300, 300, True),  # due long ago, and never built since
        (300, 250, False),  # built when it had settled
        (300, 251, True),  # built a day before that
        (300, -5, False),  # built with more than is known today
    ],
)
def test_labels_are_built_from_the_day_they_are_due_until_they_have_settled(
    days: int, labels_known: int, is_built: bool
) -> None:
    """Due 35 days after their date; settled, and left alone, 15 days after that."""
    house = House({before(days): before(labels_known)})
    house.build()

    assert [[str(before(days))] if is_built else []] == house.labels


def test_labels_missed_while_no_night_ran_are_caught_up_with_once() -> None:
    """A label due long ago and never built since is built now, and then left alone."""
    house = House({before(200): before(200), before(100): before(100)})
    house.build()
    house.build()

    assert [[str(before(200)), str(before(100))], []] == house.labels
    assert {before(200): NIGHT, before(100): NIGHT, NIGHT: NIGHT} == house.features.known


def test_a_date_that_is_built_anyway_is_not_asked_for_twice() -> None:
    """Its labels come with its features."""
    house = House({before(200): before(200)})
    house.build([before(200)])

    assert [[]] == house.labels


def test_what_was_built_is_recorded_and_returned() -> None:
    """Customers by date, to the contract the model declares, labels as they were known."""
    house = House()
    report = house.build([before(7), NIGHT])

    assert FeatureReport({before(7): 200, NIGHT: 200}, CONTRACT) == report
    assert {before(7): CONTRACT, NIGHT: CONTRACT} == house.features.contracts
    assert {before(7): NIGHT, NIGHT: NIGHT} == house.features.built(POPULATION)


def test_again_is_the_same() -> None:
    """A build of the same dates replaces what stands by what stands."""
    house = House()
    first = house.build()
    tables, known = dict(house.features.tables), dict(house.features.known)

    assert first == house.build()
    assert (tables, known) == (house.features.tables, house.features.known)


def test_nobody_else_builds_meanwhile() -> None:
    """The lock is held from looking up what stands until the build is recorded."""
    house = House()
    house.build()

    assert ["built", "build", "contract", "record_build", "renew"] == house.journal.order()
    assert {frozenset({"dbt build"})} == {call.held for call in house.journal.calls}
    assert set() == house.journal.locks.held


def test_one_build_at_a_time() -> None:
    """While another build is at work nothing is asked of dbt."""
    house = House()
    house.journal.locks = MemoryLocks({"dbt build"})
    with pytest.raises(RunLocked, match="dbt build"):
        house.build()

    assert [] == house.journal.calls
    assert {} == house.features.known


def test_of_a_build_that_failed_nothing_is_recorded() -> None:
    """The next build finds labels as they were, and the lock free."""
    known = {before(200): before(200)}
    house = House(known)

    def fail(_as_of: date) -> pa.Table:
        raise DbtFailed("1 of 12 models failed", next_step="read the log")

    house.builder.customers = fail
    with pytest.raises(DbtFailed):
        house.build()

    assert known == house.features.known
    assert set() == house.journal.locks.held


def test_features_without_a_contract_are_not_recorded() -> None:
    """No model could be trained on them."""
    house = House()
    house.builder.contracts = {}
    with pytest.raises(ChurnError, match="fct_customer_features declares no feature"):
        house.build()

    assert {} == house.features.known


def test_dates_without_customers_are_refused() -> None:
    """An empty feature table is no feature table: how many dates, and the first of them."""
    house = House()
    house.builder.customers = lambda as_of: customers(0 if as_of < before(3) else 200)
    with pytest.raises(FeaturesMissing) as refused:
        house.build([NIGHT, before(4), before(7)])

    assert (
        "subscribers has no customer on 2 of 3 dates: 2026-06-23 …",
        "churn gate sources, or choose dates the raw tables cover",
    ) == (refused.value.message, refused.value.next_step)


def test_the_log_counts_and_names_nobody() -> None:
    """Dates and rows are logged."""
    with structlog.testing.capture_logs() as logs:
        House().build([before(7), NIGHT])

    assert [
        {
            "event": "features_built",
            "log_level": "info",
            "population": POPULATION,
            "dates": 2,
            "rows": 400,
        }
    ] == logs
    assert ID_PREFIX not in str(logs)


def test_what_asks_of_one_customer_is_made_of_the_build() -> None:
    """Of the model the night is built by, within the lock of the build, after it is recorded."""
    house = House()
    house.build()

    assert [POPULATION] == [*house.functions.made]
    assert CONTRACT.table == house.functions.made[POPULATION].table
    assert (NIGHT.isoformat(),) == house.functions.made[POPULATION].dates
    assert ["build", "record_build", "renew"] == house.journal.order(
        "build", "record_build", "renew"
    )
    (call,) = house.journal.of("renew")
    assert {"dbt build"} == call.held
    assert (POPULATION, NIGHT) == (call.args[0], call.args[3])


def test_a_night_that_cannot_be_asked_so_is_a_night_all_the_same() -> None:
    """It is told, with what to do."""
    house = House()
    house.functions.faults[POPULATION] = "its SQL names a date"
    with structlog.testing.capture_logs() as logs:
        report = house.build()

    assert report.rows[NIGHT] > 0
    told = [each for each in logs if each["event"] == "not_asked_now"]
    assert [("warning", "its SQL names a date")] == [
        (each["log_level"], each["reason"]) for each in told
    ]
