"""Three logs: of sessions and songs, of days and amounts, and of nothing but times."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipelines.domain.scaffolds.events import attributes
from pipelines.domain.scaffolds.events.attributes import AttributeColumn
from pipelines.domain.scaffolds.events.event_log import EventLog, LabelRule
from pipelines.domain.scaffolds.events.log_columns import amount_columns, kind_columns
from tests import music_service
from tests.integration.event_twin import Event, Twin

EDGE = date(2026, 4, 1)
AS_OFS = [date(2026, 2, 3), EDGE, date(2026, 4, 29), date(2026, 6, 20)]
KNOWN_AT = date(2026, 6, 10)
OWN_PAGES = {
    "NextSong": "next_song",
    "Thumbs Up": "thumbs_up",
    "Home": "home",
    "Add to Playlist": "add_to_playlist",
    "Add Friend": "add_friend",
    "Roll Advert": "roll_advert",
    "Login": "login",
    "Logout": "logout",
    "Thumbs Down": "thumbs_down",
    "Downgrade": "downgrade",
    "Help": "help",
    "Settings": "settings",
}
ODD = "It's {{ 50% }} off"


@dataclass(frozen=True)
class Example:
    """
    A log with what it holds and its twin.

    Attributes:
        log: What is scaffolded.
        types: Columns of its raw table, in SQL.
        rows: What is loaded into it.
        twin: What is asked of it.
        renamed: Stem of a column by its name in `rows`, where it is another.
    """

    log: EventLog
    types: str
    rows: pd.DataFrame
    twin: Twin
    renamed: Mapping[str, str]

    def events(self) -> Mapping[str, list[Event]]:
        """Return the events of each customer."""
        found: dict[str, list[Event]] = defaultdict(list)
        for row in self._records():
            found[row["customer_id"]].append(
                Event(
                    at=_instant(row[self.log.happened_at]),
                    loaded_at=row["loaded_at"].to_pydatetime(),
                    kinds={stem: row[stem] for stem in self.twin.kinds},
                    amounts={stem: row[stem] for stem in self.twin.amounts},
                    session=row[self.log.session] if self.log.session else None,
                    attributes={stem: row[stem] for stem in self.twin.attributes},
                )
            )

        return found

    def _records(self) -> Iterator[dict[str, Any]]:
        """Return the rows, None for what is missing, columns by their stems."""
        named = self.rows.rename(columns=dict(self.renamed))
        for row in named.astype(object).to_dict("records"):
            yield {str(key): None if pd.isna(value) else value for key, value in row.items()}


def music() -> Example:
    """Sessions of a music service, whose customers leave by a page or by silence."""
    pages = [*music_service.PAGES, music_service.CANCELLED]
    kinds = kind_columns({"page": pages})
    log = EventLog(
        "music",
        "clicks",
        LabelRule("either", "page", music_service.CANCELLED),
        kinds,
        amount_columns({"length": "seconds"}, kinds),
        session="sessionId",
        happened_at="ts",
        eligible_days=56,
        horizon_days=30,
        gap_days=3,
        history_days=100,
    )
    made = music_service.events(45, seed=3, per_session=3)
    rows = pd.concat([made, _edges()], ignore_index=True)

    return Example(
        log,
        "customer_id text, ts timestamptz, loaded_at timestamptz, page text, length float8, "
        '"sessionId" text',
        rows.rename(columns={"occurred_at": "ts", "session": "sessionId"}),
        Twin(
            kinds={"page": OWN_PAGES},
            with_other=["page"],
            amounts=["length"],
            has_times=True,
            has_sessions=True,
            eligible_days=56,
            history_days=100,
            left=("page", music_service.CANCELLED),
            is_left_by_inactivity=True,
        ),
        {},
    )


def ledger() -> Example:
    """Amounts, some below 0, of which only the day is known; two columns of kinds."""
    random = np.random.default_rng(5)
    made = music_service.events(60, seed=4, per_session=0.4)
    size = len(made)
    rows = pd.DataFrame(
        {
            "customer_id": made["customer_id"],
            "order": made["occurred_at"].dt.date,
            "loaded_at": made["loaded_at"].dt.ceil("D"),
            "channel": random.choice(["web", "shop", ODD], size, p=[0.6, 0.3, 0.1]),
            "group": made["page"].where(made["page"] != "NextSong", None),
            "change": np.where(random.random(size) < 0.1, np.nan, random.integers(-20, 90, size)),
            "state": random.choice(["new ", "Old-Hand", None], size),
            "points": random.integers(0, 9, size) / 4,
            "is_member": random.choice([True, False, None], size, p=[0.5, 0.2, 0.3]),
            "joined": made["occurred_at"].dt.date.where(random.random(size) < 0.8, None),
            "seen": made["occurred_at"] - pd.to_timedelta(random.integers(0, 90, size), unit="h"),
        }
    )
    items = [page for page in [*music_service.PAGES, music_service.CANCELLED] if page != "NextSong"]
    kinds = kind_columns({"channel": ["web", "shop", ODD], "group": items})
    own = dict(list(OWN_PAGES.items())[1:7])

    return Example(
        EventLog(
            "ledger",
            "lines",
            LabelRule("inactivity"),
            kinds,
            amount_columns({"change": "EUR"}, kinds),
            happened_at="order",
            is_dated=True,
            has_times=False,
            eligible_days=90,
            horizon_days=21,
            history_days=90,
            attributes=attributes.named(
                [
                    AttributeColumn("state", "", "text", levels=("new", "old_hand")),
                    AttributeColumn("points", "", "number"),
                    AttributeColumn("is_member", "", "boolean"),
                    AttributeColumn("joined", "", "date", is_fixed=True),
                    AttributeColumn("seen", "", "instant"),
                ],
                taken=["channel", "x_group", "x_change"],
            ),
        ),
        'customer_id text, "order" date, loaded_at timestamptz, channel text, "group" text, '
        "change float8, state text, points float8, is_member boolean, joined date, "
        "seen timestamptz",
        rows,
        Twin(
            kinds={
                "channel": {"web": "web", "shop": "shop", ODD: "it_s_50_off"},
                "x_group": own,
            },
            with_other=["x_group"],
            amounts=["x_change"],
            has_times=False,
            has_sessions=False,
            eligible_days=90,
            history_days=90,
            left=None,
            is_left_by_inactivity=True,
            attributes=["state", "points", "x_is_member", "joined", "seen"],
        ),
        {"is_member": "x_is_member", "group": "x_group", "change": "x_change"},
    )


def visits() -> Example:
    """Times, and nothing else; everybody who ever came is a member until one `page` ends it."""
    made = music_service.events(50, seed=6, per_session=0.5)
    rows = made[["customer_id", "occurred_at", "loaded_at", "page"]].copy()
    rows["page"] = rows["page"].where(rows["page"].isin([music_service.CANCELLED]), "visit")

    return Example(
        EventLog(
            "visits",
            "log",
            LabelRule("kind", "page", music_service.CANCELLED),
            kind_columns({"page": ["visit", music_service.CANCELLED]}),
            eligible_days=None,
            horizon_days=60,
        ),
        "customer_id text, occurred_at timestamptz, loaded_at timestamptz, page text",
        rows,
        Twin(
            kinds={
                "page": {"visit": "visit", music_service.CANCELLED: "cancellation_confirmation"}
            },
            with_other=[],
            amounts=[],
            has_times=True,
            has_sessions=False,
            eligible_days=None,
            left=("page", music_service.CANCELLED),
            is_left_by_inactivity=False,
        ),
        {},
    )


def _edges() -> pd.DataFrame:
    """Customers whose one or two events lie on an edge of a window of `EDGE`."""
    edge = datetime.combine(EDGE, datetime.min.time(), UTC)
    tick, day = timedelta(microseconds=1), timedelta(days=1)
    home, gone = "Home", music_service.CANCELLED
    rows = [
        ("eligible on the first instant", edge - 56 * day, edge - 50 * day, home),
        ("eligible no more", edge - 56 * day - tick, edge - 50 * day, home),
        ("in the last instant", edge - tick, edge - tick, home),
        ("at as_of", edge, edge - day, home),
        ("known at as_of", edge - day, edge, home),
        ("known in the last instant", edge - day, edge - tick, home),
        ("left", edge - 9 * day, edge - 9 * day, home),
        ("left", edge - 8 * day, edge - 8 * day, gone),
        ("left at once", edge - 8 * day, edge - 8 * day, home),
        ("left at once", edge - 8 * day, edge - 8 * day, gone),
        ("left and came back", edge - 8 * day, edge - 8 * day, gone),
        ("left and came back", edge - 8 * day + tick, edge - 8 * day + tick, home),
        ("left, and nobody knew", edge - 9 * day, edge - 9 * day, home),
        ("left, and nobody knew", edge - 8 * day, edge + day, gone),
        ("leaves in the gap", edge - day, edge - day, home),
        ("leaves in the gap", edge + 3 * day - tick, edge + 4 * day, gone),
        ("leaves in the gap", edge + 9 * day, edge + 9 * day, home),
        ("leaves on the first instant", edge - day, edge - day, home),
        ("leaves on the first instant", edge + 3 * day, edge + 4 * day, gone),
        ("comes at the end", edge - day, edge - day, home),
        ("comes at the end", edge + 33 * day, edge + 34 * day, home),
        ("comes in the last instant", edge - day, edge - day, home),
        ("comes in the last instant", edge + 33 * day - tick, edge + 34 * day, home),
        *(
            (f"{days} days before", edge - days * day - early * tick, edge - 2 * tick, home)
            for days in (7, 14, 28, 42, 84)
            for early in (0, 1)
        ),
        *((f"{days} days before", edge - day, edge - day, home) for days in (7, 14, 28, 42, 84)),
        ("100 days before", edge - 100 * day - tick, edge - 2 * tick, home),
        ("100 days before", edge - 100 * day, edge - 2 * tick, home),
        ("100 days before", edge - day, edge - day, home),
    ]

    return pd.DataFrame(rows, columns=["customer_id", "occurred_at", "loaded_at", "page"])


def _instant(value: Any) -> datetime:
    """Return an instant; a date is its 00:00 UTC."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()

    return datetime.combine(value, datetime.min.time(), UTC)
