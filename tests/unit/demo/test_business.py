import hashlib
import re
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines import demo
from pipelines.settings import ROOT

UNTIL = date(2026, 11, 21)
MIDNIGHT = pd.Timestamp("2026-11-21", tz="UTC")
ARROW_TYPES = {
    "text": pa.string(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "double precision": pa.float64(),
    "numeric(12, 2)": pa.decimal128(12, 2),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
HAPPENED = {
    "customers": ["signed_up_at"],
    "subscriptions": ["started_at", "changed_at"],
    "invoices": ["issued_at", "paid_at"],
    "usage_events": ["occurred_at"],
    "support_tickets": ["opened_at", "resolved_at"],
}


def generated(customers: int = 2_000, seed: int = 7) -> dict[str, pa.Table]:
    """A small business of seven months."""
    return demo.generate(customers=customers, months=7, seed=seed, until=UNTIL)


def digest(tables: dict[str, pa.Table]) -> str:
    """A hash of every value of every row, in order."""
    found = hashlib.sha256()
    for name, table in sorted(tables.items()):
        found.update(name.encode())
        found.update(pd.util.hash_pandas_object(table.to_pandas(), index=False).to_numpy())

    return found.hexdigest()


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    """Its raw tables."""
    return generated()


@pytest.fixture(scope="module")
def frames(tables: dict[str, pa.Table]) -> dict[str, pd.DataFrame]:
    """The same as data frames."""
    frames = {name: table.to_pandas() for name, table in tables.items()}
    assert min(len(frame) for frame in frames.values()) > 1_000

    return frames


def active(subscriptions: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Subscriptions that run at *at*, as they were at the end of the history."""
    last = subscriptions.sort_values(["changed_at", "loaded_at"]).drop_duplicates(
        "subscription_id", keep="last"
    )

    return last[(last.started_at < at) & ~(last.ended_at <= at)]


def test_the_same_seed_gives_the_same_rows(tables: dict[str, pa.Table]) -> None:
    """Two runs with the same arguments agree on every value."""
    assert digest(tables) == digest(generated())


def test_blocks_are_the_same_rows_a_few_customers_at_a_time() -> None:
    """Each row of each table once; a business of one block comes in the very same order."""
    arguments = {"customers": 1_500, "months": 1, "seed": 3, "until": UNTIL}
    whole = demo.generate(**arguments)
    (only,) = demo.blocks(**arguments)
    several = [*demo.blocks(**arguments, customers_a_block=1)]

    assert digest(whole) == digest(only.tables)
    assert 1_500 == only.customers == sum(block.customers for block in several)
    assert 1 < len(several)
    for name, table in whole.items():
        key = [(column, "ascending") for column in table.column_names]
        together = pa.concat_tables([block.tables[name] for block in several])
        assert table.sort_by(key).equals(together.sort_by(key))
        for block in several:
            assert block.tables[name]["loaded_at"].to_pylist() == sorted(
                block.tables[name]["loaded_at"].to_pylist()
            )


def test_another_seed_gives_other_rows(tables: dict[str, pa.Table]) -> None:
    """No table is the same for another seed."""
    other = generated(seed=8)

    assert not [name for name, table in tables.items() if table.equals(other[name])]


def test_columns_and_types_are_those_of_the_migration(tables: dict[str, pa.Table]) -> None:
    """Each table has the columns of 0001_raw.sql, in their order, as what ADBC copies into them."""
    script = (ROOT / "sql" / "migrations" / "0001_raw.sql").read_text("utf-8")

    for name, table in tables.items():
        body = re.search(rf"create table raw\.{name} \((.*?)\n\);", script, re.DOTALL)
        assert body is not None
        lines = [line.strip().rstrip(",") for line in body[1].strip().splitlines()]
        declared = [line.removesuffix(" not null").split(" ", 1) for line in lines]
        expected = [(column, ARROW_TYPES[kind]) for column, kind in declared]
        assert expected == [(field.name, field.type) for field in table.schema]


def test_what_must_be_there_is_there(tables: dict[str, pa.Table]) -> None:
    """Columns the migration declares not null hold no NULL."""
    script = (ROOT / "sql" / "migrations" / "0001_raw.sql").read_text("utf-8")

    for name, table in tables.items():
        body = re.search(rf"create table raw\.{name} \((.*?)\n\);", script, re.DOTALL)
        assert body is not None
        required = re.findall(r"^\s+(\w+) .* not null", body[1], re.MULTILINE)
        assert required
        assert dict.fromkeys(required, 0) == {
            column: table[column].null_count for column in required
        }


def test_there_are_as_many_customers_as_asked_for(frames: dict[str, pd.DataFrame]) -> None:
    """
    More than half of them have a subscription at the end.

    Of who came in the last ten days, a record or the other may not be known yet.
    """
    customers, subscriptions = frames["customers"], frames["subscriptions"]
    is_settled = customers.signed_up_at < MIDNIGHT - pd.Timedelta(days=10.2)
    running = active(subscriptions, MIDNIGHT).customer_id.nunique()

    assert customers.customer_id.nunique() in range(1_990, 2_001)
    assert set(subscriptions.customer_id) >= set(customers[is_settled].customer_id)
    assert 0.5 <= running / 2_000 <= 0.85


def test_a_second_batch_continues_the_first() -> None:
    """People of several batches never share an identifier."""
    tables = demo.generate(customers=1_500, months=1, seed=3, until=UNTIL)
    invoices = tables["invoices"].to_pandas()
    batches = invoices.invoice_id.str[1:].astype(int) // 1_000_000_000

    assert batches.nunique() >= 2
    assert tables["customers"].to_pandas().customer_id.nunique() in range(1_490, 1_501)
    assert (invoices.groupby("invoice_id").customer_id.nunique() == 1).all()


def test_nothing_happens_or_is_known_after_the_end(frames: dict[str, pd.DataFrame]) -> None:
    """Every time is before `until`, but for those that are announced ahead."""
    for name, columns in HAPPENED.items():
        for column in [*columns, "loaded_at"]:
            assert frames[name][column].max() < MIDNIGHT
        assert (frames[name][columns[0]] <= frames[name].loaded_at).all()


def test_usage_and_payments_do_not_reach_behind_the_history(
    frames: dict[str, pd.DataFrame],
) -> None:
    """Seven months before `until` there is a start, and records from its first day on."""
    start = pd.Timestamp("2026-04-21", tz="UTC")
    for name in ("invoices", "usage_events", "support_tickets"):
        first = frames[name][HAPPENED[name][0]].min()
        assert start <= first < start + pd.Timedelta(days=2)


def test_the_churn_rate_stays_in_its_band(frames: dict[str, pd.DataFrame]) -> None:
    """Month after month, 3.5 to 8 % of about a thousand subscribers leave within 30 days."""
    subscriptions = frames["subscriptions"]
    for days in range(40, 190, 30):
        at = MIDNIGHT - pd.Timedelta(days=days)
        members = active(subscriptions, at)
        assert len(members) > 900
        leaving = (members.ended_at < at + pd.Timedelta(days=30)).mean()
        assert 0.035 < leaving < 0.08


def test_causes_of_churn_can_be_found(frames: dict[str, pd.DataFrame]) -> None:
    """Who used little, is overdue or asked how to cancel leaves far more often than others."""
    at = MIDNIGHT - pd.Timedelta(days=45)
    members = active(frames["subscriptions"], at).set_index("customer_id")
    is_leaving = members.ended_at < at + pd.Timedelta(days=30)
    base = is_leaving.mean()

    events = frames["usage_events"]
    recent = events.occurred_at.between(at - pd.Timedelta(days=28), at)
    used = events[recent].groupby("customer_id").size().reindex(members.index, fill_value=0)
    invoices = frames["invoices"]
    paid = invoices.groupby("invoice_id").paid_at.transform("min")
    is_overdue = invoices.due_at.lt(at - pd.Timedelta(days=10)) & ~(paid < at)
    overdue = members.index.isin(invoices[is_overdue].customer_id)
    tickets = frames["support_tickets"]
    is_asking = (tickets.category == "cancellation") & tickets.opened_at.between(
        at - pd.Timedelta(days=28), at
    )
    asking = members.index.isin(tickets[is_asking].customer_id)

    assert is_leaving[used <= 2].mean() > 2 * base
    assert is_leaving[overdue].mean() > 6 * base
    assert is_leaving[asking].mean() > 6 * base
    assert is_leaving[members.contract == "monthly"].mean() > base


def test_some_come_back(frames: dict[str, pd.DataFrame]) -> None:
    """A returning customer gets a new subscription 10 to 120 days after the last one ended."""
    last = frames["subscriptions"].sort_values(["changed_at", "loaded_at"])
    last = last.drop_duplicates("subscription_id", keep="last").sort_values("started_at")
    away = last.started_at - last.groupby("customer_id").ended_at.shift()
    days = away.dropna().dt.total_seconds() / 86_400

    assert len(days) > 30
    assert days.between(9.99, 120.01).mean() > 0.98


def test_some_ends_are_announced_ahead(frames: dict[str, pd.DataFrame]) -> None:
    """A small part of the ends is known up to ten days before."""
    ends = frames["subscriptions"].dropna(subset="ended_at")
    ahead = (ends.ended_at - ends.changed_at).dt.total_seconds() / 86_400

    assert 0.03 < (ahead > 0).mean() < 0.15
    assert ahead.min() >= 0
    assert ahead.max() < 10
    assert {"payment_failed", "too_expensive"} < set(ends.end_reason)


def test_states_of_a_subscription_have_their_own_times(frames: dict[str, pd.DataFrame]) -> None:
    """Two rows of a subscription with the same time are the same state, sent twice."""
    states = frames["subscriptions"].assign(fee=lambda frame: frame.monthly_fee_eur.astype(float))
    different = states.groupby(["subscription_id", "changed_at"])[["fee", "contract"]].nunique()

    assert different.max().max() == 1


def test_some_records_are_late(frames: dict[str, pd.DataFrame]) -> None:
    """Most are known within a day, 1 to 5 % one to ten days later."""
    for name, column in (("usage_events", "occurred_at"), ("subscriptions", "changed_at")):
        lag = (frames[name].loaded_at - frames[name][column]).dt.total_seconds() / 86_400
        assert 0.01 < (lag > 1).mean() < 0.05
        assert lag.median() < 0.1
        assert lag.max() < 10.2


def test_some_records_are_sent_twice(frames: dict[str, pd.DataFrame]) -> None:
    """A repetition is equal but for its later loading."""
    for frame in frames.values():
        others = [column for column in frame if column != "loaded_at"]
        is_repeated = frame.duplicated(others)
        assert 0.001 < is_repeated.mean() < 0.02


def test_a_repetition_never_takes_a_payment_back(frames: dict[str, pd.DataFrame]) -> None:
    """The version of an invoice that is loaded last is the paid one, if there is one."""
    invoices = frames["invoices"].sort_values("loaded_at")
    last = invoices.drop_duplicates("invoice_id", keep="last").set_index("invoice_id").paid_at
    is_paid = invoices.groupby("invoice_id").paid_at.count() > 0

    assert last[is_paid[is_paid].index].notna().all()


@pytest.mark.parametrize(
    ("table", "column", "low", "high"),
    [
        ("customers", "country", 0.02, 0.07),
        ("customers", "birth_year", 0.04, 0.10),
        ("customers", "acquisition_channel", 0.03, 0.09),
        ("customers", "has_marketing_consent", 0.005, 0.04),
        ("subscriptions", "payment_method", 0.005, 0.03),
        ("support_tickets", "satisfaction", 0.5, 0.95),
    ],
)
def test_values_are_missing(
    frames: dict[str, pd.DataFrame], table: str, column: str, low: float, high: float
) -> None:
    """Columns people fill in have gaps, within limits."""
    assert low < frames[table][column].isna().mean() < high


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("subscriptions", "plan"),
        ("subscriptions", "payment_method"),
        ("customers", "country"),
        ("usage_events", "event_type"),
    ],
)
def test_categories_are_mistyped(frames: dict[str, pd.DataFrame], table: str, column: str) -> None:
    """2 to 4 % are in capitals, capitalised or padded; cleaned, they are the usual ones."""
    values = frames[table][column].dropna()
    is_mistyped = values != values.str.strip().str.lower()

    assert 0.015 < is_mistyped.mean() < 0.045
    assert values.str.isupper().any()
    assert values.str.startswith(" ").any()
    assert set(values.str.strip().str.lower()) == set(values[~is_mistyped])


def test_quantities_are_zero_or_negative(frames: dict[str, pd.DataFrame]) -> None:
    """A few usage events are empty or take something back."""
    quantity = frames["usage_events"].quantity

    assert 0.002 < (quantity < 0).mean() < 0.01
    assert 0.002 < (quantity == 0).mean() < 0.01


def test_some_usage_is_of_unknown_customers(frames: dict[str, pd.DataFrame]) -> None:
    """A few events name a customer that there is no record of."""
    is_known = frames["usage_events"].customer_id.isin(frames["customers"].customer_id)

    assert 0 < (~is_known).mean() < 0.005


def test_personal_data_is_made_up_and_messy(tables: dict[str, pa.Table]) -> None:
    """Names go beyond ASCII, addresses lead nowhere, and a few are not addresses."""
    customers = tables["customers"]
    emails = customers["email"].to_pandas()
    is_address = emails.str.fullmatch(r"[^@ ]+@example\.(com|org)")

    assert not pc.all(pc.string_is_ascii(customers["full_name"])).as_py()
    assert 0.002 < (~is_address).mean() < 0.02
    assert emails.str.extract(r"@([^@]+)$")[0].dropna().isin(["example.com", "example.org"]).all()
    assert 1900 in customers["birth_year"].to_pylist()


def test_rows_are_in_the_order_of_their_loading(tables: dict[str, pa.Table]) -> None:
    """BRIN indexes on loaded_at need the rows as a real warehouse would hold them."""
    for table in tables.values():
        assert table["loaded_at"].to_pandas().is_monotonic_increasing
