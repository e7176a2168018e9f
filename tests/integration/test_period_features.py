"""A table with a row a customer and month, delivered again now and then, becomes features."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scaffolds.events.attributes import AttributeColumn, named
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog, LabelRule
from pipelines.domain.scaffolds.events.log_columns import amount_columns, kind_columns
from pipelines.errors import DbtFailed
from tests import databases
from tests.integration import event_projects

MONTHS = [day.date() for day in pd.date_range("2025-09-30", "2026-06-30", freq="ME")]
# The day after a month end, in the middle of one, the day on which nothing of the last is known.
AS_OFS = [date(2026, 1, 1), date(2026, 3, 17), date(2026, 5, 1), date(2026, 6, 1)]
KNOWN_AT = date(2026, 6, 10)
HORIZON = 31
PERIODS = 4
TYPES = (
    "customer_id text, month date, loaded_at timestamptz, row_digest bytea, state text, "
    "minutes float8, fee float8, plan text, region text"
)
AMOUNTS = amount_columns({"minutes": "minutes"})
KINDS = kind_columns({"state": ["active", "closed"]})
LOG = EventLog(
    "panel",
    "months",
    LabelRule("either", "state", "closed"),
    KINDS,
    AMOUNTS,
    happened_at="month",
    is_dated=True,
    has_times=False,
    eligible_days=HORIZON,
    horizon_days=HORIZON,
    attributes=named(
        [
            AttributeColumn("fee", "", "number"),
            AttributeColumn("plan", "", "text", levels=("basic", "plus")),
            AttributeColumn("region", "", "text", levels=("north", "south"), is_fixed=True),
        ],
        taken=["state", "minutes"],
    ),
    has_periods=True,
    history_periods=PERIODS,
)
VARIABLES = {"as_ofs": [str(day) for day in AS_OFS], "known_at": str(KNOWN_AT)}


def panel() -> pd.DataFrame:
    """Return what was loaded: each month, and again a quarter of its rows, with other values."""
    random = np.random.default_rng(4)
    rows = []
    for number in range(40):
        first, stays = random.integers(0, 4), random.integers(2, 12)
        months = MONTHS[first : first + stays]
        for month in months:
            known = datetime.combine(month, datetime.min.time(), UTC)
            # Most are known on their day; others days later, and again once or twice, or at once.
            deliveries = [known + timedelta(hours=int(random.choice([0, 0, 3, 60])))]
            while random.random() < 0.25:
                later = int(random.choice([0, 2, 24 * 16, 24 * 45]))
                deliveries.append(deliveries[-1] + timedelta(hours=later))
            is_last = month == months[-1] and month != MONTHS[-1]
            rows += [
                {
                    "customer_id": f"c{number:02d}",
                    "month": month,
                    "loaded_at": at,
                    "row_digest": random.bytes(8),
                    "state": "closed" if is_last and random.random() < 0.5 else "active",
                    "minutes": None if random.random() < 0.1 else float(random.integers(0, 500)),
                    "fee": float(random.choice([9.5, 19.5])),
                    "plan": str(random.choice(["basic", "Plus ", "odd"])),
                    "region": ["north", "south"][number % 2],
                }
                for at in deliveries
            ]

    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Built:
    """The table, loaded and built for all dates."""

    dbt: Dbt
    warehouse: Warehouse
    rows: pd.DataFrame

    def table(self, name: str) -> dict[tuple[date, str], dict[str, Any]]:
        """Return what is in a table of models."""
        found = self.warehouse.rows(f"select * from analytics.{name}")
        return {(row.as_of, row.customer_id): row._asdict() for row in found}


@pytest.fixture(scope="module")
def built(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """One project, one call of dbt."""
    folder: Path = tmp_path_factory.mktemp("panel")
    with databases.created(server_url, "period_features", template=migrated) as warehouse:
        rows = panel()
        event_projects.load(warehouse, LOG, rows, TYPES)
        project = event_projects.write(folder / "my", [LOG])
        dbt = Dbt(project, warehouse.url, "analytics", folder)
        dbt.build("+fct_panel_features +fct_panel_labels", VARIABLES)
        yield Built(dbt, warehouse, rows)


def newest(rows: pd.DataFrame, until: date) -> Mapping[str, list[dict[str, Any]]]:
    """Return the months of each customer as known before *until*, the newest row of each."""
    begin = datetime.combine(until, datetime.min.time(), UTC)
    known: dict[tuple[str, date], dict[str, Any]] = {}
    for row in rows.astype(object).to_dict("records"):
        if row["loaded_at"].to_pydatetime() >= begin:
            continue
        place = (row["customer_id"], row["month"])
        order = (row["loaded_at"], row["row_digest"])
        if place not in known or order > (known[place]["loaded_at"], known[place]["row_digest"]):
            known[place] = row
    found = defaultdict(list)
    for (customer, _), row in sorted(known.items(), key=lambda item: item[0]):
        found[customer].append({key: None if pd.isna(it) else it for key, it in row.items()})

    return found


def expected_features(rows: pd.DataFrame, as_of: date) -> dict[str, dict[str, Any]]:
    """Return the features of every member, worked out from the rows one by one."""
    known = {
        customer: [row for row in months if row["month"] < as_of][-PERIODS:]
        for customer, months in newest(rows, as_of).items()
    }
    last = max(row["month"] for months in known.values() for row in months)
    found = {}
    for customer, months in known.items():
        if not months or months[-1]["month"] != last or months[-1]["state"] == "closed":
            continue
        plans = [row["plan"].strip().lower() for row in months]
        states = [row["state"] for row in months]
        found[customer] = {
            "history_days_4p": (as_of - months[0]["month"]).days,
            "periods_4p": len(months),
            "last_region": months[0]["region"],
            "last_plan": plans[-1] if plans[-1] in {"basic", "plus"} else "other",
            "has_changed_plan": len(months) > 1 and months[-1]["plan"] != months[-2]["plan"],
            "last_state": states[-1],
            "has_changed_state": len(months) > 1 and states[-1] != states[-2],
            **of_number("minutes", [row["minutes"] for row in months]),
            **of_number("fee", [row["fee"] for row in months]),
        }

    return found


def of_number(stem: str, values: list[float | None]) -> dict[str, float | None]:
    """Return what a number is now, and against what it was."""
    now, before = values[-1], values[-2] if len(values) > 1 else None
    known, lately = ([it for it in part if it is not None] for part in (values, values[-3:]))

    return {
        f"last_{stem}": known[-1] if known else None,
        f"change_{stem}": None if now is None or before is None else now - before,
        f"recent_{stem}": statistics.mean(lately) if lately else None,
        f"mean_{stem}_4p": statistics.mean(known) if known else None,
    }


def test_every_feature_is_of_the_newest_row_of_each_period(built: Built) -> None:
    """A month that came again counts once, as it was known then; members are in the last one."""
    repeated = Counter(zip(built.rows["customer_id"], built.rows["month"], strict=True))
    assert sum(count > 1 for count in repeated.values()) > 20
    expected = {
        (as_of, customer): features
        for as_of in AS_OFS
        for customer, features in expected_features(built.rows, as_of).items()
    }
    actual = built.table("fct_panel_features")

    assert {as_of for as_of, _ in expected} == {*AS_OFS}
    assert len(expected) > 50
    assert expected.keys() == actual.keys()
    names = {feature.name for feature in event_features(LOG)}
    assert all(names == features.keys() for features in expected.values())
    different = {
        (*key, name): (expected[key][name], actual[key][name])
        for key in expected
        for name in names
        if not is_close(expected[key][name], actual[key][name])
    }
    assert {} == different


def test_every_label_is_of_the_newest_row_of_each_period(built: Built) -> None:
    """Who closes in the horizon, as is known now, or has no month in it; one date is not due."""
    months = newest(built.rows, KNOWN_AT)
    expected: dict[tuple[date, str], bool | None] = {}
    for as_of, customer in built.table("fct_panel_features"):
        due = as_of + timedelta(HORIZON)
        later = [row for row in months[customer] if as_of <= row["month"] < due]
        before = [row for row in months[customer] if row["month"] < as_of]
        has_left = any(row["state"] == "closed" for row in later)
        had_left = bool(before) and before[-1]["state"] == "closed"
        expected[as_of, customer] = (has_left or had_left or not later) if due <= KNOWN_AT else None
    actual = built.table("fct_panel_labels")

    assert {True, False, None} == {*expected.values()}
    assert expected == {key: row["is_churned"] for key, row in actual.items()}


def test_what_is_delivered_later_changes_nothing(built: Built) -> None:
    """Without the rows that came later, a date is the same; a month of before came again since."""
    rows = built.rows[built.rows["month"] < AS_OFS[1]]

    assert (rows["loaded_at"].dt.date >= AS_OFS[1]).any()
    assert [] == built.dbt.replay_differences(model="fct_panel_features", as_of=AS_OFS[1])


def test_a_row_that_replaces_too_early_is_found(built: Built, tmp_path: Path) -> None:
    """The scaffold's own test sees that a later delivery takes an earlier one away."""
    model = next(Path(built.dbt.project_dir).rglob("int_panel_days_known.sql"))
    text = model.read_text("utf-8")
    rule = "{{ churn.is_not_replaced('days.replaced_date', 'as_ofs.as_of') }}"
    assert rule in text
    dbt = replace(built.dbt, state=tmp_path)
    assert {"pass"} == {node.status for node in dbt.unit_tests("path:models/panel").nodes}
    try:
        model.write_text(text.replace(rule, "days.replaced_date is null"), "utf-8")
        with pytest.raises(DbtFailed, match="panel_days_are_known_strictly_before_as_of"):
            dbt.unit_tests("path:models/panel")
    finally:
        model.write_text(text, "utf-8")


def is_close(expected: Any, actual: Any) -> bool:
    """Tell whether a value is what was worked out; missing and 0 are not the same."""
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-9)

    return bool(expected == actual)
