"""Models that are away, wrong, exchanged or damaged: nobody is scored by any but the champion."""

import hashlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pipelines.adapters.local.processes import free_port
from pipelines.adapters.models.directory import MANIFEST
from pipelines.domain.scoring.versions import MANIFEST_TAG, Alias
from pipelines.errors import ArtefactDamaged
from pipelines.wiring import night
from tests.e2e.at_rest import NIGHT
from tests.faults import disk
from tests.faults.business import NO_SCORES_WRITTEN, POPULATION, Business
from tests.faults.checker import Checker
from tests.faults.conftest import Tell
from tests.faults.damage import DAMAGES, cached, champion, flip, kept, plant, sign, stored
from tests.faults.other_models import crown, crowned, gloomier, of_another_contract, registered

ALIASES: tuple[Alias, ...] = ("champion", "challenger")
TRAINING_SECONDS = 300
VERSIONS = (
    "select run_id, model_version from churn.score_runs "
    "where as_of = %s order by run_id desc limit 1"
)


def refused(business: Business, code: int, *words: str) -> str:
    """Score, which has to be refused in one sentence; return it."""
    done = business.run("score")
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert [] == [word for word in (*words, "next:") if word not in done.stderr]

    return done.stderr


def test_mlflow_is_down(business: Business, tell: Tell) -> None:
    """Within seconds score says which server does not answer; the next night works."""
    checker = Checker(business, NIGHT, *business.turn())
    port = free_port()
    with checker.watched():
        business.churn_home.environ["CHURN_MLFLOW_URI"] = f"http://127.0.0.1:{port}"
        refused(business, 12, f"127.0.0.1:{port}", "CHURN_MLFLOW_URI")
        checker.check(checker.old, alerts=["failed_score"])
        del business.churn_home.environ["CHURN_MLFLOW_URI"]
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    tell("MLflow: down", "score exit 12; next night works", checker.polls)


@pytest.mark.story
@pytest.mark.parametrize("fault", ["dropped", "moved to a changed copy"])
def test_the_alias_is_not_followed(business: Business, tell: Tell, fault: str) -> None:
    """Whoever may write to MLflow makes no champion: the one on record scores, people are told."""
    checker = Checker(business, NIGHT, *business.turn())
    version = champion(business)
    with checker.watched():
        if fault == "dropped":
            business.wired.registry.drop_alias(version, "champion")
        else:
            business.wired.registry.set_alias(registered(business, gloomier), "champion")
        done = business.run("score")
        assert (0, True) == (done.returncode, "champion_differs" in done.stderr), done.stderr
        assert version.version == business.rows(VERSIONS, NIGHT)[0][1]
        business.publish()
        checker.check(checker.new, alerts=["champion_differs"])
        business.wired.registry.set_alias(version, "champion")
        business.finish()
    checker.check_finished(checker.new, healed=["champion_differs"])
    tell(f"MLflow: champion {fault}", "the one on record scores, and an alert", checker.polls)


@pytest.mark.story
def test_mlflow_says_another_checksum(business: Business, tell: Tell) -> None:
    """Files, manifest and MLflow's database changed alike are still not what was promoted."""
    checker = Checker(business, NIGHT, *business.turn())
    version, store = champion(business), stored(business) / "data" / "churn_model"
    client = business.wired.registry.client
    with checker.watched():
        with kept(store):
            flip(store / "coefficients.json")
            sign(store)
            forged = hashlib.sha256((store / MANIFEST).read_bytes()).hexdigest()
            tag = (version.name, str(version.version), MANIFEST_TAG)
            client.set_model_version_tag(*tag, forged)
            refused(business, 31, "is not the one that became champion", "owner: science")
            client.set_model_version_tag(*tag, version.manifest_sha256)
            checker.check(checker.old, alerts=["failed_score"])
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    tell("model: damaged, MLflow's checksum too", "exit 31; next night works", checker.polls)


@pytest.mark.story
def test_the_champion_changes_while_it_scores(business: Business, tell: Tell) -> None:
    """The version resolved at the start scores everyone; the other one scores the next run."""
    checker = Checker(business, NIGHT, *business.turn())
    first, second = champion(business), registered(business, gloomier)
    with checker.watched():
        with business.held(NO_SCORES_WRITTEN):
            process = business.start("score")
            business.wait_until_blocked()
            crown(business, second)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        try:
            ((run, version),) = business.rows(VERSIONS, NIGHT)
            assert first.version == version
            night.gate(business.wired, "scores", POPULATION, NIGHT)
            assert run == night.publish(business.wired, POPULATION, NIGHT).run_id
            checker.check(checker.new)
            night.score(business.wired, POPULATION, NIGHT)
            assert second.version == business.rows(VERSIONS, NIGHT)[0][1]
        finally:
            crown(business, first)
        business.finish()
    checker.check_finished(checker.new)
    tell("model: champion changed in mid-scoring", "one version scores everyone", checker.polls)


@pytest.mark.story
@pytest.mark.parametrize(
    ("fault", "change", "golden_wrong_by", "code", "words"),
    [
        ("of another contract", of_another_contract, 0.0, 22, ("trained on contract", "changed [")),
        ("golden rows score otherwise", lambda spec: spec, 0.01, 31, ("golden rows are not",)),
    ],
)
def test_a_champion_that_does_not_fit(  # noqa: PLR0917  one per column of the table
    business: Business,
    tell: Tell,
    fault: str,
    change: Callable[..., object],
    golden_wrong_by: float,
    code: int,
    words: tuple[str, ...],
) -> None:
    """A model that is whole and does not do what it should is refused, and undone by its alias."""
    checker = Checker(business, NIGHT, *business.turn())
    wrong = registered(business, change, golden_wrong_by=golden_wrong_by)  # type: ignore[arg-type]
    with checker.watched():
        with crowned(business, wrong):
            refused(business, code, *words)
        checker.check(checker.old, alerts=["failed_score"])
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    tell(f"model: {fault}", f"score exit {code}; next night works", checker.polls)


@pytest.mark.story
def test_every_file_damaged_in_every_way(business: Business, tell: Tell) -> None:
    """In MLflow's folder it is refused, named; in the cache it is replaced; neither ever scores."""
    checker = Checker(business, NIGHT, *business.turn())
    copy, store = cached(business), stored(business) / "data" / "churn_model"
    names = sorted(path.name for path in store.iterdir())
    assert len(names) > 8
    assert MANIFEST in names
    refusals = repairs = 0
    with checker.watched():
        for name in names:
            whole = (store / name).read_bytes()
            for damage in DAMAGES.values():
                damage(cached(business) / name)
                assert copy == cached(business)
                assert whole == (copy / name).read_bytes()
                repairs += 1

                damage(store / name)
                shutil.rmtree(copy)
                with pytest.raises(ArtefactDamaged) as told:
                    night.score(business.wired, POPULATION, NIGHT)
                assert f"{name} is " in told.value.message
                assert not copy.exists()
                (store / name).write_bytes(whole)
                refusals += 1
        checker.check(checker.old, alerts=["failed_score"])
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    assert len(names) * len(DAMAGES) == refusals == repairs
    tell(
        f"model: each of {len(names)} files, {len(DAMAGES)} ways, in MLflow's folder",
        "exit 31, the file named; next night works",
        checker.polls,
        refusals,
    )
    tell("model: the same in the cache", "fetched again", times=repairs)


def test_a_flipped_bit_by_command(business: Business, tell: Tell) -> None:
    """In the cache the command heals it and scores; in both places it refuses, 31."""
    checker = Checker(business, NIGHT, *business.turn())
    copy, store = cached(business), stored(business) / "data" / "churn_model"
    with checker.watched():
        flip(copy / "coefficients.json")
        healed = business.run("score")
        assert (0, True) == (healed.returncode, "cached_model_damaged" in healed.stderr)
        with kept(store):
            flip(copy / "coefficients.json")
            flip(store / "coefficients.json")
            refused(business, 31, "coefficients.json is not what was written", "owner: science")
            checker.check(checker.old, alerts=["failed_score"])
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    tell("model: one bit of its weights", "exit 31, or fetched again", checker.polls, 2)


@pytest.mark.story
def test_a_manifest_that_agrees_with_the_damage(business: Business, tell: Tell) -> None:
    """Who writes the checksums anew, in the cache and the store, still lacks MLflow's database."""
    checker = Checker(business, NIGHT, *business.turn())
    copy, store = cached(business), stored(business) / "data" / "churn_model"
    with checker.watched():
        with kept(store):
            for folder in (copy, store):
                flip(folder / "coefficients.json")
                sign(folder)
            refused(business, 31, f"{MANIFEST} is not what was written")
            checker.check(checker.old, alerts=["failed_score"])
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    tell("model: damaged, checksums written anew", "exit 31; next night works", checker.polls)


@pytest.mark.story
def test_nothing_in_an_artefact_is_executed(business: Business, tell: Tell, tmp_path: Path) -> None:
    """Modules, pickles, an MLmodel that names a loader: beside the model ignored, in it refused."""
    checker = Checker(business, NIGHT, *business.turn())
    mark = tmp_path / "executed"
    copy, beside = cached(business), stored(business)
    with checker.watched():
        with kept(beside):
            plant(beside, mark)
            plant(beside / "data", mark)
            shutil.rmtree(copy)
            ignored = business.run("score")
            assert ignored.returncode == 0, ignored.stderr
            plant(beside / "data" / "churn_model", mark)
            plant(copy, mark)
            refused(
                business, 31, f"canary.py is not in {MANIFEST}", f"MLmodel is not in {MANIFEST}"
            )
            checker.check(checker.old, alerts=["failed_score"])
        assert not mark.exists()
        business.finish()
    checker.check_finished(checker.new, healed=["failed_score"])
    tell(
        "model: code in the artefact", "never executed; in its directory exit 31", checker.polls, 2
    )


def test_the_canary_sings(tmp_path: Path, tell: Tell) -> None:
    """What is planted does leave its mark where somebody loads it."""
    import pickle  # noqa: PLC0415  to show what we do not do

    mark = tmp_path / "executed"
    plant(tmp_path, mark)
    pickle.loads((tmp_path / "model.pkl").read_bytes())
    assert mark.exists()
    mark.unlink()
    exec((tmp_path / "canary.py").read_text("utf-8"), {})
    assert mark.exists()
    tell("model: the code planted", "leaves its mark where it is loaded", times=2)


def mlflow_held(business: Business, table: str) -> psycopg.Connection[Any]:
    """Let nobody write a table of MLflow's as long as the connection is open."""
    connection = psycopg.connect(f"{business.wired.server_url}/mlflow", connect_timeout=5)
    connection.execute(f"lock table {table} in share mode")  # type: ignore[arg-type]

    return connection


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "table"),
    [("registers a version", "model_versions"), ("names it", "registered_model_aliases")],
)
def test_mlflow_dies_in_mid_training(
    business: Business, tell: Tell, moment: str, table: str
) -> None:
    """No half version is champion or challenger, nights go on, and a training can be repeated."""
    shown = business.seen(NIGHT)[2]
    checker = Checker(business, NIGHT, shown, shown)
    first = champion(business)
    aliases = [business.wired.registry.version(POPULATION, alias) for alias in ALIASES]
    business.churn_home.environ["CHURN_MLFLOW_URI"] = business.churn_home.up_mlflow()
    record = json.loads((business.churn_home.home / "run" / "mlflow.pid.json").read_text())
    with checker.watched():
        with mlflow_held(business, table), business.connect() as connection:
            process = business.start("train")
            blocked = "select 1 from pg_locks where not granted"
            deadline = time.monotonic() + TRAINING_SECONDS
            while not connection.execute(blocked).fetchone():
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.01)
            os.killpg(record["pid"], signal.SIGKILL)
        _, said = process.communicate(timeout=60)
        del business.churn_home.environ["CHURN_MLFLOW_URI"]
        assert (12, False) == (process.returncode, "Traceback" in said), said
        assert first == champion(business)
        assert aliases == [business.wired.registry.version(POPULATION, alias) for alias in ALIASES]
        checker.check(checker.old, alerts=["failed_train"])
        business.finish()
        again = business.run("train")
        assert again.returncode == 0, again.stderr
    assert first == champion(business)
    challenger = business.wired.registry.version(POPULATION, "challenger")
    assert challenger is not None
    assert challenger.version > first.version
    checker.check_finished(checker.old, healed=["failed_train"])
    tell(
        f"MLflow: dies while a training {moment}",
        "exit 12; champion stays; repeated",
        checker.polls,
    )


@pytest.mark.slow
def test_a_disk_that_is_full_while_registering(business: Business, tell: Tell) -> None:
    """Half a model is no version: the champion stays, and a training with room is whole."""
    fault = "model: disk full (tmpfs) while registering"
    if not disk.can_be_mounted():
        tell(fault, "not tried, mounting takes root", times=0)
        return
    shown = business.seen(NIGHT)[2]
    checker = Checker(business, NIGHT, shown, shown)
    registry, first = business.wired.registry, champion(business)
    before = [registry.version(POPULATION, alias) for alias in ALIASES]
    with checker.watched():
        with disk.full(business.churn_home.home / "mlflow" / "artifacts" / first.name):
            done = business.run("train")
        assert (12, False) == (done.returncode, "Traceback" in done.stderr), done.stderr
        assert "No space left on device" in done.stderr
        assert before == [registry.version(POPULATION, alias) for alias in ALIASES]
        checker.check(checker.old, alerts=["failed_train"])
        business.finish()
        again = business.run("train")
        assert again.returncode == 0, again.stderr
    assert first == champion(business)
    challenger = registry.version(POPULATION, "challenger")
    assert challenger is not None
    registry.load(challenger)
    checker.check_finished(checker.old, healed=["failed_train"])
    tell(fault, "exit 12; champion stays; repeated", checker.polls)
