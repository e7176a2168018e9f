"""A file of contracts, by itself, becomes features and labels that are what their words say."""

import csv
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.csv import write_csv

from pipelines.adapters.dbt import own_project
from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.adapters.scaffolds import contract_models
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.errors import DbtFailed
from pipelines.steps.data.new_population import new_population
from tests import contract_file, databases, several_tables, sql_style
from tests.integration.declared_house import House
from tests.integration.event_projects import HOUSE

HORIZON = 60
ANSWERS = Answers("firm", gone=(f"contracts in {HORIZON}d",))
FILE = contract_file.contracts()
DAY = timedelta(days=1)


def renewal() -> tuple[str, date]:
    """Return a customer who renewed on the day after the only contract had ended, and that day."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in FILE.to_pylist():
        rows.setdefault(row["customer_id"], []).append(row)

    return next(
        (who, begin)
        for who, its in rows.items()
        if len(its) == 2
        and its[0]["end_date"]
        and (begin := date.fromisoformat(its[1]["start_date"]))
        == date.fromisoformat(its[0]["end_date"]) + DAY
    )


RENEWED, RENEWED_ON = renewal()
# The day of a renewal, the days beside it, and days whose horizon ends on those.
EDGES = [RENEWED_ON + timedelta(days=each - 1) for each in range(3)]
AS_OFS = [date(2025, 6, 1), *EDGES, *(day - timedelta(days=HORIZON) for day in EDGES)]
AS_OFS = sorted({*AS_OFS, date(2026, 8, 20)})
LOADED, CHANGED = contract_file.TODAY, date(2026, 11, 10)
KNOWN_AT = date(2026, 11, 20)


@dataclass(frozen=True)
class Contract:
    """One contract; `last` is the day of its end, None where none is known."""

    begin: date
    last: date | None
    plan: str
    fee: float
    is_sepa: bool

    def is_over(self, on: date) -> bool:
        """Tell whether it had ended before *on*, and the day after its end was over as well."""
        return self.last is not None and self.last + DAY < on


@dataclass(frozen=True)
class Built:
    """The population, loaded and built for all dates."""

    house: House
    dbt: Dbt
    population: ContractPopulation
    rows: list[dict[str, str]]

    def table(self, name: str) -> dict[tuple[date, str], dict[str, Any]]:
        """Return what is in a table of models."""
        found = self.house.warehouse.rows(f"select * from analytics.{name}")
        return {(row.as_of, row.customer_id): row._asdict() for row in found}

    def build(self, *as_ofs: date) -> None:
        """Build features and labels."""
        days = {"as_ofs": [str(day) for day in as_ofs], "known_at": str(KNOWN_AT)}
        self.dbt.build("+fct_firm_features +fct_firm_labels", days)

    def contracts(self) -> dict[str, list[Contract]]:
        """Return the contracts of each customer, by their begin."""
        found: dict[str, list[Contract]] = {}
        for row in self.rows:
            begin, end = row["start_date"], row["end_date"]
            last = date.fromisoformat(end) if end else None
            contract = Contract(
                date.fromisoformat(begin),
                last if last is not None and last < LOADED else None,
                row["plan"],
                float(row["monthly_fee"]),
                row["is_sepa"] == "True",
            )
            found.setdefault(row["customer_id"], []).append(contract)

        return {who: sorted(its, key=lambda one: one.begin) for who, its in found.items()}


@pytest.fixture(scope="module")
def built(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """Looked at, written, loaded by the command as its role, and built."""
    folder = tmp_path_factory.mktemp("contracts") / "my"
    folder.mkdir()
    found = FILE
    looked_at = Inspection([contract_file.looked_at(found)], [])
    population = new_population(answers=ANSWERS, inspection=looked_at, house={})
    assert isinstance(population, ContractPopulation)
    files, section = contract_models.render(population), contract_models.section(population)
    ProjectFolder(folder).put("firm", files, section)
    (folder / "profiles.yml").write_text((HOUSE / "profiles.yml").read_text())
    with databases.created(server_url, "contract_file", template=migrated) as warehouse:
        house = House(folder, warehouse)
        save(folder, found)
        imported(house, LOADED)
        dbt = Dbt(own_project.root(folder, HOUSE), warehouse.url, "analytics", folder.parent)
        whole = Built(house, dbt, population, found.to_pylist())
        whole.build(*AS_OFS)
        yield whole


def save(folder: Path, rows: pa.Table) -> None:
    """Write the table as a file of text."""
    with (folder / "contracts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows.column_names)
        writer.writerows(zip(*rows.to_pydict().values(), strict=True))


def imported(house: House, as_of: date) -> str:
    """Load the file for both of its tables, as people do."""
    path = house.project / "contracts.csv"
    sources = [f"{name}={path}" for name in ("contracts", "contracts_ended")]
    code, printed, logged = house.run("import", "firm", *sources, "--as-of", str(as_of))
    assert code == 0, logged

    return printed


def expected(its: list[Contract], as_of: date) -> dict[str, Any] | None:
    """Return the features of a customer, from the contracts one by one; None of no member."""
    begun = [one for one in its if one.begin < as_of]
    running = [one for one in begun if not one.is_over(as_of)]
    if not running:
        return None
    over = [one for one in begun if one.is_over(as_of)]
    now = running[-1]
    before = begun[: begun.index(now)]
    ends = [one.last for one in over if one.last is not None]
    lasted = [(one.last - one.begin).days for one in over if one.last is not None]
    fees = [one.fee for one in begun]
    anniversary = next(
        day
        for years in range(1, 9)
        if (day := now.begin.replace(year=now.begin.year + years)) > as_of
    )

    return {
        "days_since_start_date": (as_of - now.begin).days,
        "plan": now.plan.lower(),
        "monthly_fee": now.fee,
        "is_sepa": now.is_sepa,
        "days_to_anniversary": (anniversary - as_of).days,
        "change_monthly_fee": now.fee - before[-1].fee if before else None,
        "contracts_running": len(running),
        "contracts_total": len(begun),
        "contracts_365d": sum(one.begin >= as_of - timedelta(days=365) for one in begun),
        "days_since_first_contract": (as_of - begun[0].begin).days,
        "days_since_last_end": (as_of - max(ends)).days if ends else None,
        "mean_contract_days": sum(lasted) / len(lasted) if lasted else None,
        "distinct_plan": len({one.plan for one in begun}),
        "monthly_fee_running": sum(one.fee for one in running),
        "monthly_fee_total": sum(fees),
        "mean_monthly_fee": sum(fees) / len(fees),
        "largest_monthly_fee": max(fees),
    }


def test_every_feature_is_what_its_words_say(built: Built) -> None:
    """Of every member on every date, worked out again in plain Python."""
    actual = built.table("fct_firm_features")
    wanted = {
        (as_of, who): features
        for as_of in AS_OFS
        for who, its in built.contracts().items()
        if (features := expected(its, as_of)) is not None
    }
    assert wanted.keys() == actual.keys()
    different = {
        (name, key): (value, actual[key][name])
        for key, features in wanted.items()
        for name, value in features.items()
        if not alike(value, actual[key][name])
    }
    assert {} == different
    (features,) = {tuple(features) for features in wanted.values()}
    assert {each.name for each in built.population.features} == {*features}
    assert {1, 2} <= {features["contracts_running"] for features in wanted.values()}
    assert any(features["contracts_total"] > 2 for features in wanted.values())


def alike(expected: Any, actual: Any) -> bool:
    """Tell whether two values are the same, but for the last digits of a sum."""
    if isinstance(expected, float) and actual is not None:
        return math.isclose(expected, actual, abs_tol=1e-9)

    return bool(expected == actual)


def test_who_has_no_contract_any_more_has_left(built: Built) -> None:
    """Whoever has another one by then, or still has one of two, has not."""
    labels = built.table("fct_firm_labels")
    contracts = built.contracts()
    wanted = {}
    renewed = 0
    for as_of, who in labels:
        due = as_of + timedelta(days=HORIZON)
        begun = [one for one in contracts[who] if one.begin < due]
        wanted[as_of, who] = all(one.is_over(due) for one in begun)
        ended = any(one.is_over(due) and not one.is_over(as_of) for one in begun)
        renewed += ended and not wanted[as_of, who]

    assert {True, False} == {*wanted.values()}
    assert renewed > 0
    assert wanted == {key: row["is_churned"] for key, row in labels.items()}


def test_who_renews_on_the_day_after_has_never_left(built: Built) -> None:
    """On the day itself too, of which neither the end nor the begin is known before it."""
    labels = built.table("fct_firm_labels")
    found = {as_of: labels[as_of, RENEWED]["is_churned"] for as_of in AS_OFS if as_of in EDGES}
    before = {day - timedelta(days=HORIZON) for day in EDGES}
    found |= {day: labels[day, RENEWED]["is_churned"] for day in before if (day, RENEWED) in labels}

    assert {*EDGES} <= found.keys()
    assert {False} == {*found.values()}


def test_a_contract_that_ends_later_has_not_ended(built: Built) -> None:
    """One whose end lies ahead counts as running, and its end is not even loaded."""
    ahead = [row for row in built.rows if row["end_date"] > str(LOADED)]
    assert ahead
    (last,) = built.house.warehouse.rows("select max(end_date) from raw.firm__contracts_ended")

    assert last[0] < LOADED


def test_what_is_loaded_later_changes_nothing_before(built: Built) -> None:
    """An end of months ago that comes late, a plan that is another one now, a new contract."""
    before = built.table("fct_firm_features")
    runs = [
        row for row in built.rows if not row["end_date"] and row["start_date"] < str(AS_OFS[-1])
    ]
    (ended, changed), fresh = runs[:2], dict(runs[2])
    alone = [row["customer_id"] for row in built.rows].count(ended["customer_id"]) == 1
    fresh |= {"contract_no": "V-99999", "start_date": "2026-11-02"}
    rows = [
        row | {"end_date": "2026-07-01"}
        if row is ended
        else row | {"plan": "Pro" if row["plan"] == "Basic" else "Basic"}
        if row is changed
        else row
        for row in built.rows
    ]
    save(built.house.project, pa.Table.from_pylist([*rows, fresh]))
    imported(built.house, CHANGED)
    built.build(*AS_OFS, CHANGED)
    after = built.table("fct_firm_features")
    now = {who: after.pop((as_of, who)) for as_of, who in [*after] if as_of == CHANGED}

    assert before == after
    assert alone == (ended["customer_id"] not in now)
    assert changed["plan"].lower() != now[changed["customer_id"]]["plan"]
    assert 8 == now[fresh["customer_id"]]["days_since_start_date"]


@pytest.mark.story
@pytest.mark.parametrize(
    ("rule", "loosened"),
    [
        ("begun.occurred_at', 'begun.loaded_at'", "begun.occurred_at', 'begun.occurred_at'"),
        ("ended.last_date', 'ended.loaded_date'", "ended.last_date', 'ended.last_date'"),
    ],
)
def test_the_project_s_own_tests_see_what_knows_the_future(
    built: Built, tmp_path: Path, rule: str, loosened: str
) -> None:
    """A begin or an end that was known later than it was."""
    model = built.house.project / "models/firm/intermediate/int_firm_contracts_known.sql"
    text = model.read_text("utf-8")
    assert rule in text
    dbt = replace(built.dbt, state=tmp_path)
    assert {"pass"} == {node.status for node in dbt.unit_tests("path:models/firm").nodes}
    try:
        model.write_text(
            text.replace(rule, loosened).replace(
                " and {{ churn.is_before_last('loaded_at') }}", ""
            ),
            "utf-8",
        )
        with pytest.raises(DbtFailed, match="firm_contracts_are_known_strictly_before_as_of"):
            dbt.unit_tests("path:models/firm")
    finally:
        model.write_text(text, "utf-8")


@pytest.mark.story
def test_other_tables_lie_beside_contracts(built: Built) -> None:
    """Of all who have one that runs, what accounts, tickets and usage say as well."""
    folder, as_of = built.house.project, date(2026, 7, 1)
    found = several_tables.tables()
    answers = Answers(
        "saas",
        gone=("subscriptions in 45d",),
        times=("subscriptions.end_date",),
        eligible="subscriptions in 900d",
    )
    population = new_population(
        answers=answers, inspection=several_tables.looked_at(found), house={}
    )
    assert isinstance(population, ContractPopulation)
    files, section = contract_models.render(population), contract_models.section(population)
    ProjectFolder(folder).put("saas", files, section)
    sources = {
        table.name: f"{table.name.removesuffix('_ended')}.csv" for table in population.tables
    }
    for name in {*sources.values()}:
        write_csv(found[name.removesuffix(".csv")], folder / name)
    named = [f"{name}={folder / file}" for name, file in sources.items()]
    code, _, logged = built.house.run("import", "saas", *named, "--as-of", "2026-09-20")
    assert code == 0, logged
    days = {"as_ofs": [str(as_of)], "known_at": "2026-10-01"}
    built.dbt.build("+fct_saas_features +fct_saas_labels", days)
    actual = built.table("fct_saas_features")
    subscriptions = found["subscriptions"].to_pylist()
    runs = {
        row["account_id"]
        for row in subscriptions
        if row["start_date"] < str(as_of)
        and (not row["end_date"] or date.fromisoformat(row["end_date"]) + DAY >= as_of)
    }
    owners = {row["subscription_id"]: row["account_id"] for row in subscriptions}
    history = {
        each.table.name: each.log.history_days or 0 for each in population.beside if each.log
    }

    def looks_back(table: str) -> str:
        return str(as_of - timedelta(days=history[table]))

    used = Counter(
        owners[row["subscription_id"]]
        for row in found["usage"].to_pylist()
        if looks_back("usage") <= row["used_on"] < str(as_of)
    )
    opened = Counter(
        row["account_id"]
        for row in found["tickets"].to_pylist()
        if looks_back("tickets") <= row["opened_at"] < str(as_of)
    )

    assert {(as_of, who) for who in runs} == actual.keys()
    for (_, who), row in actual.items():
        assert (used[who], opened[who]) == tuple(
            row[f"{table}_events_{history[table]}d"] for table in ("usage", "tickets")
        )
    assert {True, False} == {row["is_churned"] for row in built.table("fct_saas_labels").values()}


@pytest.mark.story
def test_models_are_written_in_our_style(built: Built) -> None:
    """By the linter of our own models."""
    files = sorted((built.house.project / "models").rglob("*.sql"))

    assert len(files) == 5 + 5 + 2 * 3
    # The features are as long as their list.
    assert {} == sql_style.faults(path for path in files if path.stem != "fct_saas_features")
