"""The business every module disturbs a copy of: made once, at rest between the copies."""

import json
import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from pipelines.adapters.local import postgres
from pipelines.wiring import data
from tests.e2e.churn_home import ChurnHome
from tests.faults.business import CUSTOMERS, EARLIER, MONTHS, NIGHT, POPULATION, UNTIL, Business
from tests.faults.sources import Sources

LISTS = "lists.json"


def made(churn_home: ChurnHome) -> Business:
    """Fill an empty installation: customers, a champion, two nights, the second with two inputs."""
    churn = churn_home.churn
    churn("load-demo", "--customers", CUSTOMERS, "--months", MONTHS, "--as-of", UNTIL)
    latest = EARLIER - timedelta(days=30)
    first = latest - timedelta(days=210)
    churn("backfill", "--from", first, "--to", latest, "--every", 30, "--as-of", EARLIER)
    assert "is champion" in churn("train", "--as-of", EARLIER)
    churn("run", "--as-of", EARLIER, "--until", NIGHT)

    business = Business(churn_home)
    _make_two_lists(business)
    business.end()
    (churn_home.home / LISTS).write_text(json.dumps(business.lists))

    return business


def found(home: Path) -> Business:
    """Return the business that was made in *home*."""
    return Business(ChurnHome(home), json.loads((home / LISTS).read_text()))


def _make_two_lists(business: Business) -> None:
    """Let NIGHT have two lists: as it was, and with tickets that were known just in time."""
    business.keep_features(0)
    opened, loaded = f"{NIGHT - timedelta(days=3)}T12:00Z", f"{EARLIER}T23:59:59Z"
    added = business.execute(
        "insert into raw.support_tickets (ticket_id, customer_id, opened_at, loaded_at) "
        f"select 'fault-' || customer_id, customer_id, '{opened}', '{loaded}' "
        f"from analytics.fct_customer_features where as_of = '{NIGHT}' "
        "order by customer_id limit 300"
    )
    assert added == 300
    data.build_features(business.wired, POPULATION, [NIGHT], NIGHT)
    business.keep_features(1)
    business.execute("delete from raw.support_tickets where ticket_id like 'fault-%'")
    data.build_features(business.wired, POPULATION, [NIGHT], NIGHT)

    for number in (0, 1, 0):
        business.put_features(number)
        business.finish()
        rows, runs, shown = business.seen(NIGHT)
        assert rows > 500
        assert runs == 1
        assert shown is not None
        if shown not in business.lists:
            business.lists.append(shown)
    assert len(business.lists) == 2
    assert business.lists[0] == shown


class Copies:
    """
    Copies of a business at rest, of which one runs.

    Attributes:
        at_rest: What is copied; its server does not run.
        sources: The raw tables of the copy that runs, for the faults that break them.
    """

    def __init__(self, at_rest: Business) -> None:
        self.at_rest = at_rest
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._current: Business | None = None
        self.sources: Sources | None = None

    def current(self) -> Business:
        """Return the copy that runs, made now if there is none."""
        if self._current is None:
            self._folder = tempfile.TemporaryDirectory(prefix="churn-fault-")
            home = Path(self._folder.name)
            home.chmod(0o755)
            self._current = copied(self.at_rest, home)

        return self._current

    def drop(self) -> None:
        """End and remove the copy that runs."""
        if self._current is not None and self._folder is not None:
            self._current.end()
            postgres.remove(self._current.churn_home.home)
            self._folder.cleanup()
        self._current = None


def copied(template: Business, home: Path) -> Business:
    """Return a copy of *template*, whose server is not running, in the empty folder *home*."""
    before = template.churn_home.home
    folders = {before: home}
    state = postgres.state_folder(before)
    if not state.is_relative_to(before):
        folders[state] = postgres.state_folder(home)
    for source, target in folders.items():
        _copy(source, target)
    business = Business(ChurnHome(home, dict(template.churn_home.environ)), [*template.lists])
    _move_artefacts(business.wired.server_url, str(before), str(home))

    return business


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with its owners: the server refuses data that is not its user's."""
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    for folder, _, names in os.walk(source):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            owner = path.stat(follow_symlinks=False)
            copy = target / path.relative_to(source)
            os.chown(copy, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _move_artefacts(server_url: str, before: str, after: str) -> None:
    """Let MLflow find the copied artefacts, not those they were copied from."""
    columns = (
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'public' and data_type in ('text', 'character varying') "
        "and (column_name like '%%uri' or column_name like '%%location' or column_name = 'source')"
    )
    with psycopg.connect(f"{server_url}/mlflow", autocommit=True) as connection:
        moved = 0
        for table, column in connection.execute(columns).fetchall():
            update = SQL("update {} set {} = replace({}, {}, {}) where {} like {}").format(
                *(Identifier(table), Identifier(column), Identifier(column)),
                *(Literal(before), Literal(after)),
                *(Identifier(column), Literal(f"%{before}%")),
            )
            moved += connection.execute(update).rowcount
    assert moved > 0
