"""What goes on at the same time: another list, another population, another user of the machine."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.local import postgres
from pipelines.adapters.local.postgresql import programs
from pipelines.settings import ROOT
from pipelines.wiring import data
from tests.e2e.at_rest import NIGHT
from tests.faults.business import (
    NO_SCORES_WRITTEN,
    WAIT_SECONDS,
    Business,
    no_flip,
    wait,
)
from tests.faults.checker import Checker
from tests.faults.conftest import Tell
from tests.faults.other_models import crown, registered
from tests.security.neighbour import UID

SECOND = "second"
NO_RUN_FLIPS = f"select run_id from churn.score_runs where as_of = '{NIGHT}' for no key update"
WAITING = "select distinct pid from pg_locks where not granted"
COMMAND = "from pipelines.cli.command import main; main()"


@pytest.mark.story
def test_a_rollback_while_publishing(business: Business, tell: Tell) -> None:
    """Whoever comes second is told who is at work; afterwards it goes back, and forth."""
    checker = Checker(business, NIGHT, *business.turn())
    business.stage()
    with checker.watched():
        with business.held(no_flip(NIGHT)):
            process = business.start("publish")
            business.wait_until_blocked()
            refused = business.run("rollback-scores")
            assert 75 == refused.returncode
            assert "now it is churn publish" in refused.stderr
        process.communicate(timeout=WAIT_SECONDS)
        assert 0 == process.returncode
    checker.check_finished(checker.new)
    business.work("rollback-scores")
    checker.check(checker.old)
    business.finish()
    checker.check_finished(checker.new)
    tell("rollback while publishing", "exit 75 names the publisher; then it works", checker.polls)


@pytest.mark.story
def test_two_populations_at_once(business: Business, tell: Tell) -> None:
    """Neither waits for the other or mixes with it; both lists are whole."""
    text = (business.churn_home.home / "churn.toml").read_text("utf-8")
    begin = text.index("[populations.subscribers]")
    own = text[begin : text.index("\n\n", begin)]
    config = business.churn_home.home / "two.toml"
    config.write_text(f"{text}\n{own.replace('subscribers', SECOND)}\n", "utf-8")
    before = business.churn_home.environ.get("CHURN_CONFIG", "")
    business.churn_home.environ["CHURN_CONFIG"] = str(config)
    both = Business(business.churn_home, business.lists)
    version = registered(both, lambda spec: replace(spec, population=SECOND), population=SECOND)
    crown(both, version, population=SECOND)
    data.build_features(both.wired, SECOND, [NIGHT], NIGHT)
    checker = Checker(both, NIGHT, *both.turn())
    with checker.watched():
        for command in ("score", "publish"):
            if command == "publish":
                both.work("gate features", f"gate features --population {SECOND}")
                both.work("gate scores", f"gate scores --population {SECOND}")
            with both.held(NO_SCORES_WRITTEN if command == "score" else NO_RUN_FLIPS):
                first, second = both.start(command), both.start(command, "--population", SECOND)
                wait("both to be at work", lambda: len(both.rows(WAITING)) == 2)
            for process in (first, second):
                said = process.communicate(timeout=WAIT_SECONDS)[1]
                assert process.returncode == 0, said
    lists = both.rows(
        "select population, count(*), sum(churn_probability)::numeric(12, 6) "
        f"from churn.scores_published where score_date = '{NIGHT}' group by population"
    )
    assert {"subscribers", SECOND} == {population for population, *_ in lists}
    assert 1 == len({tuple(rest) for _, *rest in lists})
    checker.check_finished(checker.new)
    business.churn_home.environ["CHURN_CONFIG"] = before
    tell("two populations at once", "two whole lists of the same customers", checker.polls)


@pytest.mark.story
def test_two_users_with_a_clone_each(business: Business, tell: Tell) -> None:
    """Another user of the machine has servers, passwords and files of their own."""
    fault = "two users of one machine"
    python = Path("/usr/bin") / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    needed = (python, packages, ROOT)
    if os.geteuid() or not all(map(programs.is_reachable, needed)) or not python.exists():
        tell(fault, "not tried: only root becomes another user, who reads this checkout", times=0)
        return
    checker = Checker(business, NIGHT, *business.turn())
    home = Path(tempfile.mkdtemp(prefix="churn-neighbour-"))
    os.chown(home, UID, UID)
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{packages}:{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "CHURN_HOME": str(home / "var"),
    }
    try:
        with checker.watched():
            theirs = [_started(python, environ, "migrate") for _ in range(2)]
            business.work()
            for process in theirs:
                _, said = process.communicate(timeout=WAIT_SECONDS)
                assert process.returncode == 0, said
        state = home / "var" / "postgres"
        ours = postgres.state_folder(business.churn_home.home)
        for name in ("password", "owner_password", "port"):
            assert (state / name).read_text() != (ours / name).read_text()
        assert {UID} == {path.lstat().st_uid for path in state.rglob("*")}
        login = f"churn_owner:{(state / 'owner_password').read_text()}"
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(f"postgresql://{login}@127.0.0.1:{(ours / 'port').read_text()}/churn")
    finally:
        assert 0 == _started(python, environ, "down", "--remove").wait(WAIT_SECONDS)
        shutil.rmtree(home)
    checker.check_finished(checker.new)
    tell(fault, "each has servers, passwords and files of their own", checker.polls)


def _started(python: Path, environ: dict[str, str], *words: str) -> subprocess.Popen[str]:
    """Start a command of ours as the other user."""
    return subprocess.Popen(
        [python, "-c", COMMAND, *words],
        cwd="/",
        env=environ,
        user=UID,
        group=UID,
        extra_groups=[],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
