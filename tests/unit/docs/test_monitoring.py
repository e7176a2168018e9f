"""Rules and dashboards: each names what there is; alerts are tested where they fire and do not."""

import json
import re
import shutil
import subprocess
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.generate.monitoring.dashboards import Board, Panel, dashboard
from pipelines.api.metrics import Metrics
from pipelines.domain.nights.figures import FIGURES
from pipelines.settings import ROOT

FOLDER = ROOT / "docs" / "monitoring"
DASHBOARDS = FOLDER / "grafana" / "dashboards"
RULE_TESTS = ("rules_test.yml", "rules_nights_test.yml")
# What Prometheus knows of any job, and of alerts.
ITS_OWN = {"up", "ALERTS"}
NAME = re.compile(r"\b(?:churn[a-zA-Z0-9_:]*|up|ALERTS)\b")
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


def rule_tests() -> list[dict[str, Any]]:
    """Return every test of rules."""
    return [test for name in RULE_TESTS for test in told(name)["tests"]]


def test_every_alert_is_silent_fires_and_is_over() -> None:
    """In one test of each; it says what to do, and is as urgent as our own alerts are."""
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}
    courses = defaultdict(list)
    for number, test in enumerate(rule_tests()):
        for item in test["alert_rule_test"]:
            at = float(item["eval_time"][:-1])
            courses[number, item["alertname"]].append((at, bool(item["exp_alerts"])))
    whole = {
        name
        for (_, name), course in courses.items()
        if (False, True, False) == tuple(fires for fires, _ in groupby(course_of(course)))
    }

    assert len(alerts) > 20
    assert {*alerts} == whole
    for rule in alerts.values():
        assert {"summary", "next"} == {*rule["annotations"]}
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}


def course_of(course: list[tuple[float, bool]]) -> list[bool]:
    """Return whether an alert fires, in the order of time."""
    return [fires for _, fires in sorted(course)]


def test_every_series_of_a_test_is_a_metric_there_is() -> None:
    """Else a rule is tested on what nobody tells."""
    series = {
        name
        for test in rule_tests()
        for item in test["input_series"]
        for name in named(item["series"])
    }

    assert set() == series - metrics() - ITS_OWN


def boards() -> dict[str, dict[str, Any]]:
    """Return every dashboard, by its file."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in DASHBOARDS.glob("*.json")}


def test_every_metric_of_a_dashboard_exists() -> None:
    """Every panel asks something of what is told or recorded; no two lie on each other."""
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    (source,) = told("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    provisioned = source["uid"]
    asked = set()
    for name, board in boards().items():
        panels = [panel for panel in board["panels"] if panel["type"] != "row"]
        targets = [target for panel in panels for target in panel["targets"]]
        asked |= {each for target in targets for each in named(target["expr"])}
        cells = [
            (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
            for panel in board["panels"]
            for x in range(panel["gridPos"]["w"])
            for y in range(panel["gridPos"]["h"])
        ]

        source, _ = board["templating"]["list"]
        assert provisioned == source["current"]["value"], name
        assert all(named(target["expr"]) for target in targets), name
        assert all(panel["description"].endswith(".") for panel in panels), name
        assert len(cells) == len({*cells}), name
        assert max(x for x, _ in cells) < 24, name

    assert {"service", "nights", "model", "business"} == {*boards()}
    assert set() == asked - metrics() - recorded - ITS_OWN


def test_everything_that_is_told_is_shown_or_alerts() -> None:
    """A metric that nobody looks at is a promise nobody keeps."""
    expressions = [rule["expr"] for rule in rules()]
    expressions += [
        target["expr"]
        for board in boards().values()
        for panel in board["panels"]
        for target in panel.get("targets", [])
    ]
    asked = {name for expression in expressions for name in named(expression)}

    assert set() == {name for name in metrics() if not name.endswith(("_sum", "_count"))} - asked


def test_a_panel_that_does_not_fit_is_refused() -> None:
    """Rather than drawn where nobody sees it."""
    wide = Panel("Wide", "Too wide.", (("up", "up"),), width=25)

    with pytest.raises(ValueError, match="Wide is wider than a dashboard"):
        dashboard(Board("b", "B", "up", 1, (("Row", (wide,)),)))


@pytest.mark.server
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "rules.yml"),
        ("check", "config", "prometheus.yml"),
        *(("test", "rules", name) for name in RULE_TESTS),
    ],
)
def test_promtool_finds_no_fault(words: tuple[str, ...]) -> None:
    """Of the rules, of the jobs, and that alerts fire where they have to."""
    done = subprocess.run(
        ["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_can_read_every_query_of_a_dashboard(tmp_path: Path) -> None:
    """Each as if it were recorded; what they find is tested on a real night."""
    expressions = [
        target["expr"].replace("$population", ".*")
        for board in boards().values()
        for panel in board["panels"]
        for target in panel.get("targets", [])
    ]
    recorded = [
        {"record": f"query:{number}", "expr": expression}
        for number, expression in enumerate(expressions)
    ]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": recorded}]}), "utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", path], capture_output=True, text=True, check=False
    )

    assert len(expressions) > 50
    assert 0 == done.returncode, done.stdout + done.stderr
