"""Every query of every dashboard and rule, asked of a Prometheus that scrapes a real night."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url

from tests import identity
from tests.e2e import at_rest as at_rest_business
from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business
from tests.faults.other_models import gloomier, registered
from tests.faults.server import wait
from tests.integration.monitors import MONITORING, Prometheus, exporting, prometheus
from tests.integration.service_night import BATCH, features, made_key, night_of
from tests.integration.service_process import SOON, serving

pytestmark = [
    pytest.mark.story,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed"),
]
# What did not happen to this business, told as it would be if it had.
HAPPENED = (
    f"""
insert into churn.model_performance (population, score_date, model_version, metric, value, lower,
  upper, customers, churners, promised_lower, measured_as_of)
select '{POPULATION}', date '{NIGHT}' - 30, 1, metric, 0.8, 0.7, 0.9, 30, 9, 0.75, '{NIGHT}'
from unnest(array['auc', 'precision', 'recall', 'observed_to_expected']) as metric
on conflict do nothing
""",
    f"""
insert into churn.outcome_findings (population, score_date, model_version, metric, finding,
  measured_as_of) values ('{POPULATION}', date '{NIGHT}' - 30, 1, 'auc', 'it fell', '{NIGHT}')
""",
    f"""
insert into churn.loop_decisions (population, as_of, champion_version, action, cause, reason,
  evidence) values ('{POPULATION}', '{NIGHT}', 1, 'retrain', 'drift', 'r', '[]')
on conflict (population, as_of) do update set action = 'retrain'
""",
    f"""
insert into churn.drift_verdicts (population, as_of, model_version, verdict, is_training_requested,
  reason) values ('{POPULATION}', '{NIGHT}', 1, 'quiet', false, 'r')
on conflict do nothing
""",
    f"""
insert into churn.alerts (population, as_of, kind, severity, title, body, owner)
values ('{POPULATION}', '{NIGHT}', 'drift', 'warning', 't', 'b', 'o')
on conflict do nothing
""",
    f"""
insert into churn.trial_results (population, mode, salt, challenger_pct, champion_version,
  challenger_version, metric, measured_as_of, customers, difference, lower, upper, verdict)
values ('{POPULATION}', 'split', 's', 50, 1, 2, 'brier', '{NIGHT}', 9, 0.25, -1, 1, 'open')
""",
    "create user churn_watch login password 'x' in role churn_aggregates",
)
NAME = re.compile(r"\b(?:churn[a-zA-Z0-9_:]*|up|ALERTS)\b")


@dataclass
class Watched:
    """
    A business that is watched.

    Attributes:
        server: The Prometheus that watches it.
    """

    server: Prometheus


@pytest.fixture(scope="module")
def watched(at_rest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A copy of a business, asked by programs with keys and with tokens, some of them forged."""
    folder = tmp_path_factory.mktemp("monitors")
    with at_rest_business.copy_of(at_rest) as churn_home, identity.provider() as provider:
        business = Business(churn_home)
        challenger = registered(business, gloomier).version
        table = f'{POPULATION} = {{ challenger = {challenger}, mode = "split", salt = "winter" }}'
        churn_home.configure(
            {
                **SOON,
                "trials = {}": f"trials = {{ {table} }}",
                'issuer = ""': f'issuer = "{identity.ISSUER}"',
                'audience = ""': f'audience = "{identity.AUDIENCE}"',
                'jwks_url = ""': f'jwks_url = "{provider.url}"',
            }
        )
        business.execute(*HAPPENED)
        key = made_key(business, per_hour=1_000_000)
        names = [*night_of(business)][:200]
        rows = features(business, names)
        login = make_url(business.url).set(username="churn_watch", password="x")
        with (
            serving(churn_home) as service,
            exporting(login.render_as_string(hide_password=False), folder) as (exporter, _),
            prometheus(
                folder / "prometheus",
                exporter=exporter,
                service=service.url.removeprefix("http://"),
            ) as server,
        ):

            def is_watched() -> bool:
                """Ask the service once more; tell whether everything is recorded."""
                sent = [{"customer_id": name, "features": row} for name, row in rows.items()]
                assert 200 == service.ask("POST", BATCH, key, json={"rows": sent}).status_code
                path = f"/v1/{POPULATION}/customers"
                assert 200 == service.ask("GET", f"{path}/{names[0]}", key).status_code
                assert 404 == service.ask("GET", f"{path}/nobody", key).status_code
                forged = provider.token("first", aud="another")
                assert 401 == service.ask("GET", f"{path}/{names[0]}", forged).status_code
                recorded = [rule["record"] for rule in rules() if "record" in rule]
                return all(server.values(name) for name in recorded)

            wait("everything to be recorded", is_watched)
            yield Watched(server)
        business.wired.warehouse.engine.dispose()


def rules() -> list[dict[str, str]]:
    """Return every rule."""
    told = yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))

    return [rule for group in told["groups"] for rule in group["rules"]]


def queries() -> dict[str, str]:
    """Return every query of every dashboard and rule, by where it is."""
    found = {}
    for path in sorted((MONITORING / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text("utf-8"))["panels"]:
            for target in panel.get("targets", []):
                where = f"{path.stem}: {panel['title']} ({target['refId']})"
                found[f"{where} {panel['id']}"] = target["expr"].replace("$population", ".*")
    for rule in rules():
        found[f"rule {rule.get('record') or rule['alert']}"] = rule["expr"]

    return found


def names(expression: str) -> set[str]:
    """Return the metrics an expression names."""
    bare = re.sub(r"\{[^}]*\}", "", expression)

    return set(NAME.findall(re.sub(r"\b(?:by|on)\s*\([^)]*\)", "", bare)))


def test_every_query_is_one_and_asks_for_what_is_told(watched: Watched) -> None:
    """None is an error, and every metric it names has a sample, of what did not happen 0."""
    asked = queries()
    answers = {
        where: watched.server.get("query", query=expression) for where, expression in asked.items()
    }
    metrics = {name for expression in asked.values() for name in names(expression)}
    without = {name for name in metrics if not watched.server.values(f"count({name})")}

    assert len(asked) > 80
    assert {} == {where: each for where, each in answers.items() if each["status"] != "success"}
    assert set() == without


def test_every_panel_shows_something(watched: Watched) -> None:
    """Of what did not happen that it did not."""
    empty = {
        where.rpartition(" ")[0]
        for where, expression in queries().items()
        if not where.startswith("rule ") and not watched.server.values(expression)
    }

    assert set() == empty


def test_a_query_that_is_none_would_be_found(watched: Watched) -> None:
    """Else the first test says nothing."""
    assert "error" == watched.server.get("query", query="sum(churn_list_size")["status"]
    assert [] == watched.server.values("count(churn_list_sizes)")


def test_both_jobs_are_up_and_no_rule_fails(watched: Watched) -> None:
    """As Prometheus sees it."""
    groups = watched.server.get("rules")["data"]["groups"]
    targets = watched.server.get("targets")["data"]["activeTargets"]

    assert {"churn-service": "up", "churn-exporter": "up"} == {
        each["labels"]["job"]: each["health"] for each in targets
    }
    assert {"ok"} == {rule["health"] for group in groups for rule in group["rules"]}


def test_nobody_is_told(watched: Watched) -> None:
    """No label of any series holds a customer."""
    labels = watched.server.get("labels")["data"]
    values = {
        value for label in labels for value in watched.server.get(f"label/{label}/values")["data"]
    }

    assert POPULATION in values
    assert not {value for value in values if re.search(r"C0\d{6}|CANARY", value)}
