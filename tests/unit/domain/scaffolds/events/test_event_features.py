"""The features of a log, as they are declared."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog, LabelRule
from pipelines.domain.scaffolds.events.log_columns import amount_columns, kind_columns
from pipelines.settings import ROOT
from tests import music_service

SILENCE = LabelRule("inactivity")
MACRO = re.compile(r"macro (\w+)\(")
CALL = re.compile(r"churn\.(\w+)\(.*\)")


@pytest.fixture(scope="module")
def music() -> EventLog:
    """A log with everything a log can have."""
    kinds = kind_columns({"page": [*music_service.PAGES, music_service.CANCELLED]})
    amounts = amount_columns({"length": "seconds"}, kinds)

    return EventLog("music", "log", SILENCE, kinds, amounts, "session", eligible_days=28)


def test_a_music_service_has_many_features(music: EventLog) -> None:
    """Each has a name of its own that fits, a title, a family, and a unit if it is a number."""
    features = [declaration.feature for declaration in event_features(music)]

    assert 150 <= len(features) <= 200
    assert {1} == {*Counter(feature.name for feature in features).values()}
    assert {1} == {*Counter(feature.title for feature in features).values()}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{1,62}", feature.name) for feature in features)
    assert all(feature.family and feature.owner for feature in features)
    assert {"activity", "recency", "history", "kinds", "amounts", "time of day", ""} == {
        feature.theme for feature in features
    }
    assert {"last values"} == {feature.family for feature in features if not feature.theme}
    assert all(bool(feature.unit) == (feature.kind == "numeric") for feature in features)


def test_every_macro_is_one_of_the_package(music: EventLog) -> None:
    """A call of one that is not there would be found only when dbt runs."""
    text = "".join(
        path.read_text("utf-8") for path in (ROOT / "dbt_project/macros").glob("**/*.sql")
    )
    called = {
        match[1] for made in event_features(music) if (match := CALL.fullmatch(made.expression))
    }

    assert len(called) > 15
    assert called <= {*MACRO.findall(text)}


def test_features_of_all_history_say_how_long_it_is(music: EventLog) -> None:
    """In their names, so that others are other features; where it is a window, once."""
    features = {
        days: {
            made.name: made.feature for made in event_features(replace(music, history_days=days))
        }
        for days in (None, 84, 98)
    }
    whole, window, longer = features.values()

    assert len(whole) == len(longer)
    assert {"events_total", "page_home_total", "gap_mean_days", "mean_length"} <= {*whole}
    assert {"events_98d", "page_home_98d", "gap_mean_98d_days", "mean_length_98d"} <= {*longer}
    assert "events in the last 98 days" == longer["events_98d"].title
    assert [] == [name for name in longer if name.endswith("_total")]
    first = longer["days_since_first_event_98d"]
    assert (98, "days since the first event, of those in the last 98 days") == (
        first.maximum,
        first.title,
    )
    assert {*window} - {*whole} == {"days_since_first_event_84d"}
    assert 150 <= len(window)


def test_recency_is_bounded_by_what_makes_a_member(music: EventLog) -> None:
    """From 1, the day before, to the first day of the window; without a window by nothing."""
    bounds = {
        days: (feature.minimum, feature.maximum)
        for days in (28, 90, None)
        for made in event_features(
            EventLog("bare", "log", SILENCE, eligible_days=days, has_times=False)
        )
        if (feature := made.feature).name == "days_since_last_event"
    }

    assert {28: (1, 28), 90: (1, 90), None: (1, None)} == bounds


def test_ratios_are_nullable_where_a_member_may_have_none(music: EventLog) -> None:
    """A share of the last 28 days exists for who had an event in 28 days, and not for others."""
    name = "share_page_home_28d_pct"
    nullable = [
        made.feature.nullable
        for days in (28, 29)
        for made in event_features(
            EventLog("music", "log", SILENCE, music.kinds, eligible_days=days)
        )
        if made.name == name
    ]

    assert [False, True] == nullable


def test_a_log_without_times_has_no_times_of_day() -> None:
    """Nor lengths of sessions; weekends it has."""
    names = {
        made.name
        for made in event_features(
            EventLog("days", "log", SILENCE, session="visit", has_times=False, is_dated=True)
        )
    }

    assert {"sessions_28d", "weekend_share_28d_pct"} <= names
    assert not [name for name in names if "night" in name or "minutes" in name]


@given(
    columns=st.dictionaries(st.text(), st.lists(st.text(), max_size=30, unique=True), max_size=3),
    units=st.dictionaries(st.text(), st.text(), max_size=3),
)
def test_whatever_a_log_is_called_its_features_have_names(
    columns: dict[str, list[str]], units: dict[str, str]
) -> None:
    """Unique ones, short enough, without quotes."""
    kinds = kind_columns(columns)
    log = EventLog("any", "log", SILENCE, kinds, amount_columns(units, kinds), "session")

    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", made.name) for made in event_features(log))
