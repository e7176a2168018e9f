"""Gates that know earlier nights, through every task of real ones."""

import contextlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines import settings
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.domain.gates.report import GateReport
from pipelines.errors import GateFailed, NothingStaged
from pipelines.wiring import data, night
from pipelines.wiring.installation import Installation
from tests import databases
from tests.integration.business import installation_of

COUNTER = itertools.count(1)
UNTIL = date(2026, 10, 1)
NIGHTS = [UNTIL - timedelta(days=back) for back in (3, 2, 1)]
POPULATION = "subscribers"
USUAL = {"low": 700, "medium": 200, "high": 80, "critical": 20}


@pytest.fixture(scope="module")
def small(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Name of a database with a small business, nothing of it checked yet."""
    with databases.created(server_url, "gate_history_small", template=migrated) as warehouse:
        made = installation_of(warehouse, tmp_path_factory.mktemp("small"))
        data.load_demo(made, customers=600, months=8, seed=7, until=UNTIL)
        made.warehouse.engine.dispose()
        yield "gate_history_small"


@pytest.fixture(scope="module")
def listed(server_url: str, small: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of the same with three published lists that hardly differ."""
    with databases.created(server_url, "gate_history_listed", template=small) as warehouse:
        made = installation_of(warehouse, tmp_path_factory.mktemp("listed"))
        for as_of in NIGHTS:
            stage(made, as_of, USUAL)
            assert night.gate(made, "scores", POPULATION, as_of).warnings == ()
            night.publish(made, POPULATION, as_of)
        made.warehouse.engine.dispose()
        yield "gate_history_listed"


@contextlib.contextmanager
def copied(server_url: str, template: str, home: Path) -> Iterator[Installation]:
    """Have an installation on a copy of a database for the block."""
    name = f"gate_history_{next(COUNTER)}"
    with databases.created(server_url, name, template=template) as warehouse:
        made = installation_of(warehouse, home)
        yield made
        made.warehouse.engine.dispose()


@pytest.fixture
def installation(server_url: str, small: str, tmp_path: Path) -> Iterator[Installation]:
    """A small business, nothing of it checked yet."""
    with copied(server_url, small, tmp_path) as made:
        yield made


@pytest.fixture
def published(server_url: str, listed: str, tmp_path: Path) -> Iterator[Installation]:
    """The same with three published lists that hardly differ."""
    with copied(server_url, listed, tmp_path) as made:
        yield made


def refused(installation: Installation, gate: str, as_of: date = UNTIL) -> str:
    """Return why a gate refuses a night."""
    with pytest.raises(GateFailed) as error:
        night.gate(installation, gate, POPULATION, as_of)  # type: ignore[arg-type]

    return error.value.message


def checked(installation: Installation, gate: str) -> list[GateReport]:
    """Let a gate see three quiet nights."""
    return [night.gate(installation, gate, POPULATION, as_of) for as_of in NIGHTS]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "table",
    [
        "customers",
        *(
            pytest.param(name, marks=pytest.mark.story)
            for name in ("invoices", "usage_events", "support_tickets")
        ),
    ],
)
def test_a_table_that_lost_a_third_of_its_rows(installation: Installation, table: str) -> None:
    """Quiet nights pass without a warning; the loss is told with both numbers after one night."""
    first = NIGHTS if table == "customers" else NIGHTS[-1:]
    for as_of in first:
        assert () == night.gate(installation, "sources", POPULATION, as_of).warnings
    knew = len(
        installation.warehouse.rows(f"select from raw.{table} where loaded_at < '2026-10-01Z'")
    )
    lost = installation.warehouse.execute(
        f"delete from raw.{table} where abs(hashtext({table}::text)) % 10 < 3"
    )
    assert 0.25 < lost / knew < 0.35

    message = refused(installation, "sources")
    assert f"raw.{table}: table row count to be between (min_value" in message
    assert "the night of 2026-09-30 knew" in message
    if table == "customers":
        assert "trailing median of 3 nights" in message


def test_a_feed_that_delivers_half(installation: Installation) -> None:
    """The weeks before say so on the very first night, with the numbers of both."""
    lost = installation.warehouse.execute(
        "delete from raw.usage_events where hashtext(event_id) % 2 = 0 "
        "and loaded_at >= timestamptz '2026-10-01Z' - interval '7 days'"
    )
    assert lost > 200

    message = refused(installation, "sources")
    assert "raw.usage_events: table row count to be between" in message
    assert "trailing median of 4 weeks" in message


def test_a_day_that_delivers_too_little_warns(installation: Installation) -> None:
    """Two thirds of yesterday did not come: one day is no reason to keep the list."""
    lost = installation.warehouse.execute(
        "delete from raw.usage_events where hashtext(event_id) % 3 <> 0 "
        "and loaded_at >= timestamptz '2026-09-30Z'"
    )
    assert lost > 50

    (warned,) = night.gate(installation, "sources", POPULATION, UNTIL).warnings
    assert ("raw.usage_events", "day", 4) == (
        warned.subject,
        warned.expected["measure"],
        warned.expected["days"],
    )


def test_a_change_that_was_meant_is_forgotten(installation: Installation) -> None:
    """With `history_from` no night and no row before it says what is usual."""
    assert night.gate(installation, "sources", POPULATION, NIGHTS[-1]).is_passed
    assert installation.warehouse.execute(
        "delete from raw.invoices where hashtext(invoice_id) % 3 = 0"
    )
    assert "the night of 2026-09-30 knew" in refused(installation, "sources")

    gates = replace(installation.settings.gates, history_from=UNTIL)
    meant = Installation(installation.settings.model_copy(update={"gates": gates}))
    assert () == night.gate(meant, "sources", POPULATION, UNTIL).warnings
    meant.warehouse.engine.dispose()


@pytest.mark.story
def test_features_that_stopped_being_filled_or_known(installation: Installation) -> None:
    """A nullable feature that is NULL for everyone, and levels the model never saw."""
    data.build_features(installation, POPULATION, [*NIGHTS, UNTIL], UNTIL)
    assert [(), (), ()] == [report.warnings for report in checked(installation, "features")]
    installation.warehouse.execute(
        "update analytics.fct_customer_features set age_years = null where as_of = '2026-10-01'"
    )
    message = refused(installation, "features")
    assert "fct_customer_features.age_years: column values to not be null (mostly" in message
    assert "trailing median of 3 nights 0" in message

    data.build_features(installation, POPULATION, [UNTIL], UNTIL)
    installation.warehouse.execute(
        "update analytics.fct_customer_features set plan = 'platinum' "
        "where as_of = '2026-10-01' and hashtext(customer_id) % 10 = 0"
    )
    assert "plan: column values to be in set" in refused(installation, "features")


def stage(
    installation: Installation,
    as_of: date,
    tiers: dict[str, int],
    *,
    version: int = 1,
    salt: str = "",
) -> int:
    """Put a staged list of a thousand customers there, the riskiest chosen by their ids."""
    middle = {"low": 0.1, "watched": 0.2, "medium": 0.4, "high": 0.7, "critical": 0.9}
    middle["severe"] = 0.96
    actions = installation.settings.tiers.actions
    rows, number = [], 0
    for tier, customers in tiers.items():
        for _ in range(customers):
            number += 1
            rows.append(
                f"({number}, '{tier}', {middle[tier]} + {number} * 1e-5, '{actions[tier]}')"
            )
    installation.warehouse.execute(
        "insert into churn.feature_contracts (population, fingerprint, contract) "
        "values ('subscribers', 'f', '{}') on conflict do nothing"
    )
    installation.warehouse.execute(
        "insert into churn.feature_builds (population, as_of, fingerprint, rows, labels_known_at) "
        "values ('subscribers', :as_of, 'f', 1000, :as_of) on conflict do nothing",
        {"as_of": as_of},
    )
    ((run_id,),) = installation.warehouse.rows(
        "insert into churn.score_runs (population, as_of, status, model_name, model_version, "
        "contract_fingerprint, rows) "
        "values ('subscribers', :as_of, 'staged', 'm', :version, 'f', :rows) returning run_id",
        {"as_of": as_of, "version": version, "rows": len(rows)},
    )
    month = as_of.replace(day=1)
    after = (month + timedelta(days=32)).replace(day=1)
    installation.warehouse.execute(
        f"create table if not exists churn.scores_{month:%Y_%m} partition of churn.scores "
        f"for values from ('{month}') to ('{after}')"
    )
    installation.warehouse.execute(
        "insert into churn.scores (score_date, run_id, customer_id, churn_probability, risk_tier, "
        f"recommended_action) select '{as_of}', {run_id}, '{salt}' || n, p, tier, action "
        f"from (values {', '.join(rows)}) as list (n, tier, p, action)"
    )
    return int(run_id)


@pytest.mark.parametrize(
    ("tiers", "salt", "finding"),
    [
        ({"low": 400, "medium": 500, "high": 80, "critical": 20}, "", "share_medium"),
        ({"low": 100, "medium": 100, "high": 400, "critical": 400}, "", "churn_probability"),
        (USUAL, "other-", "was_riskiest"),
    ],
)
def test_a_list_unlike_those_before(
    published: Installation, tiers: dict[str, int], salt: str, finding: str
) -> None:
    """Tiers that moved, a mean that doubled, and riskiest customers nobody ever saw."""
    stage(published, UNTIL, tiers, salt=salt)

    assert f"churn.scores.{finding}" in refused(published, "scores")


def test_a_new_model_is_held_to_the_old_one_by_warnings(published: Installation) -> None:
    """Tiers, mean and riskiest of its first list are told apart from the old ones, and pass."""
    moved = {"low": 400, "medium": 500, "high": 80, "critical": 20}
    stage(published, UNTIL, moved, version=2, salt="other-")

    report = night.gate(published, "scores", POPULATION, UNTIL)
    remarks = {result.subject: result.expected["remark"] for result in report.warnings}
    assert report.is_passed
    assert {
        "churn.scores.churn_probability": "lists of other models than version 2: only a warning",
        "churn.scores.share_low": "lists of other models than version 2: only a warning",
        "churn.scores.share_medium": "lists of other models than version 2: only a warning",
        "churn.scores.was_riskiest": "a list of model version 1: only a warning",
    } == remarks


def test_a_list_a_little_unlike_those_before_warns(published: Installation) -> None:
    """Six points fewer low, more medium: published, and recorded."""
    stage(published, UNTIL, {"low": 640, "medium": 260, "high": 80, "critical": 20})

    report = night.gate(published, "scores", POPULATION, UNTIL)
    assert report.is_passed
    assert {"churn.scores.share_low", "churn.scores.share_medium"} == {
        result.subject for result in report.warnings
    }


def with_a_fifth_tier(
    published: Installation, folder: Path, tier: str, threshold: float
) -> Installation:
    """Return the installation with two more lines in churn.toml, and nothing else changed."""
    path = folder / "five.toml"
    lines = (settings.ROOT / "churn.toml").read_text("utf-8").splitlines()
    lines.insert(lines.index("[tiers]") + 1, f"{tier} = {threshold}")
    lines.insert(lines.index("[tiers.actions]") + 1, f'{tier} = "call today"')
    path.write_text("\n".join(lines), "utf-8")

    return Installation(
        settings.load(
            {
                "CHURN_HOME": str(folder),
                "CHURN_DATABASE_URL": published.warehouse.url,
                "CHURN_CONFIG": str(path),
            }
        )
    )


def test_a_fifth_tier_takes_churn_toml_only(published: Installation, tmp_path: Path) -> None:
    """It has no past, so no bound; the list is published, and the page shows who came into it."""
    five = with_a_fifth_tier(published, tmp_path, "severe", 0.95)
    stage(five, UNTIL, {"low": 700, "medium": 200, "high": 80, "critical": 12, "severe": 8})

    report = night.gate(five, "scores", POPULATION, UNTIL)
    assert () == report.warnings
    assert [{"measure": "share"}] == [
        result.expected for result in report.results if result.subject.endswith(".share_severe")
    ]
    night.publish(five, POPULATION, UNTIL)
    page = night.report(five, POPULATION, UNTIL)
    assert re.search(r"\nsevere +8 +\+8 +\d+\ncritical +12 +-8 +\d+\n", page)
    assert "8 customers moved to a higher tier, 8 of them to critical or severe" in page
    five.warehouse.engine.dispose()


def test_a_fifth_tier_of_many_customers_is_a_change_that_was_meant(
    published: Installation, tmp_path: Path
) -> None:
    """It empties another tier, which is what the gate is for; `history_from` says it was meant."""
    five = with_a_fifth_tier(published, tmp_path, "watched", 0.15)
    stage(five, UNTIL, {"low": 400, "watched": 300, "medium": 200, "high": 80, "critical": 20})
    assert "churn.scores.share_low" in refused(five, "scores")

    gates = replace(five.settings.gates, history_from=UNTIL)
    meant = Installation(five.settings.model_copy(update={"gates": gates}))
    stage(meant, UNTIL, {"low": 400, "watched": 300, "medium": 200, "high": 80, "critical": 20})
    assert () == night.gate(meant, "scores", POPULATION, UNTIL).warnings
    for each in (five, meant):
        each.warehouse.engine.dispose()


def test_what_a_gate_refused_is_not_published_by_hand(published: Installation) -> None:
    """Scores of features that were refused pass their own gate, and stay unseen."""
    published.warehouse.execute("delete from raw.invoices")
    assert "raw.invoices" in refused(published, "sources")
    stage(published, UNTIL, USUAL)
    assert night.gate(published, "scores", POPULATION, UNTIL).is_passed

    with pytest.raises(NothingStaged, match="the sources gate refused subscribers 2026-10-01"):
        night.publish(published, POPULATION, UNTIL)
    assert WarehouseScores(published.warehouse).published(POPULATION, UNTIL) is None


def test_features_built_again_are_not_those_that_were_scored(published: Installation) -> None:
    """A list waits, its features are replaced: it has to be scored and gated anew."""
    stage(published, UNTIL, USUAL)
    assert night.gate(published, "scores", POPULATION, UNTIL).is_passed
    published.warehouse.execute(
        "update churn.feature_builds set built_at = now() where as_of = '2026-10-01'"
    )

    with pytest.raises(NothingStaged, match="built again after it was scored") as error:
        night.publish(published, POPULATION, UNTIL)
    assert "churn score --population subscribers" in error.value.next_step


def test_pages_hold_checks_and_no_rows_or_logins(
    installation: Installation, tmp_path: Path
) -> None:
    """Data Docs of a gate: a first page, GX's own pages, one copy of their styles."""
    for _ in range(2):
        report = night.gate(installation, "sources", POPULATION, UNTIL)

    folder = tmp_path / "data_docs" / POPULATION / UNTIL.isoformat() / "sources"
    assert str(folder / "index.html") == report.docs
    pages = [page.read_text("utf-8") for page in folder.rglob("*.html")]
    assert len(pages) > 5
    assert "raw.invoices: table row count" in (folder / "index.html").read_text("utf-8")
    assert (folder / "static" / "styles").is_dir()
    assert (folder / "static").is_symlink()
    ids = installation.warehouse.rows("select customer_id from raw.customers limit 50")
    password = installation.warehouse.engine.url.password
    assert [] == [
        word
        for word in (*(row[0] for row in ids), password, "postgresql")
        for page in pages
        if str(word) in page
    ]
    assert 1 == installation.data_docs.remove_before(UNTIL + timedelta(days=1), frozenset())
    assert not folder.exists()
