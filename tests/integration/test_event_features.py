"""A log becomes features that are what their words say, whatever the log holds."""

import math
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlfluff
from sqlfluff.core import FluffConfig

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.scaffolds.event_models import render
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.errors import DbtFailed
from pipelines.settings import ROOT
from tests import databases
from tests.integration import event_projects
from tests.integration.event_logs import AS_OFS, EDGE, KNOWN_AT, Example, ledger, music, visits

NAMES = ["music", "ledger", "visits"]
VARIABLES = {"as_ofs": [str(day) for day in AS_OFS], "known_at": str(KNOWN_AT)}


@dataclass(frozen=True)
class Built:
    """The three logs, loaded and built for all dates."""

    dbt: Dbt
    warehouse: Warehouse
    examples: dict[str, Example]

    def rows(self, table: str) -> dict[tuple[date, str], dict[str, Any]]:
        """Return what is in a table of models."""
        found = self.warehouse.rows(f"select * from analytics.{table}")
        return {(row.as_of, row.customer_id): row._asdict() for row in found}


@pytest.fixture(scope="module")
def built(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """One project, one call of dbt; each log with the horizon it was scaffolded for."""
    examples = dict(zip(NAMES, (music(), ledger(), visits()), strict=True))
    folder: Path = tmp_path_factory.mktemp("events")
    with databases.created(server_url, "event_features", template=migrated) as warehouse:
        for example in examples.values():
            event_projects.load(warehouse, example.log, example.rows, example.types)
        project = event_projects.write(folder / "my", [each.log for each in examples.values()])
        dbt = Dbt(project, warehouse.url, "analytics", folder)
        models = " ".join(f"+fct_{name}_features +fct_{name}_labels" for name in NAMES)
        dbt.build(models, VARIABLES)
        yield Built(dbt, warehouse, examples)


@pytest.mark.parametrize("name", NAMES)
def test_every_feature_is_what_its_words_say(built: Built, name: str) -> None:
    """Each value of each member on each date, worked out again from the events one by one."""
    example = built.examples[name]
    expected = {
        (as_of, customer): features
        for customer, events in example.events().items()
        for as_of in AS_OFS
        if (features := example.twin.features(events, as_of)) is not None
    }
    actual = built.rows(f"fct_{name}_features")

    assert {as_of for as_of, _ in expected} == {*AS_OFS}
    assert len(expected) > 60
    assert expected.keys() == actual.keys()
    names = {feature.name for feature in event_features(example.log)}
    assert all(names == features.keys() for features in expected.values())
    different = {
        (name, *key): (expected[key][name], actual[key][name])
        for key in expected
        for name in names
        if not is_close(expected[key][name], actual[key][name])
    }
    assert {} == different


@pytest.mark.parametrize("name", NAMES)
def test_every_label_is_what_the_log_says_later(built: Built, name: str) -> None:
    """The same of who left; the last date is not due yet, and nobody has left or stayed."""
    example = built.examples[name]
    events = example.events()
    actual = built.rows(f"fct_{name}_labels")
    expected = {
        (as_of, customer): example.twin.is_churned(
            events[customer],
            as_of,
            known_at=KNOWN_AT,
            gap=example.log.gap_days,
            horizon=example.log.horizon_days,
        )
        for as_of, customer in built.rows(f"fct_{name}_features")
    }

    assert {True, False, None} == {*expected.values()}
    assert expected == {key: row["is_churned"] for key, row in actual.items()}


def test_windows_and_horizon_stand_on_their_edges(built: Built) -> None:
    """Customers put there by hand, so that no twin has to be believed."""
    members = {
        customer: row
        for (as_of, customer), row in built.rows("fct_music_features").items()
        if as_of == EDGE
    }
    recency = {
        "eligible on the first instant": 56,
        "in the last instant": 1,
        "known in the last instant": 1,
        "left and came back": 8,
        "left, and nobody knew": 9,
    }
    assert recency == {name: members[name]["days_since_last_event"] for name in recency}
    assert not {"eligible no more", "at as_of", "known at as_of", "left", "left at once"} & {
        *members
    }
    for days in (7, 14, 28, 84):
        assert 2 == members[f"{days} days before"][f"events_{days}d"]
        assert 3 == members[f"{days} days before"]["events_100d"]
    history = members["100 days before"]
    assert (2, 100) == (history["events_100d"], history["days_since_first_event_100d"])

    labels = built.rows("fct_music_labels")
    left = {
        "left and came back": True,
        "left, and nobody knew": True,
        "leaves in the gap": False,
        "leaves on the first instant": True,
        "comes at the end": True,
        "comes in the last instant": False,
    }
    assert left == {name: labels[EDGE, name]["is_churned"] for name in left}


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_is_kept_by_every_value(built: Built, name: str) -> None:
    """As read from the manifest it is what was declared, and no legal value is out of bounds."""
    contract = built.dbt.contract(f"fct_{name}_features")
    features = tuple(made.feature for made in event_features(built.examples[name].log))
    assert contract == FeatureContract(f"fct_{name}_features", features)

    broken = [
        (feature.name, row[feature.name])
        for row in built.rows(f"fct_{name}_features").values()
        for feature in features
        if not _is_legal(row[feature.name], feature.nullable, feature.minimum, feature.maximum)
    ]
    assert [] == broken


@pytest.mark.parametrize("name", NAMES)
def test_what_is_loaded_later_changes_nothing(built: Built, name: str) -> None:
    """Built from only what was known by then, a date is the same; some of its events came later."""
    log = built.examples[name].log
    late = built.warehouse.rows(
        f'select 1 from raw.{log.raw_table} where "{log.happened_at}" >= '
        f"'{EDGE - timedelta(84)}' and \"{log.happened_at}\" < '{EDGE}' and loaded_at >= '{EDGE}'"
    )

    assert late
    assert [] == built.dbt.replay_differences(model=f"fct_{name}_features", as_of=EDGE)


@pytest.mark.story
def test_models_are_written_in_our_style() -> None:
    """By the linter of our own models; one that breaks it is found."""
    config = FluffConfig.from_path(str(ROOT / "dbt_project"))
    files = {
        name: text
        for make in (music, ledger, visits)
        for name, text in render(make().log).items()
        if name.endswith(".sql") and (make is music or "features" not in name)
    }
    faults = {
        name: found for name, text in files.items() if (found := sqlfluff.lint(text, config=config))
    }

    assert len(files) > 15
    assert {} == faults
    staging = files["staging/stg_visits__log.sql"]
    assert sqlfluff.lint(staging.replace("select", "SELECT"), config=config)


def is_close(expected: Any, actual: Any) -> bool:
    """Tell whether a value is what was worked out; missing and 0 are not the same."""
    if expected is None or actual is None or isinstance(expected, str):
        return expected == actual

    return math.isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-9)


def _is_legal(
    value: float | None, nullable: bool, minimum: float | None, maximum: float | None
) -> bool:
    """Tell whether the contract allows *value*."""
    if value is None:
        return nullable

    return (minimum is None or value >= minimum) and (maximum is None or value <= maximum)


@pytest.mark.story
def test_the_project_s_own_tests_see_what_knows_the_future(built: Built, tmp_path: Path) -> None:
    """Those the scaffold writes hold, and not for days that are known too early."""
    project = tmp_path / "my"
    shutil.copytree(built.dbt.project_dir, project, symlinks=True)
    dbt = replace(built.dbt, project_dir=project, state=tmp_path)
    assert {"pass": 9} == Counter(
        node.status for name in NAMES for node in dbt.unit_tests(f"path:models/{name}").nodes
    )

    model = next(project.rglob("int_ledger_days_known.sql"))
    rule = "churn.is_known_day('days.occurred_date', 'days.loaded_date', 'as_ofs.as_of')"
    text = model.read_text("utf-8")
    assert rule in text
    model.write_text(text.replace("{{ " + rule + " }}", "days.occurred_date < as_ofs.as_of"))
    with pytest.raises(DbtFailed, match="ledger_days_are_known_strictly_before_as_of"):
        dbt.unit_tests("path:models/ledger")

    model = next(project.rglob("int_music_days_known.sql"))
    text = model.read_text("utf-8")
    assert "set history_days = 100 " in text
    model.write_text(text.replace("set history_days = 100 ", "set history_days = 101 "))
    with pytest.raises(DbtFailed, match="music_days_are_known_strictly_before_as_of"):
        dbt.unit_tests("path:models/music")
