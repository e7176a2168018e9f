"""A published, a held, a failed and an unfinished night, with names nobody would choose kindly."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from pipelines.adapters.files.report_folder import ReportFolder
from pipelines.adapters.gates.docs_folder import DataDocsFolder
from pipelines.adapters.tables.nights import WarehouseNights
from pipelines.adapters.tables.questions.night_questions import NightQuestions
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.page.night_page import Links
from pipelines.domain.nights.page.terms import Terms
from pipelines.settings import ROOT, load
from pipelines.steps.night.report import report

POPULATION = "subscribers"
CUSTOMERS = 600
MATURED = date(2026, 2, 1)
BEFORE, PUBLISHED = date(2026, 3, 1), date(2026, 3, 2)
HELD, FAILED, UNFINISHED = (PUBLISHED + timedelta(days=days) for days in (1, 2, 3))
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=cmd("/c calc")'
LONG = "unbreakable" * 12
RIGHT_TO_LEFT = "تسجيل\u202eevil\u202c שלום"
QUOTES = "\"' onmouseover='alert(1)"
HOSTILE = (SCRIPT, FORMULA, LONG, RIGHT_TO_LEFT, QUOTES)
STATES = {PUBLISHED: "published", HELD: "held", FAILED: "failed", UNFINISHED: "unfinished"}
HOUSE = load({})
TERMS = Terms(
    tiers=HOUSE.tiers,
    costs=HOUSE.business.costs,
    capacity_pct=5.0,
    horizon_days=30,
    fee="monthly_fee_eur",
)
FEATURES = ("analytics", "fct_customer_features")


@dataclass(frozen=True)
class Pages:
    """
    What was written.

    Attributes:
        folder: Where.
        files: Date of a night to its page.
    """

    folder: ReportFolder
    files: Mapping[date, Path]

    @property
    def texts(self) -> dict[date, str]:
        """Date of a night to the HTML of its page."""
        return {as_of: path.read_text("utf-8") for as_of, path in self.files.items()}


def write(warehouse: Warehouse, home: Path) -> Pages:
    """Fill an empty warehouse with nights, and write the page of each."""
    _features(warehouse)
    for as_of in (MATURED, BEFORE, PUBLISHED):
        _publish(warehouse, as_of)
    _outcomes(warehouse)
    _drift(warehouse)
    _told(warehouse)
    files = {as_of: page(warehouse, home, as_of) for as_of in STATES}

    return Pages(ReportFolder(home / "reports"), files)


def page(warehouse: Warehouse, home: Path, as_of: date) -> Path:
    """Write the page of one night; return its file."""
    folder = ReportFolder(home / "reports")
    report(
        population=POPULATION,
        as_of=as_of,
        nights=WarehouseNights(warehouse, DataDocsFolder(home / "data_docs"), TERMS.tiers),
        questions=NightQuestions(warehouse, ROOT / "sql" / "night", TERMS, FEATURES),
        terms=TERMS,
        links=Links(airflow="http://127.0.0.1:1/dags/churn_nightly/runs/a%2Fb"),
        pages=folder,
    )

    return folder.drawing(POPULATION, as_of)


def _features(warehouse: Warehouse) -> None:
    """Make the features of every night: the fee alone, which a few do not have."""
    warehouse.execute(
        "create table analytics.fct_customer_features "
        "(as_of date, customer_id text, monthly_fee_eur double precision)"
    )
    warehouse.execute(
        "insert into analytics.fct_customer_features "
        "select day, 'C' || lpad(n::text, 4, '0'), nullif(n % 40, 0) "
        f"from generate_series(0, {CUSTOMERS + 3}) as n, "
        "unnest(array[date '2026-02-01', '2026-03-01', '2026-03-02']) as day"
    )


def _publish(warehouse: Warehouse, as_of: date) -> None:
    """Publish a list; a few come, a few go, and one tier is nobody's any more."""
    random = np.random.default_rng([7, as_of.toordinal()])
    first = 3 if as_of == PUBLISHED else 0
    ids = [f"C{number:04d}" for number in range(first, CUSTOMERS + first)]
    base = np.random.default_rng(7).beta(0.4, 3.0, CUSTOMERS)
    probability = np.clip(base + random.normal(0, 0.08, CUSTOMERS), 0.001, 0.99)
    thresholds = [*TERMS.tiers.thresholds.values()]
    tiers = [TERMS.tiers.names[code] for code in np.searchsorted(thresholds, probability, "right")]
    tiers[:2] = [SCRIPT, SCRIPT]
    themes = ("usage", "payment", SCRIPT, FORMULA, LONG, RIGHT_TO_LEFT, QUOTES, "support")
    reasons = [
        {"log_odds": 0, "base": 0, "themes": {themes[at % len(themes)]: 1.5, "price": 0.1}}
        for at in range(CUSTOMERS)
    ]
    scores = WarehouseScores(warehouse)
    run = scores.stage(
        population=POPULATION,
        as_of=as_of,
        model_name=f"churn-{POPULATION}",
        model_version=4,
        contract_fingerprint="abc",
        batches=pa.table(
            {
                "customer_id": ids,
                "churn_probability": probability,
                "risk_tier": tiers,
                "recommended_action": ["none"] * CUSTOMERS,
                "reason_1": [f"{SCRIPT} of {name}" for name in ids],
                **{f"reason_{rank}": pa.nulls(CUSTOMERS, pa.string()) for rank in (2, 3)},
                "reasons": [json.dumps(each) for each in reasons],
            }
        ).to_batches(),
    )
    scores.publish(run)


def _outcomes(warehouse: Warehouse) -> None:
    """Let the first list have matured: more left of the middle than was promised."""
    warehouse.execute(
        "insert into churn.outcomes (population, score_date, customer_id, run_id, "
        "churn_probability, is_churned) select :population, score_date, customer_id, run_id, "
        "churn_probability, abs(hashtext(customer_id)) % 1000 / 1000.0 "
        "< churn_probability * case risk_tier when 'medium' then 1.6 else 1 end "
        "from churn.scores where score_date = :as_of",
        {"population": POPULATION, "as_of": MATURED},
    )
    warehouse.execute(
        "insert into churn.loop_decisions (population, as_of, champion_version, action, cause, "
        "reason, evidence) select :population, day, 4, action, 'drift', :reason, '[]' from (values "
        "(date '2026-03-02', 'retrain'), (date '2026-03-03', 'alert')) as found (day, action)",
        {"population": POPULATION, "reason": f"usage_28d moved {SCRIPT}"},
    )
    for metric, value, lower, upper in (
        ("auc", 0.842, 0.81, 0.87),
        ("lift_10pct", 4.1, 3.2, 5.0),
        ("log_loss", 0.31, None, None),
        (SCRIPT, 0.5, 0.4, 0.6),
    ):
        warehouse.execute(
            "insert into churn.model_performance (population, score_date, model_version, metric, "
            "value, lower, upper, customers, churners, measured_as_of) values (:population, "
            ":as_of, 4, :metric, :value, :lower, :upper, 600, 71, '2026-03-02')",
            {
                "population": POPULATION,
                "as_of": MATURED,
                "metric": metric,
                "value": value,
                "lower": lower,
                "upper": upper,
            },
        )


def _drift(warehouse: Warehouse) -> None:
    """Let the published night have drifted in two features of five."""
    checks = (
        ("*score*", "quiet", "wasserstein_sd", 0.012, None),
        ("usage_28d", "drifted", "wasserstein_sd", 0.41, 0.12),
        ("plan", "missing", "psi", 0.03, 0.08),
        (SCRIPT, "quiet", "psi", 0.001, 0.02),
        (LONG, "quiet", "psi", 0.002, 0.01),
        (RIGHT_TO_LEFT, "quiet", None, None, None),
    )
    spread = {
        "kind": "numeric",
        "edges": [0, 10, 20, 30, 40, 50],
        "reference": [0.4, 0.3, 0.15, 0.1, 0.05],
        "current": [0.25, 0.25, 0.2, 0.2, 0.1],
    }
    levels = {
        "kind": "levels",
        "levels": [SCRIPT, RIGHT_TO_LEFT, QUOTES],
        "reference": [0.7, 0.2, 0.1],
        "current": [0.6, 0.2, 0.2],
    }
    for at, (feature, verdict, name, effect, importance) in enumerate(checks):
        warehouse.execute(
            "insert into churn.drift_checks (population, as_of, feature, model_version, engine, "
            "effect_name, effect, missing_reference_pct, missing_current_pct, importance, verdict, "
            "distribution) values (:population, :as_of, :feature, 4, 'scipy', :name, :effect, 0.5, "
            ":missing, :importance, :verdict, cast(:distribution as jsonb))",
            {
                "population": POPULATION,
                "as_of": PUBLISHED,
                "feature": feature,
                "name": name,
                "effect": effect,
                "importance": importance,
                "verdict": verdict,
                "missing": 31.4 if verdict == "missing" else 0.5,
                "distribution": json.dumps(spread if at % 2 else levels) if at != 5 else None,
            },
        )
    warehouse.execute(
        "insert into churn.drift_verdicts (population, as_of, model_version, verdict, "
        "is_training_requested, reason) values (:population, :as_of, 4, 'drifted', true, :reason)",
        {"population": POPULATION, "as_of": PUBLISHED, "reason": f"usage_28d, plan and {SCRIPT}"},
    )


def _told(warehouse: Warehouse) -> None:
    """Let gates have looked, one refuse a night, a task fail in another, and one still be at it."""
    with warehouse.begin() as connection:
        for as_of, failed in ((PUBLISHED, 0), (HELD, 7), (UNFINISHED, 0)):
            for at, subject in enumerate(("raw.invoices.amount", *HOSTILE, "raw.customers")):
                connection.execute(
                    sa.text(
                        "insert into churn.gate_results (population, as_of, gate, subject, "
                        "expectation, severity, is_passed, owner) values (:population, :as_of, "
                        "'sources', :subject, 'expect_column_values_to_not_be_null', 'fail', "
                        ":passed, 'data')"
                    ),
                    {
                        "population": POPULATION,
                        "as_of": as_of,
                        "subject": subject,
                        "passed": at >= failed,
                    },
                )
        for as_of, kind, title, body in (
            (
                *(HELD, "gate_sources", f"sources gate: 7 of 7 checks failed {SCRIPT}"),
                f"{LONG} {SCRIPT} {RIGHT_TO_LEFT}\nNext: churn sql \"select '{SCRIPT}'\"",
            ),
            (
                *(FAILED, "failed_features", "features of subscribers failed with exit code 14"),
                f"1 of 3 models failed: {QUOTES}\nNext: churn features --as-of 2026-03-04",
            ),
        ):
            connection.execute(
                sa.text(
                    "insert into churn.alerts (population, as_of, kind, severity, title, body, "
                    "owner) values (:population, :as_of, :kind, 'critical', :title, :body, 'data')"
                ),
                {
                    "population": POPULATION,
                    "as_of": as_of,
                    "kind": kind,
                    "title": title,
                    "body": body,
                },
            )
        for as_of in (PUBLISHED, HELD):
            connection.execute(
                sa.text(
                    "insert into churn.alerts (population, as_of, kind, severity, title, body, "
                    "owner, incident_id) select :population, :as_of, 'drift', 'warning', :title, "
                    ":body, 'science', min(alert_id) from churn.alerts where kind = 'drift'"
                ),
                {
                    "population": POPULATION,
                    "as_of": as_of,
                    "title": f"drift: 2 of 6 checks {RIGHT_TO_LEFT} {LONG}",
                    "body": f"{SCRIPT}\nNext: {FORMULA}\nNext: churn drift --as-of {as_of}",
                },
            )
        connection.execute(
            sa.text(
                "insert into churn.alert_deliveries (alert_id, channel, stage, as_of) "
                "select min(alert_id), 'email', 'began', :as_of from churn.alerts "
                "where kind = 'drift'"
            ),
            {"as_of": PUBLISHED},
        )
        connection.execute(
            sa.text(
                "insert into churn.model_promotions (population, as_of, champion_version, "
                "challenger_version, is_promoted, reason) values "
                "(:population, '2026-02-15', 3, 4, true, :reason), "
                "(:population, '2026-02-22', 4, 5, false, 'not better beyond noise')"
            ),
            {"population": POPULATION, "reason": f"better by 0.008 AUC {SCRIPT}"},
        )
