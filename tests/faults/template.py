"""The business every module disturbs a copy of: made once, at rest between the copies."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path

from pipelines.adapters.local import postgres
from pipelines.wiring import data
from tests.e2e import at_rest
from tests.e2e.at_rest import EARLIER, NIGHT
from tests.e2e.churn_home import ChurnHome
from tests.faults.business import POPULATION, Business
from tests.faults.sources import Sources

LISTS = "lists.json"


def made(home: Path) -> Business:
    """Give the second night of a business at rest, in *home*, another input and so another list."""
    postgres.start(home, is_durable=False)
    business = Business(ChurnHome(home))
    try:
        _make_two_lists(business)
    finally:
        business.end()
    (home / LISTS).write_text(json.dumps(business.lists))

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

    _, _, before = business.seen(NIGHT)
    shown: list[str | None] = [before]
    for number in (1, 0):
        business.put_features(number)
        business.finish()
        rows, runs, found = business.seen(NIGHT)
        assert (True, 1) == (rows > 500, runs)
        shown.append(found)
    assert shown[0] == shown[2] != shown[1]
    business.lists += [found for found in shown[:2] if found is not None]
    assert len(business.lists) == 2


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
    at_rest.copied(template.churn_home.home, home, is_durable=True)

    return Business(ChurnHome(home, dict(template.churn_home.environ)), [*template.lists])
