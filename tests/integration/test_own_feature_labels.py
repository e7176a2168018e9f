"""Labels of a feature table that somebody owns, built by dbt and known by hand."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.adapters.scaffolds import owned_models
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation
from tests import made_population
from tests.unit.domain.scaffolds.owned.test_owned_population import ANSWERS, decide

DAY, DUE = date(2026, 3, 1), date(2026, 3, 31)
CREATE = """
create table mart.features (
  customer text, day date, fee numeric(10, 2), plan varchar(10), is_paperless boolean,
  weight text, began date,
  "left" smallint, same integer
)
"""
# Customer, day, plan and what the row says of the 30 days after it.
ROWS = (
    *(("stays", DAY, "plus", 0), ("stays", DUE, "plus", None)),
    *(("absent", DAY, "plus", 1), ("absent", date(2026, 3, 30), "plus", None)),
    *(("closes", DAY, "plus", 1), ("closes", DUE, "basic", None)),
    *(("later", DAY, "plus", 0), ("later", DUE, "plus", None)),
    *(("later", date(2026, 4, 1), "basic", None), ("unknown", DAY, "plus", None)),
    ("unknown", DUE, "plus", None),
)
EVERYBODY = {"stays": False, "absent": False, "closes": False, "later": False, "unknown": False}


def labels(
    warehouse: Warehouse, folder: Path, population: OwnedPopulation, known_at: date = DUE
) -> Mapping[str, bool | None]:
    """Build the features of a day, and its labels as known; return those."""
    warehouse.execute("create schema mart")
    warehouse.execute(CREATE)
    for customer, day, plan, left in ROWS:
        warehouse.execute(
            'insert into mart.features (customer, day, fee, plan, began, "left") '
            "values (:customer, :day, 5, :plan, '2026-01-01', :left)",
            {"customer": customer, "day": day, "plan": plan, "left": left},
        )
    files, section = owned_models.render(population), owned_models.section(population)
    ProjectFolder(folder / "my").put("shop", files, section)
    made_population.dbt(folder / "my", warehouse.url, folder / "state").build(
        "+fct_shop_features +fct_shop_labels",
        {
            "as_ofs": [DAY.isoformat()],
            "label_as_ofs": [],
            "known_at": known_at.isoformat(),
            "horizon_days": population.label.days,
            "gap_days": 0,
        },
    )
    rows = warehouse.rows(
        "select customer_id, is_churned, label_due_at from analytics.fct_shop_labels"
    )
    assert {DUE} == {row.label_due_at for row in rows}

    return {row.customer_id: row.is_churned for row in rows}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (ANSWERS, {**EVERYBODY, "absent": True, "closes": True, "unknown": None}),
        (Answers("shop", gone=("no features in 30d",)), {**EVERYBODY, "absent": True}),
        (Answers("shop", gone=("plan=basic in 30d",)), {**EVERYBODY, "closes": True}),
        (
            Answers("shop", gone=("plan=basic in 30d", "no features in 30d")),
            {**EVERYBODY, "absent": True, "closes": True},
        ),
    ],
)
def test_labels_are_those_of_the_horizon(
    warehouse: Warehouse, tmp_path: Path, answers: Answers, expected: Mapping[str, bool | None]
) -> None:
    """The last day counts, the one after it does not; the row itself may not say it yet."""
    said = Answers(
        "shop",
        key="customer",
        times=("day",),
        label=answers.label,
        gone=answers.gone,
        has_features=True,
    )

    assert expected == labels(warehouse, tmp_path, decide(said))


def test_nobody_knows_before_the_horizon_is_over(warehouse: Warehouse, tmp_path: Path) -> None:
    """Whatever the table says by now: a day before, each label is unknown."""
    found = labels(warehouse, tmp_path, decide(), known_at=date(2026, 3, 30))

    assert {None} == {*found.values()}
    assert {*EVERYBODY} == {*found}
