"""A night scored by a cluster of Spark: the same list, or the old one, whatever is killed."""

import contextlib
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pipelines.adapters.spark import configuration
from pipelines.adapters.spark.driver_process import MODULE
from tests.e2e import at_rest as at_rest_business
from tests.e2e.at_rest import EMAIL, ID, NAME, NIGHT
from tests.faults import template
from tests.faults.business import Business
from tests.faults.checker import Checker
from tests.faults.server import wait
from tests.spark import Cluster, cluster, spark_python

pytestmark = [pytest.mark.story, pytest.mark.server, pytest.mark.timeout(1200)]

# Every column of every row, the numbers of reasons too.
WHOLE = (
    "select customer_id, scores::text from churn.scores_published as scores "
    "where score_date = %s order by customer_id"
)
RUN = re.compile(r",\d+,")


@pytest.fixture(scope="module")
def business(at_rest: Path) -> Iterator[Business]:
    """A business with two lists of one night, both scored here."""
    spark_python()
    with at_rest_business.copy_of(at_rest) as copy:
        found = Business(copy, template.made(copy.home).lists)
        try:
            yield found
        finally:
            found.end()


@pytest.fixture(scope="module")
def spark(business: Business, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers; from now on the command scores on them."""
    home = business.churn_home.home
    with cluster(home / "spark", tmp_path_factory.mktemp("cluster")) as running:
        business.churn_home.configure(
            {
                'engine = "here"': 'engine = "spark"',
                'master = "local[2]"': f'master = "{running.url}"',
                'executor_memory = "1g"': 'executor_memory = "512m"',
                "file_rows = 25_000": "file_rows = 20",
                "wait_seconds = 60": "wait_seconds = 20",
            }
        )
        yield running


def rows_of(business: Business) -> list[tuple[str, str]]:
    """Return every published score of the night as text, without the number of its run."""
    return [(name, RUN.sub(",run,", text, count=1)) for name, text in business.rows(WHOLE, NIGHT)]


def driver_of(command: int) -> psutil.Process:
    """Return the driver of a command, which runs."""
    for child in psutil.Process(command).children():
        with contextlib.suppress(psutil.Error):  # it has just ended
            if MODULE in child.cmdline():
                return child
    pytest.fail(f"there is no driver of {command}")


def runs(process: psutil.Process) -> bool:
    """Tell whether it does anything still; whoever adopted it may be late to notice that not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)

    return False


def wait_for_first_scores(business: Business) -> None:
    """Return when a worker has written scores, and before all of them have."""
    home = business.churn_home.home / "spark"
    wait("the first scores", lambda: any(home.glob(".list-*/scores/_temporary/**/part-*.parquet")))
    assert not [*home.glob(".list-*/scores/_SUCCESS")]


def test_a_cluster_gives_the_list_that_this_machine_gives(
    business: Business, spark: Cluster
) -> None:
    """Every customer, column and bit; and nobody could read a secret or a name meanwhile."""
    secret = configuration.cluster_file(spark.home).read_text("utf-8").split()[-1]
    assert len(secret) == 64
    here = [business.seen(NIGHT)[2], rows_of(business)]
    assert len(here[1]) > 500
    process = business.start("score")
    seen: set[str] = set()
    while process.poll() is None:
        for other in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                seen.add(" ".join(other.cmdline()))
        time.sleep(0.3)
    assert 0 == process.returncode, process.communicate()[1]
    business.work("gate scores", "publish")

    assert any("CoarseGrainedExecutorBackend" in line for line in seen)
    assert [] == [line for line in seen if secret in line]
    assert here == [business.seen(NIGHT)[2], rows_of(business)]
    logs = business.churn_home.home / "logs" / "spark.log"
    said = spark.said() + logs.read_text("utf-8")
    assert [] == [word for word in (secret, ID, NAME, EMAIL) if word in said]
    assert [] == [*spark.home.glob(".list-*")]


def test_a_worker_that_dies_costs_a_part_and_no_list(business: Business, spark: Cluster) -> None:
    """The other does what it had to do."""
    old, new = business.turn()
    checker = Checker(business, NIGHT, old, new)
    with checker.watched():
        process = business.start("score")
        wait_for_first_scores(business)
        spark.kill_worker()
        _, error = process.communicate(timeout=600)
        assert 0 == process.returncode, error
        business.work("gate scores", "publish")
    checker.check_finished(new)
    spark.add_worker()


def _kill_driver(_: Business, driver: psutil.Process, __: int) -> None:
    """End the driver's own process; its JVM is left to notice."""
    driver.kill()


def _kill_command(business: Business, _: psutil.Process, command: int) -> None:
    """End the command, which can tell nobody."""
    del business
    psutil.Process(command).send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    ("kill", "code"), [(_kill_driver, 13), (_kill_command, -9)], ids=["driver", "command"]
)
def test_killed_in_the_middle_the_old_list_stays(
    business: Business,
    spark: Cluster,
    kill: Callable[[Business, psutil.Process, int], None],
    code: int,
) -> None:
    """Nothing of the job runs on, and the night is simply run again."""
    assert len(spark.workers) == 2
    old, new = business.turn()
    checker = Checker(business, NIGHT, old, new)
    with checker.watched():
        process = business.start("score")
        wait_for_first_scores(business)
        driver = driver_of(process.pid)
        family = [driver, *driver.children(recursive=True)]
        assert len(family) > 1
        kill(business, driver, process.pid)
        _, error = process.communicate(timeout=600)
        assert code == process.returncode, error
        psutil.wait_procs(family, timeout=60)
        assert [] == [each for each in family if runs(each)]
        business.wait_until_noticed()
        assert old == business.seen(NIGHT)[2]
        business.work()
    assert new == business.seen(NIGHT)[2]
    assert [] == [*spark.home.glob(".list-*/*")]


def test_who_does_not_know_the_secret_gets_nothing(
    business: Business, spark: Cluster, tmp_path: Path
) -> None:
    """An installation with a secret of its own is no client of this cluster."""
    other = replace(spark, home=tmp_path)
    stranger = configuration.cluster_file(other.home).read_text("utf-8")
    kept = spark.home / configuration.CLUSTER
    ours = kept.read_text("utf-8")
    kept.write_text(stranger, "utf-8")
    try:
        done = business.run("score")
    finally:
        kept.write_text(ours, "utf-8")

    assert (13, True) == (done.returncode, "takes us for strangers" in done.stderr), done.stderr


def test_without_workers_or_a_master_it_says_so(business: Business, spark: Cluster) -> None:
    """The published list stays, and the message says what to do; last, for it ends the cluster."""
    shown = business.seen(NIGHT)
    while spark.workers:
        spark.kill_worker()
    idle = business.run("score")
    spark.end()
    gone = business.run("score")

    assert (13, 13) == (idle.returncode, gone.returncode), idle.stderr
    assert "no worker" in idle.stderr
    assert "cannot be reached" in gone.stderr
    assert shown == business.seen(NIGHT)
