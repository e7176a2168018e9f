"""A log as a population."""

import functools
import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.adapters.scaffolds import log_models
from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import log_population
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events.event_log import LabelRule
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.logs.column_uses import column_uses
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.domain.scaffolds.summary import summary
from pipelines.errors import ImportRefused

ROWS = 2000
RANDOM = np.random.default_rng(3)
VISIT = np.sort(RANDOM.integers(0, ROWS // 5, ROWS))
WHO = VISIT % 60
AT = pd.Timestamp("2026-01-01") + pd.to_timedelta(RANDOM.uniform(0, 200, ROWS), unit="D")
COLUMNS = {
    "userId": [f"u{number}" for number in WHO],
    "when": [time.strftime("%d.%m.%Y %H:%M") for time in AT],
    "session id": [f"s{number}" if number % 9 else "" for number in VISIT],
    "Action": RANDOM.choice(["Play", "Like", "Quit"], ROWS, p=[0.8, 0.19, 0.01]).tolist(),
    "spent": [f"{value:.2f}" for value in RANDOM.gamma(2, 3, ROWS)],
    "land": [["DE", "FR", "IT"][number % 3] for number in WHO],
    "email": [f"u{number}@example.org" for number in WHO],
    "row": [f"r{number}" for number in range(ROWS)],
    "note": ["well, so many words were said about it " + str(n % 80) for n in range(ROWS)],
}
SILENCE = Leaving(21, silent="plays")


def looked_at(columns: dict[str, list[str]] = COLUMNS) -> Inspected:
    """Look at a table of text, at the usual one once."""
    return _usual() if columns is COLUMNS else _looked_at(columns)


@functools.cache
def _usual() -> Inspected:
    """Look at the usual table."""
    return _looked_at(COLUMNS)


def _looked_at(columns: dict[str, list[str]]) -> Inspected:
    """Look at a table of text."""
    rows = pa.table({name: pa.array(values) for name, values in columns.items()})
    sample = Sample(rows, np.arange(1, len(rows) + 1), len(rows), 1)

    return tables.inspect("plays", "plays.csv", sample, as_of=date(2027, 1, 1))


def plan(
    leaving: Leaving = SILENCE,
    answers: Answers = Answers("music"),  # noqa: B008
    columns: dict[str, list[str]] = COLUMNS,
    eligible_days: int | None = None,
) -> LogPopulation:
    """Decide what a log is made of."""
    found = looked_at(columns)
    rows = whose_and_when(found, key=answers.key, time=answers.time, known=answers.known)
    judged = log_population.judge(found, rows, leaving, eligible_days=eligible_days)

    return log_population.plan(
        answers, found, rows, leaving, eligible_days=eligible_days, judged=judged
    )


def test_a_column_may_say_when_a_row_was_known() -> None:
    """It is loaded, and is neither a feature nor left out."""
    columns = {**COLUMNS, "booked": [time.strftime("%d.%m.%Y") for time in AT + pd.Timedelta("3D")]}
    answers = Answers("music", knowns=("booked",))
    found = plan(answers=answers, columns=columns)

    assert "booked" == found.table.known_at
    assert ["date"] == [each.type for each in found.table.columns if each.name == "booked"]
    assert "booked" not in found.table.dropped
    with pytest.raises(ImportRefused, match="spent of plays is number, and says no time"):
        plan(answers=Answers("music", knowns=("spent",)))


def test_columns_are_told_apart() -> None:
    """Whose, when, of which kind, how much, what belongs together; and why others are left out."""
    found = plan()

    assert ["customer_id", "when_2", "action", "spent", "session_id_2", "land"] == [
        column.name for column in found.table.columns
    ]
    assert ("when_2", "session_id_2") == (found.log.happened_at, found.log.session)
    assert [("action", ["Play", "Like", "Quit"])] == [
        (kind.column, [level.value for level in kind.levels]) for kind in found.log.kinds
    ]
    assert ["spent"] == [amount.column for amount in found.log.amounts]
    assert [("land", "last_land", True)] == [
        (each.column, each.feature, each.is_fixed) for each in found.log.attributes
    ]
    assert ["land"] == [each.name for each in found.table.columns if not each.identifies]
    assert {
        "email": "personal data: e-mail",
        "row": "identifier of 2,000 values: neither a kind of event nor an amount",
        "note": "text of 80 values: neither a kind of event nor an amount",
    } == dict(found.table.dropped)
    assert ("log", "day first") == (found.table.holds, found.table.columns[1].style)


def test_who_leaves_is_silent_by_default_of_those_who_were_not() -> None:
    """Members had an event in as many days; days to train on come from the length of the log."""
    found = plan()

    assert LabelRule("inactivity") == found.log.label
    assert (21, 21, 0) == (found.log.horizon_days, found.log.eligible_days, found.log.gap_days)
    assert (8, 11) == (found.snapshot_every_days, found.snapshots)
    # Its last day is not whole.
    assert AT.max().date() == found.ends


def test_features_look_back_as_far_as_the_latest_day_of_the_training() -> None:
    """However long the log becomes; one that begins within the windows is told."""
    found = plan()
    learned = found.snapshot_every_days * (found.snapshots - 1)
    assert (found.ends - AT.min().date()).days == found.before_days + learned + 21
    assert 84 < found.before_days < found.before_days + learned == found.log.history_days
    said = f"features look back {found.log.history_days} days at most, as the latest day of the"
    assert any(item.startswith(said) for item in summary(found)[0].items)

    half = AT.min() + (AT - AT.min()) / 2
    short = plan(columns={**COLUMNS, "when": [time.strftime("%d.%m.%Y %H:%M") for time in half]})
    assert 38 == short.before_days < short.log.history_days
    assert any(said.startswith("the log begins 38 days before") for said in summary(short)[0].items)


def test_what_has_not_happened_is_no_day_of_a_log() -> None:
    """Bookings ahead, or a year that was mistyped: neither days to learn from nor who left."""
    ahead = [*COLUMNS["when"][:-40], *["01.06.2031 09:00"] * 40]
    found = plan(columns={**COLUMNS, "when": ahead})

    assert plan().ends == found.ends
    assert plan().before_days == found.before_days
    assert plan().log.label == found.log.label
    assert any(said.startswith("40 rows have not happened") for said in summary(found)[0].items)
    with pytest.raises(ImportRefused, match="no row of plays has happened by 2027-01-01"):
        plan(columns={**COLUMNS, "when": ["01.06.2031 09:00"] * ROWS})


def test_an_event_says_who_left() -> None:
    """In the spelling the log has it in; with silence, either does."""
    event = Leaving(30, column="Action", value="quit")
    assert LabelRule("kind", "action", "Quit") == plan(event).log.label
    assert 90 == plan(event).log.eligible_days

    either = Leaving(30, silent="plays", column="Action", value="Quit")
    assert "either" == plan(either).log.label.definition


def test_an_event_that_never_happens_is_refused() -> None:
    """With those that do."""
    with pytest.raises(ImportRefused, match="Action is never 'Stop'; it is Play, Like, Quit"):
        plan(Leaving(30, column="Action", value="Stop"))


def test_a_log_too_short_to_learn_from_is_refused() -> None:
    """With how long it is, and how long it would have to be."""
    with pytest.raises(ImportRefused, match=r"plays spans 1\d\d days.*takes 270"):
        plan(Leaving(90, silent="plays"))


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        (Answers("music", key="user"), "no column 'user'"),
        (Answers("music", times=("spent",)), "says when a row happened: spent is number"),
        (Answers("music", drops=("nope",)), "no column 'nope'"),
    ],
)
def test_columns_that_are_named_have_to_be_there(answers: Answers, fault: str) -> None:
    """And hold what they are named for."""
    with pytest.raises(ImportRefused, match=fault):
        plan(answers=answers)


def test_what_is_left_out_is_left_out() -> None:
    """Whatever it holds."""
    found = plan(answers=Answers("music", drops=("spent",)))

    assert () == found.log.amounts
    assert "left out with --drop" == found.table.dropped["spent"]


def test_a_log_of_days_has_all_of_its_last() -> None:
    """And knows no time of day."""
    days = {**COLUMNS, "when": [time.strftime("%Y-%m-%d") for time in AT]}
    found = plan(columns=days, eligible_days=90)

    assert (True, False, 90) == (
        found.log.is_dated,
        found.log.has_times,
        found.log.eligible_days,
    )
    assert (found.ends - AT.max().date()).days == 1


def test_a_time_of_customers_is_not_when_a_row_happened() -> None:
    """Who was born when is on every row too."""
    born = {"born on": [f"19{60 + number % 40}-03-01" for number in WHO]}
    found = plan(columns={"userId": COLUMNS["userId"], **born, **COLUMNS})

    assert ("when_2", "born_on") == (found.log.happened_at, found.log.attributes[0].column)
    assert "last_born_on_days" == found.log.attributes[0].feature


def test_what_knew_who_would_leave_is_left_out() -> None:
    """A status that was joined to every row of a customer afterwards; --accept takes it."""
    last = pd.Series(AT, index=WHO).groupby(level=0).max()
    is_gone = (last < AT.max() - pd.Timedelta(days=4)).reindex(WHO).to_numpy()
    columns = {**COLUMNS, "status": np.where(is_gone, "lapsed", "fine").tolist()}
    silence = Leaving(4, silent="plays")
    found = plan(silence, columns=columns, eligible_days=90)

    assert "its last value tells alone who left later" in found.table.dropped["status"]
    taken = plan(silence, Answers("music", accepts={"status": "so it was"}), columns, 90)
    assert "status" in [each.column for each in taken.log.attributes]


def test_rows_once_a_month_are_not_asked_for_every_week() -> None:
    """And days to learn from are as far apart as a horizon."""
    months = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS) // 80 * 30, unit="D")
    monthly = {**COLUMNS, "when": [day.strftime("%Y-%m-%d") for day in months]}
    found = plan(Leaving(35, silent="plays"), columns=monthly)

    assert (False, 29, 12) == (found.is_weekly, found.snapshot_every_days, found.snapshots)
    assert plan().is_weekly


def test_of_rows_that_share_their_time_none_is_the_last() -> None:
    """Lines of an invoice; what is the same in all rows of a customer is still taken."""
    minutes = AT.floor("30D")
    moods = RANDOM.choice(["good", "bad", "so so"], ROWS).tolist()
    lines = {**COLUMNS, "when": [time.strftime("%d.%m.%Y %H:%M") for time in minutes]}
    found = plan(columns={**lines, "Mood": moods, "state": moods[::-1]})

    assert ("land",) == tuple(each.column for each in found.log.with_last)
    assert "share their time" in found.table.dropped["Mood"]
    assert {"action", "spent", "land"} <= {each.column for each in plan().log.with_last}


def test_a_level_that_few_customers_have_is_other() -> None:
    """20 of each land are too few to learn from; 30 are not."""
    lands = {**COLUMNS, "land": [["DE", "FR"][number % 2] for number in WHO]}
    (land,) = plan(columns=lands).log.attributes

    assert {"de", "fr"} == {*land.levels}
    assert () == plan().log.attributes[0].levels


def test_what_was_taken_all_the_same_is_accepted_by_its_features() -> None:
    """Those of the column and no others, so that no training suspects them anew."""
    found = replace(plan(), accepted={"Action": "as it was then"})
    accepted = found.accepted_features

    assert accepted
    assert {"as it was then"} == {*accepted.values()}
    assert all("action" in name for name in accepted)
    assert not any("spent" in name for name in accepted)
    section = tomllib.loads(log_models.section(found))["populations"]["music"]
    assert accepted == section["accepted_leaks"]
    assert "accepted_leaks" not in log_models.section(plan())


def test_a_log_that_everybody_leaves_is_refused() -> None:
    """Who has a number anew with every row comes once; the message says so, and what to name."""
    found = looked_at({**COLUMNS, "userId": [f"u{number}" for number in range(ROWS)]})
    rows = whose_and_when(found, key="userId", time="when", known=None)

    with pytest.raises(
        ImportRefused, match=r"all \d+ customers of .* userId has 1.0 rows"
    ) as caught:
        log_population.judge(found, rows, SILENCE, eligible_days=None)
    assert "--key COLUMN" in caught.value.next_step


@pytest.mark.parametrize(
    ("header", "is_session"), [("sessionId", True), ("session", True), ("session type", False)]
)
def test_customers_may_have_sessions_of_the_same_number(header: str, is_session: bool) -> None:
    """A service that counts them anew tells them apart by the customer too; a type is no number."""
    rest = {name: values for name, values in COLUMNS.items() if name != "session id"}
    numbers = [str(number // 60 % 9) for number in VISIT]
    found = looked_at({**rest, header: numbers})
    rows = whose_and_when(found, key="userId", time="when", known=None)

    uses = column_uses(found, rows)

    assert (header if is_session else None) == (uses.session.name if uses.session else None)
