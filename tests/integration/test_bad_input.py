"""Bad input: its own exit code, a message with the thing and the next command, nothing changed."""

import os
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.cli.command import app, main
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.settings import ROOT
from tests import databases, made_population

DATE, TRIAL = ("--as-of", "2026-11-21"), ("--population", "trial")
NOBODY = ("--population", "nobody")
OTHERS = ("CHURN_CONFIG", "CHURN_MLFLOW_URI", "CHURN_PAGES_URL", *CHANNELS.values())
DATED = (
    *("load-demo", "import trial FILE", "inspect FILE", "train", "promote", "features"),
    *("new shop FILE", "try FILE", "pull", "benchmark --data FILE --label left"),
    "gate sources",
    *("score", "publish", "outcomes", "drift", "notify", "report", "run", "rollback-scores"),
    *(
        "rollback-model",
        "prune --keep 400d",
        "demo",
        "watch",
        "backfill --from 2026-01-01 --to 2026-01-02",
    ),
)
PEOPLED = (
    *("train", "promote", "contract", "features", "gate sources", "score", "publish", "outcomes"),
    *(
        "pull",
        "drift",
        "notify",
        "report",
        "run",
        "runs",
        "rollback-scores",
        "models",
        "rollback-model",
    ),
    "keys create desk --route predict",
    *("test", "watch", "backfill --from 2026-01-01 --to 2026-01-02"),
)


@dataclass(frozen=True)
class Answer:
    """How one command ended: its exit code and all it said."""

    code: int
    said: str


Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def warehouse(server_url: str, migrated: str) -> Iterator[Warehouse]:
    """One migrated and empty warehouse for all of these tests: none of them may change it."""
    with databases.created(server_url, "bad_input", template=migrated) as empty:
        yield empty


@pytest.fixture
def ask(
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Ask]:
    """Runs the command line in this process; what escapes from it is a bug, and fails the test."""
    # A command is the whole process, and sets these for the rest of its life.
    handler, mask = signal.getsignal(signal.SIGTERM), os.umask(0o022)
    settings = {
        "CHURN_HOME": str(tmp_path / "home"),
        "CHURN_DATABASE_URL": warehouse.url,
        "CHURN_PROJECT": str(made_population.write(tmp_path / "project")),
    }

    def run(*words: str, **environ: str) -> Answer:
        for name in OTHERS:
            monkeypatch.delenv(name, raising=False)
        for name, value in {**settings, **environ}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["churn", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()

        return Answer(code, said.out + said.err)

    yield run
    signal.signal(signal.SIGTERM, handler)
    os.umask(mask)


@pytest.fixture(autouse=True)
def unchanged(warehouse: Warehouse) -> Iterator[None]:
    """Whatever was asked, every table has the rows it had; gate results may tell of the refusal."""
    before = counts(warehouse)
    yield
    assert len(before) > 15
    assert before == counts(warehouse)


def counts(warehouse: Warehouse) -> dict[str, int]:
    """Return the number of rows of each table, but of those of refusals, and the names of locks."""
    names = warehouse.rows(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables "
        "where schemaname in ('raw', 'churn', 'public', 'analytics') "
        "and tablename not in ('gate_results', 'alerts', 'locks')"
    )

    return {row.name: warehouse.rows(f"select count(*) from {row.name}")[0][0] for row in names}


def refused(answer: Answer, code: int, *parts: str) -> None:
    """Assert that an answer is a refusal people can act on."""
    assert (code, []) == (answer.code, [part for part in parts if part not in answer.said])
    assert ("Try 'churn" if code == 2 else "next: ") in answer.said


def leaves() -> dict[str, set[str]]:
    """Return every command as typed, with its options."""
    found: dict[str, set[str]] = {}

    def walk(group: object, prefix: str) -> None:
        for name, command in getattr(group, "commands", {}).items():
            if getattr(command, "commands", None):
                walk(command, f"{prefix}{name} ")
            else:
                found[f"{prefix}{name}"] = {
                    option for item in command.params for option in item.opts if option[0] == "-"
                }

    walk(get_command(app), "")

    return found


def named(words: str) -> str:
    """Return the command of some words, without its arguments."""
    return next(name for name in leaves() if f"{words} ".startswith(f"{name} "))


def test_no_command_with_a_date_or_a_population_is_forgotten() -> None:
    """The lists above are what the command line has."""
    every = leaves()

    assert len(every) > 20
    # Of now is the coming midnight: it answers of a date after today, and is not warned.
    assert {name for name, options in every.items() if "--as-of" in options} - {"serve"} == set(
        map(named, DATED)
    )
    assert {name for name, options in every.items() if "--population" in options} == set(
        map(named, PEOPLED)
    )


@pytest.mark.parametrize("command", sorted(leaves()))
def test_an_option_that_is_none_is_refused(ask: Ask, command: str) -> None:
    """Every command, with an option and with an argument too many."""
    words = [*command.split(), "--no-such-option", "a", "b", "c"]

    refused(ask(*words), 2, "Error:")


@pytest.mark.parametrize("words", DATED)
def test_a_date_after_today_is_said_twice(
    ask: Ask, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error of a year, or a clock set back, makes no list of a day that has not come."""
    monkeypatch.delenv("CHURN_FUTURE")
    command = words.replace("FILE", __file__).split()

    refused(
        ask(*command, "--as-of", "2150-01-01"), 2, "after today", f"churn --future {command[0]}"
    )


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "", "0001-01-01", "9999-12-31"])
def test_a_date_that_is_none_or_out_of_range_is_refused(ask: Ask, day: str) -> None:
    """By every command that takes one, before anything is looked at."""
    for command in DATED:
        refused(ask(*command.split(), "--as-of", day), 2, "--as-of", f"'{day}' is not a date")


@pytest.mark.parametrize("command", PEOPLED)
def test_an_unknown_population_is_refused_with_those_there_are(ask: Ask, command: str) -> None:
    """By every command that takes one."""
    dated = DATE if command in DATED else ()

    refused(
        ask(*command.split(), *dated, *NOBODY),
        10,
        "'nobody'",
        "subscribers, trial",
        "churn new NAME",
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (
            "keys create desk --route write --population subscribers",
            "published, predict, now, models, *",
        ),
        ("keys create desk --route predict", "--population"),
        ("keys create desk --route predict --population * --days 0", "--days"),
        ("keys revoke 4711", "there is no key 4711"),
        ("keys revoke 0", "greater than or equal to 1"),
        ("serve --tls-key key.pem", "go together"),
        ("serve --port 65536", "--port"),
        ("backfill --from 2026-11-21 --to 2026-11-20", "--from 2026-11-21 is after --to"),
        ("backfill --from 2026-11-20 --to 2026-11-21 --every 0", "--every"),
        ("backfill --from 1900-01-01 --to 2199-12-31", "109573 dates"),
        ("backfill --from x --to 2026-11-21", "'x' is not a date"),
        ("backfill --from 2026-11-21", "--from and --to go together"),
        ("backfill --to 2026-11-21", "--from and --to go together"),
        ("backfill --from 2026-11-21 --to x", "'x' is not a date"),
        ("run --as-of 2026-11-21 --until 2026-11-20", "--until 2026-11-20 is before --as-of"),
        ("run --as-of 2026-11-21 --until x", "'x' is not a date"),
        ("prune --keep 0d", "'0d' is not a number of days"),
        ("prune --keep 400", "'400' is not a number of days"),
        ("prune --keep 99999999999d", "is not a number of days"),
        ("load-demo --customers 99", "--customers"),
        ("load-demo --months 100000", "--months"),
        ("load-demo --seed -1", "--seed"),
        ("load-demo --drift-from x", "'x' is not a date"),
        ("load-demo --nulls-from 9999-12-31", "is not a date from"),
        ("load-demo --drift-from 2026-01-01 --nulls-from 2026-01-01", "exclude each other"),
        ("promote --rejected-by A --approved-by B", "is possible"),
        ("promote --rejected-by A --preview", "is possible"),
        ("promote --rejected-by \x1b", "a name of 1 to 80 characters"),
        ("demo --nights 0", "--nights"),
        ("demo --customers 1", "--customers"),
        ("demo --months 1", "--months"),
        ("gate nothing", "'nothing' is not one of 'sources', 'features', 'scores'"),
        ("up --only airflow", "'airflow' is not one of 'mlflow'"),
        ("import trial a b", "customers has one source, and two are named"),
        ("erase --customer C1", "nobody is there to ask: say --yes"),
        ("sql", "Missing argument"),
        ("nonsense", "No such command 'nonsense'"),
    ],
)
def test_wrong_usage_is_exit_code_2(ask: Ask, words: str, part: str) -> None:
    """The option and what is wrong with it."""
    refused(ask(*words.split()), 2, part)


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("gate", "sources", *TRIAL, *DATE), 21, "checks failed: raw.trial__customers"),
        (("gate", "features", *DATE), 23, "no features of subscribers were built for 2026-11-21"),
        (("gate", "scores", *DATE), 32, "no run of subscribers is staged for 2026-11-21"),
        (("outcomes", *TRIAL, *DATE), 23, "labels of trial were never built"),
        (("train", *DATE), 25, "0 snapshots"),
        (("train", *TRIAL, *DATE), 25, "no snapshot has matured labels"),
        (("publish", *DATE), 32, "no run of subscribers is staged"),
        (("drift", *DATE), 32, "no list of subscribers is published"),
        (("rollback-model", *DATE), 30, "subscribers has had no champion before"),
        (("report", *TRIAL, "--as-of", "2026-11-20"), 32, "trial has no night of 2026-11-20"),
        (("rollback-scores", *DATE), 32, "no earlier list of 2026-11-21"),
    ],
)
def test_nothing_to_work_on_is_said(ask: Ask, words: tuple[str, ...], code: int, part: str) -> None:
    """A night that has no data, no features, no run or no list."""
    refused(ask(*words), code, part)


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("insert into churn.alerts default values", "25006"),
        ("drop schema churn cascade", "25006"),
        ("select 1; drop schema churn cascade", "42601"),
        ("select from where", "42601"),
        ("select * from raw.customers", "42501"),
        ("select 1/0", "22012"),
        ("select $1", "08P01"),
        ("", "answers nothing"),
        ("-- only a comment", "answers nothing"),
        ("listen somebody", "answers nothing"),
        ("select 'infinity'::date", "cannot be shown"),
        ("select '\udcff'", "not UTF-8 text, first at character 9"),
        ("select '\0'", "refused"),
        ("select * from generate_series(1, 3000000)", "more than 1,000,000 rows"),
        pytest.param(
            "select * from generate_series(1, 100000000)",
            "more than 1,000,000 rows",
            marks=pytest.mark.story,
        ),
    ],
)
def test_a_query_that_is_none_is_refused(ask: Ask, query: str, part: str) -> None:
    """Writing, several statements, nothing at all, too much, and what no terminal shows."""
    refused(ask("sql", query), 40, part)


def files(folder: Path) -> dict[str, tuple[bytes | None, str]]:
    """Return file names with their content, and what is said about them."""
    return {
        "missing.csv": (None, "No such file"),
        "empty.csv": (b"", "is empty: 0 bytes"),
        "blank.csv": (b"\n\n", "is empty: 2 bytes"),
        "header.csv": (b"Id,Fee,Churn\n", "has a header and no rows"),
        "binary.csv": (bytes(range(256)) * 10, "is not a table, but binary"),
        "latin.csv": ("Id,Gebühr\n1,2\n".encode("latin1"), "1 of 2 columns that trial"),
        "utf16.csv": ("a,b\n1,2\n".encode("utf-16"), "2 of 2 columns that trial"),
        "line.csv": (b"Id,Fee\n" + b"x" * 5_000_000 + b",2\n", "is longer than 200 characters: 1"),
        "ragged.csv": (b"Id,Fee,Churn\n1\n2,3,no\n", "has 1 values for 3 columns: 1 rows"),
        "broken.csv.gz": (b"\x1f\x8bbroken", "does not unpack as gzip"),
        "broken.parquet": (b"PAR1broken", "10 bytes that are not Parquet"),
        "archive.zip": (_zipped(folder), "2 of 2 columns that trial"),
    }


def _zipped(folder: Path) -> bytes:
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")

    return path.read_bytes()


def test_a_file_that_is_none_of_a_population_is_refused(ask: Ask, tmp_path: Path) -> None:
    """Its name, what it is, and its size where it has one."""
    for name, (content, part) in files(tmp_path).items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        refused(ask("import", "trial", str(path), *DATE), 20, name, part, "nothing was loaded")


@pytest.mark.parametrize("name", ["nobody", "../trial", ""])
def test_a_population_nobody_declared_is_not_imported(ask: Ask, name: str) -> None:
    """It is told which are declared, where, and what declares one."""
    for words in ((name,), (name, __file__)):
        refused(ask("import", *words), 10, f"no population {name!r}; it has: trial", "churn new")


def test_a_population_that_reads_the_warehouse_has_nothing_to_import(ask: Ask) -> None:
    """It is told what is done with it instead."""
    for words in (("subscribers",), ("subscribers", __file__)):
        refused(ask("import", *words), 10, "declares nothing", "churn run --population subscribers")


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ("[warehouse]", "[warehouse", "is not TOML"),
        ("[drift]", "[drift]\npvalue = 1", "drift.pvalue is unknown; legal here"),
        ("medium = 0.30", "medium = 0.9", "medium < high < critical"),
        ("medium = 0.30", "medium = 'x'", "tiers: medium is no number"),
        ("medium = 0.30", "medium = nan", "tiers: medium is nan"),
        (
            'low = "none"\n',
            "",
            "exactly one tier, the lowest, has an action and no threshold; here: none",
        ),
        ('raw_schema = "raw"', 'raw_schema = "raw; drop"', "warehouse.raw_schema"),
        ("horizon_days = 30", "horizon_days = 99999999999", "horizon_days"),
        ("snapshots = 12", "snapshots = 999999", "snapshots"),
        ('families = ["logistic", "xgboost"]', "families = []", "training.families"),
        ("seed = 20261121", "seed = -1", "training.seed"),
        ("email_to = []", 'email_to = ["a@b\\nBcc: c@d"]', "alerts.email_to"),
        ("[populations.subscribers]", '[populations."a b"]', "populations.a b"),
        ("# What", "\udcff# What", "is not UTF-8 text, first at byte 0"),
    ],
)
def test_a_setting_nothing_can_work_with_is_refused(
    ask: Ask, tmp_path: Path, before: str, after: str, part: str
) -> None:
    """churn.toml wrong in every way, told by key."""
    text = (ROOT / "churn.toml").read_text("utf-8")
    assert before in text
    path = tmp_path / "wrong.toml"
    path.write_bytes(text.replace(before, after, 1).encode("utf-8", "surrogateescape"))

    refused(ask("runs", CHURN_CONFIG=str(path)), 10, str(path), part)


@pytest.mark.parametrize("variable", ["CHURN_DATABASE_URL", "CHURN_MLFLOW_URI", "CHURN_PAGES_URL"])
@pytest.mark.parametrize(
    "address",
    [
        *("x", "mysql://a:hunter2@h/d", "postgresql://", "http://", "http://a:hunter2@/d"),
        *("postgresql://a:hunter2@h:port/d", "http://a:hunter2@h:99999", "http://a:hun/ter2@h"),
        *("postgresql://a:hunter2@[::1/d", "postgresql://a:hun ter2@h/d"),
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(
    ask: Ask, variable: str, address: str
) -> None:
    """The variable is named, and no part of a password."""
    answer = ask("runs", **{variable: address})

    refused(answer, 10, variable)
    assert "hunter2" not in answer.said
    assert "ter2" not in answer.said


def test_a_database_that_does_not_answer_is_told_apart(ask: Ask, warehouse: Warehouse) -> None:
    """A closed port, a wrong password and a database that is not there."""
    server, _, name = warehouse.url.rpartition("/")
    login, _, place = server.rpartition("@")
    for address in (f"{login}@127.0.0.1:1/{name}", f"{login}x@{place}/{name}", f"{server}/nowhere"):
        refused(ask("runs", CHURN_DATABASE_URL=address), 11, "does not answer")


def test_a_database_of_another_version_is_refused(ask: Ask, warehouse: Warehouse) -> None:
    """Newer than the program, older, or without any tables: told apart, by migration."""
    newer = "insert into public.churn_migrations (name, sha256) values ('9999_later.sql', '')"
    older = "delete from public.churn_migrations where name = '9999_later.sql'"
    warehouse.execute(newer)
    answer = ask("runs")
    warehouse.execute(older)
    refused(answer, 11, "newer than this program, by 1 migration(s): 9999_later.sql")

    first = "update public.churn_migrations set name = :to where name = :of"
    warehouse.execute(first, {"to": "0001_raw.sql.away", "of": "0001_raw.sql"})
    answer = ask("runs")
    warehouse.execute(first, {"to": "0001_raw.sql", "of": "0001_raw.sql.away"})
    refused(answer, 11, "0001_raw.sql.away")

    empty = f"{warehouse.url.rpartition('/')[0]}/postgres"
    refused(ask("runs", CHURN_DATABASE_URL=empty), 11, "lacks", "0001_raw.sql", "churn migrate")


def test_a_state_folder_that_is_none_is_refused(ask: Ask, tmp_path: Path) -> None:
    """A file, a folder below a file, and a name that is too long; empty means the default."""
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        for command in ("runs", "status", "down"):
            refused(ask(command, CHURN_HOME=str(home)), 10, "state folder", "cannot be used")
    assert "nothing was running" in ask("down").said
