"""Rules for Prometheus: each names what there is, and is tested where it fires and where not."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from pipelines.api.metrics import Metrics
from pipelines.domain.nights.figures import FIGURES
from pipelines.settings import ROOT

FOLDER = ROOT / "docs" / "monitoring"
# What Prometheus knows of any job, and of alerts.
ITS_OWN = {"up"}
NAME = re.compile(r"\b(?:churn[a-zA-Z0-9_:]*|up)\b")
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "gauge": ("",),
}


def told(name: str) -> Any:
    """Return a file of the folder."""
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


def rules() -> list[dict[str, Any]]:
    """Return every rule."""
    return [rule for group in told("rules.yml")["groups"] for rule in group["rules"]]


def metrics() -> set[str]:
    """Return what the service and the exporter tell, by the names of its samples."""
    made = Metrics()
    made.watch_identity(lambda: True)
    of_service = {
        f"{family.name}{suffix}"
        for family in made._registry.collect()
        for suffix in SUFFIXES[family.type]
    }

    return of_service | {*FIGURES} | {"churn_warehouse_up"}


def named(expression: str) -> set[str]:
    """Return the metrics an expression names; what stands in braces or quotes is a label."""
    bare = re.sub(r"\{[^}]*\}", "", expression)

    return set(NAME.findall(re.sub(r"\b(?:by|on)\s*\([^)]*\)", "", bare)))


def test_every_metric_a_rule_names_exists() -> None:
    """In the service, in the exporter, or recorded by another rule."""
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    found = {name for rule in rules() for name in named(rule["expr"])}

    assert {"churn_requests_total", "churn_list_as_of_timestamp_seconds", "up"} < found
    assert set() == found - metrics() - recorded - ITS_OWN


def test_every_alert_is_tested_and_says_what_to_do() -> None:
    """Where it fires and where it must not; as urgent as our own alerts are."""
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}
    tests = [item for test in told("rules_test.yml")["tests"] for item in test["alert_rule_test"]]
    fires = {item["alertname"] for item in tests if item["exp_alerts"]}

    assert len(alerts) > 10
    assert {*alerts} == fires
    for rule in alerts.values():
        assert {"summary", "next"} == {*rule["annotations"]}
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}


def test_every_series_of_a_test_is_a_metric_there_is() -> None:
    """Else a rule is tested on what nobody tells."""
    series = {
        name
        for test in told("rules_test.yml")["tests"]
        for item in test["input_series"]
        for name in named(item["series"])
    }

    assert set() == series - metrics() - ITS_OWN


def test_every_metric_of_the_dashboard_exists() -> None:
    """Every panel asks something, of what is told or recorded; none lies on another."""
    board = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    asked = [named(target["expr"]) for panel in panels for target in panel["targets"]]
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    cells = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]

    assert ["Service", "Nights", "Model", "Business"] == [
        panel["title"] for panel in board["panels"] if panel["type"] == "row"
    ]
    assert all(asked)
    assert set() == {name for names in asked for name in names} - metrics() - recorded
    assert len(cells) == len({*cells})


@pytest.mark.server
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "rules.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
)
def test_promtool_finds_no_fault(words: tuple[str, ...]) -> None:
    """Of the rules, of the jobs, and that alerts fire where they have to."""
    done = subprocess.run(
        ["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout + done.stderr
