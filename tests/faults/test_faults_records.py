"""Records that are odd but can be lived with: the list has everyone once, under their own name."""

import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import made_population
from tests.e2e.at_rest import UNTIL
from tests.faults.business import Business
from tests.faults.checker import Checker
from tests.faults.conftest import Tell
from tests.faults.sources import KEPT, TABLES, Sources

KEYS = {
    "customers": (),
    "subscriptions": ("subscription_id",),
    "invoices": ("invoice_id", "subscription_id"),
    "usage_events": ("event_id",),
    "support_tickets": ("ticket_id",),
}

IDS = {
    "accents": "Zoë-Ωmega-渡辺",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "right to left": "\u202eعميل-١٢٣\u202c",
    "composed": "\u00e9clair",
    "combining": "e\u0301clair",
    "lines": "line\nbreak\r\n\ttab",
    "control": "\ufeff\u200b\x01\x1b[31m",
    "SQL": "'; drop table churn.scores; --",
    "Jinja": "{{ var('x') }}{% raw %}",
    "format": "%s %(x)s %% {0} {",
    "parameters": "$1 :name ${HOME} `id`",
    "path": "../../etc/passwd",
    "quotes": "\"'\\",
    "formula": '=cmd|calc,"x"',
    "words": "NULL",
    "200 characters": "渡" * 200,
}

# Known since the evening, so that earlier nights stay what they were.
LATELY = f"greatest(loaded_at, timestamptz '{UNTIL}Z' - interval '1 hour')"


@dataclass(frozen=True)
class Odd:
    """
    Rows that are odd.

    Attributes:
        name: What they are.
        table: Where.
        statement: What makes them; `{names}` are the table's columns, `{changed}` later values.
        is_same: Whether the list is the one without them.
    """

    name: str
    table: str
    statement: str
    is_same: bool = False


ODD = [
    Odd(
        "30 % of customers, every row twice",
        "customers",
        "insert into raw.customers ({names}) select {names} from kept_raw.customers "
        "where abs(hashtext(customer_id)) % 10 < 3",
        is_same=True,
    ),
    Odd(
        "3 % of customers with another record",
        "customers",
        "insert into raw.customers ({names}) select {changed} from kept_raw.customers "
        "where abs(hashtext(customer_id)) % 100 < 3",
    ),
    Odd(
        "1 % of rows of a new level",
        "subscriptions",
        "update raw.subscriptions set plan = 'platinum' "
        "where abs(hashtext(subscription_id)) % 100 = 0",
    ),
    Odd(
        "sign-ups in the year 1",
        "customers",
        "update raw.customers set signed_up_at = '0001-01-01Z' "
        "where abs(hashtext(customer_id)) % 100 = 0",
    ),
    Odd(
        "contracts to the year 9999",
        "subscriptions",
        "update raw.subscriptions set contract_ends_at = '9999-12-31Z' "
        "where abs(hashtext(subscription_id)) % 100 = 0",
    ),
]


def listed(business: Business) -> list[str]:
    """Return who is on the list."""
    found = business.rows(
        "select customer_id from churn.scores_published where score_date = %s", UNTIL
    )

    return [customer for (customer,) in found]


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(o, id=o.name, marks=pytest.mark.story if o.is_same else pytest.mark.slow)
        for o in ODD
    ],
)
def test_odd_rows_are_survived(business: Business, sources: Sources, tell: Tell, odd: Odd) -> None:
    """Everyone is listed once; put right, the night is the one it was."""
    checker = Checker(business, UNTIL, sources.hash, sources.hash)
    before = sorted(listed(business))
    names = sources.columns[odd.table]
    changed = names.replace("country", "'XX'").replace("loaded_at", LATELY)
    with sources.broken(odd.table, odd.statement.format(names=names, changed=changed)):
        sources.rebuild()
        assert before == sorted(listed(business))
        shown = business.seen(UNTIL)[2]
        assert (shown == sources.hash) is odd.is_same
        checker.check(shown)
    sources.rebuild()
    checker.check_finished(checker.old)
    tell(f"source: {odd.name}", "everyone once; put right, the same list")


@pytest.mark.story
def test_odd_names_are_names(business: Business, sources: Sources, tell: Tell) -> None:
    """Customers of any name are listed under it, to the byte, and nothing in it is executed."""
    checker = Checker(business, UNTIL, sources.hash, sources.hash)
    before = set(listed(business))
    twin = min(before)
    with business.connect() as connection:
        for name in IDS.values():
            for table in TABLES:
                columns = sources.columns[table].split(", ")
                values = ", ".join(
                    "%(name)s"
                    if column == "customer_id"
                    else f"%(name)s || {column}"
                    if column in KEYS[table]
                    else {"loaded_at": LATELY}.get(column, column)
                    for column in columns
                )
                connection.execute(
                    f"insert into raw.{table} ({', '.join(columns)}) select {values} "  # type: ignore[arg-type]
                    f"from {KEPT}.{table} where customer_id = %(twin)s",
                    {"name": name, "twin": twin},
                )
    sources.rebuild()
    assert set(IDS.values()) == set(listed(business)) - before
    checker.check(business.seen(UNTIL)[2])
    for table in TABLES:
        sources.put_back(table)
    sources.rebuild()
    checker.check_finished(checker.old)
    tell("source: odd names", "each listed under its own; nothing executed", times=len(IDS))


def test_files_of_odd_names(business: Business, tell: Tell, tmp_path: Path) -> None:
    """A file's ids are loaded to the byte; one too long, or a word for none, refuses all."""
    checker = Checker(business, UNTIL, *[business.seen(UNTIL)[2]] * 2)
    environ = business.churn_home.environ
    environ["CHURN_PROJECT"] = str(made_population.write(tmp_path / "project"))
    path = tmp_path / "customers.csv"
    ids = {name for kind, name in IDS.items() if kind != "words"}

    def imported(*names: str) -> "subprocess.CompletedProcess[str]":
        rows = [("Id", "Fee", "Churn"), *((name, 9.5, "no") for name in names)]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

        return business.run("import", "trial", str(path), as_of=UNTIL)

    for other, fault in (
        ("ä" * 100_000, "customer_id: is longer than 200 characters: 1 rows"),
        (IDS["words"], "customer_id: is blank: 1 rows"),
    ):
        refused = imported(*ids, other)
        assert 20 == refused.returncode
        assert fault in refused.stderr
        assert [(None,)] == business.rows("select to_regclass('raw.trial__customers')")
    done = imported(*ids)
    assert done.returncode == 0, done.stderr
    loaded = business.rows("select customer_id from raw.trial__customers")
    assert ids == {name for (name,) in loaded}
    business.execute("drop table raw.trial__customers")
    del environ["CHURN_PROJECT"]
    checker.check_finished(checker.old)
    tell("file: odd names", "loaded to the byte; one of 100,000 characters: exit 20, none of it")
