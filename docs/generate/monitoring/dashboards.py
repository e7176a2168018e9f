"""A dashboard of Grafana, from what is on it: places, units and style are the same on all."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 24
HEIGHTS: Final = {"stat": 4, "timeseries": 8, "heatmap": 8, "bargauge": 8, "table": 8}
# The uid Grafana's provisioning gives to the Prometheus of docker-compose.yaml.
SOURCE: Final = "churn-prometheus"
# Of the populations that are chosen, and how their series are called.
OF: Final = 'population=~"$population"'
BY_POPULATION: Final = "{{population}}"
DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """
    One panel.

    Attributes:
        title: What it shows.
        says: What a reader should know of it; a sentence.
        queries: PromQL, each with the legend of its series; `$population` is what is chosen.
        unit: As Grafana names it.
        kind: Of a panel: stat, timeseries, heatmap, bargauge or table.
        width: Of 24 columns.
        red_from: From which value it is red; None is never.
    """

    title: str
    says: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12
    red_from: float | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """
    One dashboard.

    Attributes:
        name: Of its file, and the end of its uid.
        title: What it shows.
        chosen_from: Metric whose populations may be chosen.
        days: How far back it looks at first.
        rows: Titles of its rows, each with panels from left to right.
    """

    name: str
    title: str
    chosen_from: str
    days: int
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]


def dashboard(board: Board) -> str:
    """
    Return a dashboard as the JSON Grafana reads.

    Raises:
        ValueError: A panel does not fit in its row.
    """
    made = {
        "uid": f"churn-{board.name}",
        "title": board.title,
        "tags": ["churn"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "timezone": "utc",
        "time": {"from": f"now-{board.days}d", "to": "now"},
        "links": [{"type": "dashboards", "tags": ["churn"], "title": "Churn", "keepTime": False}],
        "templating": {"list": _variables(board)},
        "panels": [*_panels(board)],
    }

    return f"{json.dumps(made, indent=1)}\n"


def _variables(board: Board) -> list[dict[str, Any]]:
    """Return what a reader chooses: where the figures come from, and of which populations."""
    return [
        {
            "name": "datasource",
            "label": "Prometheus",
            "type": "datasource",
            "query": "prometheus",
            "current": {"text": "Prometheus", "value": SOURCE},
        },
        {
            "name": "population",
            "label": "Population",
            "type": "query",
            "datasource": DATASOURCE,
            "query": f"label_values({board.chosen_from}, population)",
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        },
    ]


def _panels(board: Board) -> Iterator[dict[str, Any]]:
    """Yield rows and their panels, each under the one before and right of its neighbour."""
    number, top = 0, 0
    for title, panels in board.rows:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": top},
        }
        top += 1
        for line in _lines(panels):
            left = 0
            for panel in line:
                number += 1
                yield _panel(panel, number, left, top)
                left += panel.width
            top += max(HEIGHTS[panel.kind] for panel in line)


def _lines(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    """Yield the panels that stand beside each other."""
    line: list[Panel] = []
    for panel in panels:
        if panel.width > WIDTH:
            raise ValueError(f"{panel.title} is wider than a dashboard")
        if sum(each.width for each in line) + panel.width > WIDTH:
            yield line
            line = []
        line.append(panel)
    yield line


def _panel(panel: Panel, number: int, left: int, top: int) -> dict[str, Any]:
    """Return one panel in its place."""
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    is_now = panel.kind in {"stat", "bargauge", "table"}
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": DATASOURCE,
            "expr": expression,
            "legendFormat": legend,
            **({"instant": True, "range": False} if is_now else {}),
            **({"format": panel.kind} if panel.kind in {"heatmap", "table"} else {}),
        }
        for index, (expression, legend) in enumerate(panel.queries)
    ]

    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": DATASOURCE,
        "gridPos": {"h": HEIGHTS[panel.kind], "w": panel.width, "x": left, "y": top},
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "options": _options(panel.kind),
        "targets": targets,
    }


def _options(kind: str) -> dict[str, Any]:
    """Return how a kind of panel is drawn."""
    if kind == "timeseries":
        return {"legend": {"displayMode": "list", "placement": "bottom"}}
    if kind == "heatmap":
        return {"calculate": False, "yAxis": {"unit": "short"}}
    if kind == "table":
        return {"showHeader": True}

    return {"reduceOptions": {"calcs": ["lastNotNull"]}, "textMode": "value_and_name"}
