"""Sources that are empty, short, of another shape or absurd: refused by name, or survived whole."""

from dataclasses import dataclass

import pytest

from pipelines.errors import NothingStaged
from pipelines.wiring import night
from tests.e2e.at_rest import UNTIL
from tests.faults.business import POPULATION, Business
from tests.faults.checker import Checker
from tests.faults.conftest import Tell
from tests.faults.sources import Sources

SUBSCRIPTIONS, USAGE = "subscriptions", "usage_events"


@dataclass(frozen=True)
class Fault:
    """
    What is wrong with a raw table, and who says so how.

    Attributes:
        name: What it is.
        table: Where.
        breaks: Statements.
        words: What the refusal names: the thing and the size of the fault.
        gate: Which gate refuses it.
        undo: Statements that give the table its columns back.
    """

    name: str
    table: str
    breaks: tuple[str, ...]
    words: tuple[str, ...]
    gate: str = "sources"
    undo: tuple[str, ...] = ()


def some(table: str, change: str, of_hundred: int) -> str:
    """Return an update of so many in a hundred rows, the same ones every time."""
    key = {"customers": "customer_id", SUBSCRIPTIONS: "subscription_id", USAGE: "event_id"}.get(
        table, f"{table[:-1]}_id".replace("support_", "")
    )

    return f"update raw.{table} set {change} where abs(hashtext({key})) % 100 < {of_hundred}"


def retyped(table: str, column: str, kind: str, using: str, was: str) -> dict[str, tuple[str, ...]]:
    """Return how a column becomes another type, its views dropped by a careless hand, and back."""
    alter = f"drop view if exists analytics.stg_churn__{table} cascade"

    return {
        "breaks": (alter, f"alter table raw.{table} alter {column} type {kind} using {using}"),
        "undo": (
            f"truncate raw.{table}",
            alter,
            f"alter table raw.{table} alter {column} type {was} using null::{was}",
        ),
    }


def dropped(table: str, column: str, kind: str) -> dict[str, tuple[str, ...]]:
    """Return how a column goes with all that depends on it, and how it comes back."""
    return {
        "breaks": (f"alter table raw.{table} drop column {column} cascade",),
        "undo": (f"truncate raw.{table}", f"alter table raw.{table} add column {column} {kind}"),
    }


FAULTS = [
    Fault(
        "empty subscriptions",
        SUBSCRIPTIONS,
        ("delete from raw.subscriptions",),
        ("raw.subscriptions: table row count", "found value 0"),
    ),
    Fault(
        "empty usage events",
        USAGE,
        ("delete from raw.usage_events",),
        ("raw.usage_events: table row count", "found value 0"),
    ),
    Fault(
        "30 % of rows missing",
        SUBSCRIPTIONS,
        ("delete from raw.subscriptions where abs(hashtext(subscription_id)) % 10 < 3",),
        ("raw.subscriptions", "row count", "median"),
    ),
    Fault(
        "column dropped, views with it",
        SUBSCRIPTIONS,
        words=("missing ['plan']",),
        **dropped(SUBSCRIPTIONS, "plan", "text"),
    ),
    Fault(
        "loaded_at dropped, views with it",
        "customers",
        words=("column loaded_at of raw.customers does not exist",),
        **dropped("customers", "loaded_at", "timestamptz"),
    ),
    Fault(
        "column renamed",
        SUBSCRIPTIONS,
        ("alter table raw.subscriptions rename monthly_fee_eur to fee",),
        ("missing ['monthly_fee_eur']",),
        undo=("alter table raw.subscriptions rename fee to monthly_fee_eur",),
    ),
    Fault(
        "number retyped as text",
        SUBSCRIPTIONS,
        words=("raw.subscriptions.monthly_fee_eur",),
        **retyped(
            SUBSCRIPTIONS,
            "monthly_fee_eur",
            "text",
            "'EUR ' || monthly_fee_eur",
            "numeric(12, 2)",
        ),
    ),
    Fault(
        "id retyped as a number",
        "support_tickets",
        words=("raw.support_tickets",),
        **retyped(
            "support_tickets", "customer_id", "bigint", "hashtext(customer_id)::bigint", "text"
        ),
    ),
    Fault(
        "times retyped as days",
        SUBSCRIPTIONS,
        words=("raw.subscriptions.started_at",),
        **retyped(SUBSCRIPTIONS, "started_at", "date", "started_at::date", "timestamptz"),
    ),
    Fault(
        "infinite times",
        SUBSCRIPTIONS,
        (some(SUBSCRIPTIONS, "contract_ends_at = 'infinity'", 1),),
        ("raw.subscriptions.contract_ends_at", "rows fail", "owner data"),
    ),
    Fault(
        "ids of 100,000 characters",
        "customers",
        (some("customers", "customer_id = customer_id || repeat('ä', 100000)", 1),),
        ("raw.customers.customer_id", "rows fail", "owner data"),
    ),
    Fault(
        "many new levels",
        SUBSCRIPTIONS,
        (some(SUBSCRIPTIONS, "plan = 'platinum'", 20),),
        (".plan: ", "rows fail", "owner data"),
        gate="features",
    ),
    Fault(
        "a feature NULL for everyone",
        "customers",
        ("update raw.customers set birth_year = null",),
        (".age_years: ", "rows fail", "owner data"),
        gate="features",
    ),
    *(
        Fault(
            f"quantity {value} in some rows",
            USAGE,
            (some(USAGE, f"quantity = '{value}'", 1),),
            ("raw.usage_events.quantity: ", "rows fail", "owner data"),
        )
        for value in ("infinity", "NaN", "1e308")
    ),
]
# Of `make stories`; the others are of `make faults`.
STORIES = (
    "30 % of rows missing",
    "column dropped, views with it",
    "quantity 1e308 in some rows",
)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            f, id=f.name, marks=pytest.mark.story if f.name in STORIES else pytest.mark.slow
        )
        for f in FAULTS
    ],
)
def test_bad_sources_are_refused(
    business: Business, sources: Sources, tell: Tell, fault: Fault
) -> None:
    """A gate names the thing, the size and the next command; put right, the night is the same."""
    checker = Checker(business, UNTIL, sources.hash, sources.hash)
    business.stage(UNTIL)
    with checker.watched():
        with sources.broken(fault.table, *fault.breaks, undo=fault.undo):
            if fault.gate == "features":
                night.gate(business.wired, "sources", POPULATION, UNTIL)
                sources.built()
            refused = business.run("gate", fault.gate, as_of=UNTIL)
            assert (21, False) == (refused.returncode, "Traceback" in refused.stderr)
            words = (*fault.words, f"{fault.gate} gate of subscribers {UNTIL}", "next:  churn sql")
            assert [] == [word for word in words if word not in refused.stderr], refused.stderr
            # What is staged since before is not published by hand either.
            with pytest.raises(NothingStaged, match="gate refused"):
                night.publish(business.wired, POPULATION, UNTIL)
        checker.check(checker.old, alerts=[f"gate_{fault.gate}"])
        sources.rebuild()
    checker.check_finished(checker.new, healed=[f"gate_{fault.gate}"])
    outcome = f"gate {fault.gate} exit 21; put right, the same list"
    tell(f"source: {fault.name}", outcome, checker.polls)
