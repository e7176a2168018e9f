from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines import demo
from pipelines.demo import PlantedDrift

UNTIL = date(2026, 11, 21)
STARTS_ON = date(2026, 11, 1)
STARTS_AT = pd.Timestamp(STARTS_ON, tz="UTC")
HAPPENED = {
    "customers": ["signed_up_at"],
    "subscriptions": ["changed_at"],
    "invoices": ["issued_at", "paid_at"],
    "usage_events": ["occurred_at"],
    "support_tickets": ["opened_at", "resolved_at"],
}


def generated(drift: PlantedDrift | None = None) -> dict[str, pa.Table]:
    """A small business of seven months."""
    return demo.generate(customers=2_000, months=7, seed=7, until=UNTIL, drift=drift)


def happened_before(table: pa.Table, columns: list[str]) -> pa.Table:
    """Rows of what happened before the drift, in order."""
    at = table[columns[0]]
    for column in columns[1:]:
        at = pc.coalesce(table[column], at)

    return table.filter(pc.less(at, pa.scalar(STARTS_AT.to_pydatetime(), at.type)))


@pytest.fixture(scope="module")
def plain() -> dict[str, pa.Table]:
    """The business without a drift."""
    return generated()


@pytest.mark.parametrize("kind", ["behaviour", "nulls"])
def test_rows_before_the_drift_are_the_same(plain: dict[str, pa.Table], kind: str) -> None:
    """Row for row, whatever happened before the date is as without the drift."""
    drifted = generated(PlantedDrift(STARTS_ON, kind))  # type: ignore[arg-type]

    for name, columns in HAPPENED.items():
        before = happened_before(plain[name], columns)
        assert before.num_rows > 1_000
        assert before.equals(happened_before(drifted[name], columns))
    assert not plain["usage_events"].equals(drifted["usage_events"])


def test_a_drift_after_the_end_changes_nothing(plain: dict[str, pa.Table]) -> None:
    """A history that ends before the drift starts has none."""
    drifted = generated(PlantedDrift(UNTIL, "behaviour"))

    assert [name for name in plain if plain[name].equals(drifted[name])] == list(plain)


def test_a_broken_feed_has_no_quantities(plain: dict[str, pa.Table]) -> None:
    """From the date on every quantity is NULL; not one is before, and no event is gone."""
    events = generated(PlantedDrift(STARTS_ON, "nulls"))["usage_events"].to_pandas()

    assert (events.occurred_at >= STARTS_AT).tolist() == events.quantity.isna().tolist()
    assert plain["usage_events"].num_rows == len(events)


def test_changed_behaviour_shows_within_two_nights(plain: dict[str, pa.Table]) -> None:
    """Two nights on, the week's events are a tenth of a standard deviation down, fees are up."""
    drifted = generated(PlantedDrift(STARTS_ON, "behaviour"))
    night = STARTS_AT + timedelta(days=2)

    def weekly(tables: dict[str, pa.Table]) -> pd.Series:
        events = tables["usage_events"].to_pandas()
        is_recent = events.occurred_at.between(night - timedelta(days=7), night)
        return events[is_recent].groupby("customer_id").size()

    before, after = weekly(plain), weekly(drifted)
    after = after.reindex(before.index, fill_value=0)
    assert (before.mean() - after.mean()) / before.std() > 0.15

    def raised(tables: dict[str, pa.Table]) -> int:
        states = tables["subscriptions"].to_pandas()
        is_new = states.changed_at.between(STARTS_AT, night)
        return int(states[is_new & states.ended_at.isna()].subscription_id.nunique())

    assert raised(drifted) > raised(plain) + 400
