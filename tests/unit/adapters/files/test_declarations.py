"""What sources/NAME.toml may say, and how the rest is refused."""

from pathlib import Path

import pytest

from pipelines.adapters.files import declarations
from pipelines.domain.imports.declared import Declared, DeclaredColumn, DeclaredTable
from pipelines.errors import ConfigError

BANK = """
[tables.customers]
origin = "/data/bank.csv.gz"
holds = "snapshot"
label = "exited"
[tables.customers.columns]
customer_id = { header = "CustomerId", type = "text" }
balance = { header = "Balance", type = "number", style = "1,234.5", missing = ["-1", "999"] }
exited = { header = "Exited", type = "boolean" }
[tables.customers.dropped]
Surname = "personal data: names"

[tables.payments]
origin = "postgresql://reader@db/bank#payments"
holds = "log"
happened_at = "paid_at"
[tables.payments.columns]
customer_id = { header = "Id", type = "text" }
paid_at = { header = "At", type = "instant", style = "epoch" }
"""


def write(project: Path, text: str, name: str = "bank") -> Path:
    """Declare a population."""
    path = declarations.path(project, name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    return path


def test_a_declaration_is_read(tmp_path: Path) -> None:
    """All of it, in the order it is written."""
    write(tmp_path, BANK)

    assert ["bank"] == declarations.names(tmp_path)
    assert Declared(
        "bank",
        (
            DeclaredTable(
                "bank",
                "customers",
                "/data/bank.csv.gz",
                "snapshot",
                (
                    DeclaredColumn("customer_id", "CustomerId", "text"),
                    DeclaredColumn("balance", "Balance", "number", "1,234.5", ("-1", "999")),
                    DeclaredColumn("exited", "Exited", "boolean"),
                ),
                label="exited",
                dropped={"Surname": "personal data: names"},
            ),
            DeclaredTable(
                "bank",
                "payments",
                "postgresql://reader@db/bank#payments",
                "log",
                (
                    DeclaredColumn("customer_id", "Id", "text"),
                    DeclaredColumn("paid_at", "At", "instant", "epoch"),
                ),
                happened_at="paid_at",
            ),
        ),
    ) == declarations.read(tmp_path, "bank")


def identifying(column: str, said: str) -> str:
    """Return the bank, which says of a column whether it identifies a row."""
    header = {"exited": "Exited", "customer_id": "CustomerId"}[column]
    own = f'{column} = {{ header = "{header}", '
    assert own in BANK

    return BANK.replace(own, f"{own}identifies = {said}, ")


def test_a_column_may_say_only_what_a_customer_is_like(tmp_path: Path) -> None:
    """Other values of it are no other row."""
    write(tmp_path, identifying("exited", "false"))
    customers = declarations.read(tmp_path, "bank").table("customers")

    assert {"exited"} == {column.name for column in customers.columns} - {*customers.identity}


@pytest.mark.parametrize(("column", "said"), [("customer_id", "false"), ("exited", '"no"')])
def test_whose_a_row_is_always_identifies_it(tmp_path: Path, column: str, said: str) -> None:
    """And a word is neither true nor false."""
    write(tmp_path, identifying(column, said))
    with pytest.raises(ConfigError, match="identifies is none; legal here: false, and not of"):
        declarations.read(tmp_path, "bank")


CARDS = """
[tables.cards]
origin = "cards.csv"
holds = "log"
happened_at = "given_on"
[tables.cards.columns]
customer_id = { header = "Id", type = "text" }
card_no = { header = "Card", type = "text" }
given_on = { header = "On", type = "date" }
"""


def through(column: str) -> str:
    """Return the bank, whose payments are those of whose is *column*."""
    own = 'customer_id = { header = "Id", type = "text" }\npaid_at'
    assert own in BANK

    return BANK.replace(own, own.replace(" }", f', through = "{column}" }}')) + CARDS


def test_a_table_comes_after_the_one_it_goes_through(tmp_path: Path) -> None:
    """However they are written."""
    write(tmp_path, through("cards.card_no"))
    found = declarations.read(tmp_path, "bank")

    assert ["customers", "cards", "payments"] == [table.name for table in found.tables]
    assert ("cards", "card_no") == found.table("payments").through
    assert found.table("cards").through is None


@pytest.mark.parametrize(
    ("declared", "part"),
    [
        (through("cards.number"), "through is 'cards.number'; legal here: customers.customer_id"),
        (through("nobody.card_no"), "through is 'nobody.card_no'"),
        (through("payments.paid_at"), "lead in a circle: nothing leads to a customer: payments"),
        (
            BANK.replace('type = "boolean"', 'type = "boolean", through = "payments.paid_at"'),
            "exited.through is of no customer; legal here: only in customer_id",
        ),
    ],
)
def test_a_way_that_leads_to_nobody_is_refused(tmp_path: Path, declared: str, part: str) -> None:
    """A column nobody loads, the table itself, or another column's owner."""
    write(tmp_path, declared)
    with pytest.raises(ConfigError) as refused:
        declarations.read(tmp_path, "bank")
    assert part in refused.value.message


def test_a_log_may_say_when_its_rows_were_known(tmp_path: Path) -> None:
    """By a column of times, and no snapshot."""
    line = 'happened_at = "paid_at"\n'
    write(tmp_path, BANK.replace(line, f'{line}known_at = "paid_at"\n'))
    assert "paid_at" == declarations.read(tmp_path, "bank").table("payments").known_at
    for wrong, fault in (
        (
            BANK.replace(line, f'{line}known_at = "customer_id"\n'),
            "known_at is 'text'; legal here: date",
        ),
        (BANK.replace('label = "exited"', 'known_at = "balance"'), "does not go with a snapshot"),
    ):
        write(tmp_path, wrong)
        with pytest.raises(ConfigError, match=fault):
            declarations.read(tmp_path, "bank")


def test_a_log_may_have_rows_that_have_not_happened(tmp_path: Path) -> None:
    """And no snapshot."""
    line = 'happened_at = "paid_at"\n'
    write(tmp_path, BANK.replace(line, f"{line}is_open = true\n"))
    assert [False, True] == [table.is_open for table in declarations.read(tmp_path, "bank").tables]
    write(tmp_path, BANK.replace('label = "exited"', "is_open = true"))
    with pytest.raises(
        ConfigError, match=r"tables\.customers\.is_open is none; legal here: true or"
    ):
        declarations.read(tmp_path, "bank")


def test_items_are_somebodys_and_have_no_time(tmp_path: Path) -> None:
    """Many rows a customer, as they are now."""
    devices = """
[tables.devices]
origin = "devices.csv"
holds = "items"
[tables.devices.columns]
customer_id = { header = "Owner", type = "text" }
model = { header = "Model", type = "text" }
"""
    write(tmp_path, BANK + devices)
    assert "items" == declarations.read(tmp_path, "bank").table("devices").holds
    for wrong, fault in (
        (devices.replace("customer_id", "owner"), "has no customer_id; legal here: one, of items"),
        (
            devices.replace('"items"', '"items"\nhappened_at = "model"'),
            "happened_at does not go with items",
        ),
    ):
        write(tmp_path, BANK + wrong)
        with pytest.raises(ConfigError, match=fault):
            declarations.read(tmp_path, "bank")


def test_nobody_has_to_declare_anything(tmp_path: Path) -> None:
    """A project without a folder of sources has none."""
    assert [] == declarations.names(tmp_path)
    assert [] == declarations.names(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("change", "to", "part"),
    [
        ("[tables.customers]", "[tables.customers", "is not TOML"),
        ("[tables.customers]", "\udcff[tables.customers]", "is not UTF-8 text, first at byte 1"),
        ("[tables.customers]", "tabels = 1\n[tables.customers]", "tabels is unknown; legal here"),
        ('holds = "snapshot"', "", "tables.customers.holds is missing; legal here: snapshot, log"),
        ('holds = "snapshot"', "holds = []", "holds is []; legal here: snapshot, log"),
        ('holds = "snapshot"', 'holds = "log"', "happened_at does not go with a log"),
        ('holds = "log"', 'holds = "snapshot"', "happened_at does not go with a snapshot"),
        ('label = "exited"', 'label = "Exited"', "label is 'Exited'; legal here: customer_id, bal"),
        ('label = "exited"', "label = []", "label is []; legal here: customer_id, bal"),
        ('label = "exited"', "lable = 1", "lable is unknown; legal here: origin, holds, happened"),
        ('origin = "/data/bank.csv.gz"', "", "tables.customers.origin is missing"),
        ('origin = "/data/bank.csv.gz"', "origin = 7", "tables.customers.origin is no text"),
        ("[tables.payments]", "[tables.pay__ments]", "is called 'pay__ments'"),
        ("[tables.payments]", "[tables._payments]", "is called '_payments'"),
        ("[tables.payments]", f"[tables.{'p' * 58}]", "too long a name; legal here: at most 57"),
        ("balance = {", '"Bal ance" = {', "has a column called 'Bal ance'"),
        ("balance = {", "loaded_at = {", "column called 'loaded_at'"),
        ("balance = {", "row_digest = {", "has a column called 'row_digest'"),
        ("balance = {", f"{'b' * 64} = {{", "legal here: [a-z_][a-z0-9_]{0,62}, and not loaded_at"),
        ('type = "number"', 'type = "float"', "type is 'float'; legal here: text, integer, number"),
        ('type = "number"', "tpye = 1", "tpye is unknown; legal here: header, type, style, m"),
        ('"1,234.5"', '"1.2"', "style is '1.2'; legal here: 1234.5, 1,234.5, 1.234,5"),
        ('"epoch"', '"unix"', "legal here: year first, day first, month first, month by name"),
        ('type = "boolean"', 'type = "boolean", style = "x"', "style does not go with boolean"),
        ('missing = ["-1", "999"]', "missing = [1]", "missing is none; legal here: a list of text"),
        ('header = "Balance"', 'header = " "', "balance.header is no text"),
        ('header = "Balance"', 'header = "Surname"', "dropped has Surname"),
        ('Surname = "personal', 'Surname = 1 # "', "dropped.Surname is no text"),
        ('"CustomerId", type = "text"', '"CustomerId", type = "integer"', "legal here: text"),
        ('paid_at = { header = "At", type = "instant", style = "epoch" }',
         'paid_at = { header = "At", type = "text" }', "happened_at is 'text'; legal here: date"),
        ('customer_id = { header = "Id", type = "text" }', "", "has no customer_id"),
    ],
)  # fmt: skip
def test_what_nobody_reads_is_refused(tmp_path: Path, change: str, to: str, part: str) -> None:
    """With the file, the key and what is legal there."""
    assert change in BANK
    path = write(tmp_path, BANK.replace(change, to, 1))

    with pytest.raises(ConfigError) as refused:
        declarations.read(tmp_path, "bank")
    assert str(path) in refused.value.message
    assert part in refused.value.message
    assert str(path) in refused.value.next_step


@pytest.mark.parametrize("name", ["Bank", "ba__nk", "bank_", "1bank", "b" * 61])
def test_a_name_that_is_no_part_of_a_tables_is_refused(tmp_path: Path, name: str) -> None:
    """Two populations could share a table otherwise."""
    write(tmp_path, BANK, name)
    with pytest.raises(ConfigError, match="the population is called"):
        declarations.read(tmp_path, name)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A folder of its name, for one."""
    declarations.path(tmp_path, "bank").mkdir(parents=True)

    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        declarations.read(tmp_path, "bank")
