"""An installation whose service is measured: a champion of boosted trees, two published nights."""

import contextlib
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.adapters.local import postgres
from tests.e2e import at_rest
from tests.e2e.churn_home import NO_ALIBI, UNWATCHED, ChurnHome
from tests.faults.business import Business

TREES = {'families = ["logistic", "xgboost"]': 'families = ["xgboost"]'}
MADE = "made"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Business]:
    """
    Have the installation in *folder*, made there if it is not yet; its server runs.

    Who is told to end (SIGTERM) ends what was started; one that was not made whole is made anew.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
    home, mark = folder / "home", folder / MADE
    if not mark.exists():
        postgres.remove(home)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True, mode=0o755)
        at_rest.made(home, TREES)
        mark.touch()
    churn_home = ChurnHome(home)
    churn_home.configure({**TREES, **NO_ALIBI, **UNWATCHED})
    postgres.start(home, is_durable=True)
    try:
        churn_home.churn("migrate")  # it may have been made by an earlier version
        yield Business(churn_home)
    finally:
        postgres.stop(home)
