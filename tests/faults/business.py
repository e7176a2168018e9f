"""A business with a champion and published nights, there to be disturbed."""

import contextlib
import os
import subprocess
from dataclasses import dataclass, field
from datetime import date

from pipelines.adapters.local import postgres
from pipelines.settings import ROOT
from pipelines.wiring import night
from tests.e2e.at_rest import NIGHT
from tests.e2e.churn_home import CHURN
from tests.faults.server import WAIT_SECONDS, Server, wait

POPULATION = "subscribers"
WRITER = f"writer of {POPULATION}"

# What people read of one date; the run is counted but not hashed, so equal lists are equal.
SEEN = """
select
  count(*),
  count(distinct run_id),
  md5(string_agg(
    row(
      customer_id, churn_probability, risk_tier, recommended_action, reason_1, reason_2, reason_3
    )::text,
    ';' order by customer_id collate "C"
  ))
from churn.scores_published
where population = %s and score_date = %s
"""

# Blocks writers of scores, not readers.
NO_SCORES_WRITTEN = "lock table churn.scores in share mode"
Seen = tuple[int, int, str | None]


def no_flip(as_of: date) -> str:
    """Block publish between its updates: the old list is down, the staged one not yet up."""
    return (
        f"select run_id from churn.score_runs where population = '{POPULATION}' "
        f"and as_of = '{as_of}' and status = 'staged' for no key update"
    )


@dataclass
class Business(Server):
    """
    An installation with a champion, two published nights, and two inputs of the second.

    Attributes:
        churn_home: Its command.
        lists: Hashes of the two lists NIGHT can have, from undisturbed nights.
        started: Every process that was started, to be ended with the business.
    """

    lists: list[str] = field(default_factory=list)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def seen(self, as_of: date) -> Seen:
        """Return what people read of a date."""
        return self.rows(SEEN, POPULATION, as_of)[0]  # type: ignore[return-value]

    def run(self, *command: str, as_of: date = NIGHT) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return self.churn_home.run(*command, "--as-of", as_of)

    def start(self, *command: str, as_of: date = NIGHT) -> subprocess.Popen[str]:
        """Start one command, in a process group of its own."""
        return self.spawn(CHURN, *command, "--as-of", as_of, stderr=subprocess.PIPE)

    def spawn(self, *arguments: object, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start a process on this installation, in a process group of its own."""
        process = subprocess.Popen(
            [*map(str, arguments)],
            cwd=ROOT,
            env={
                **os.environ,
                "CHURN_HOME": str(self.churn_home.home),
                **self.churn_home.environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)

        return process

    def wait_for_writer_lock(self, *, is_held: bool) -> None:
        """Return when the lock of the one writer is held, or free."""
        query = (
            "select 1 from churn.locks as locked inner join pg_locks as held "
            "on locked.xmax = held.transactionid where locked.name = %s and held.granted"
        )
        with self.connect() as connection:
            wait(
                f"the writer's lock to be {'held' if is_held else 'free'}",
                lambda: bool(connection.execute(query, [WRITER]).fetchone()) is is_held,
            )

    def kill(self, process: subprocess.Popen[str]) -> int:
        """End a process and its children as a power cut would; return its exit code."""
        self.kill_group(process)
        process.communicate(timeout=WAIT_SECONDS)

        return process.returncode

    def kill_group(self, process: subprocess.Popen[str]) -> None:
        """End a process and its children as a power cut would, without reading what they said."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)

    def turn(self) -> tuple[str, str]:
        """
        Give NIGHT the features of its other list: with late tickets, or without.

        Returns:
            Hash of the list people see and of the one they are to see.
        """
        old = self.seen(NIGHT)[2]
        assert old in self.lists
        other = 1 - self.lists.index(old)
        self.put_features(other)

        return old, self.lists[other]

    def keep_features(self, number: int) -> None:
        """Keep the features of NIGHT as they stand, to be put back by *number*."""
        self.execute(
            "create schema if not exists faults",
            f"create table faults.features_{number} as "
            f"select * from analytics.fct_customer_features where as_of = '{NIGHT}'",
        )

    def put_features(self, number: int) -> None:
        """Put the features back that were kept by *number*."""
        put = self.execute(
            f"delete from analytics.fct_customer_features where as_of = '{NIGHT}'",
            f"insert into analytics.fct_customer_features select * from faults.features_{number}",
        )
        assert put > 500

    def work(self, *commands: str, as_of: date = NIGHT) -> None:
        """Run commands that have to succeed; without any, those from score to publish."""
        for command in commands or ("score", "gate scores", "publish"):
            done = self.run(*command.split(), as_of=as_of)
            assert done.returncode == 0, f"{command}: {done.stderr}"

    def has_features(self, number: int) -> bool:
        """Tell whether the features of NIGHT are, row by row, those that were kept by *number*."""
        now = f"select * from analytics.fct_customer_features where as_of = '{NIGHT}'"
        kept = f"select * from faults.features_{number}"
        differing = f"select 1 from (({now} except {kept}) union all ({kept} except {now})) as rows"

        return not self.rows(differing)

    def stage(self, as_of: date = NIGHT) -> None:
        """Stage a night in this process and let the gate pass it."""
        night.score(self.wired, POPULATION, as_of)
        night.gate(self.wired, "scores", POPULATION, as_of)

    def publish(self, as_of: date = NIGHT) -> None:
        """Gate in this process what was built and what is staged, and publish it."""
        night.gate(self.wired, "features", POPULATION, as_of)
        night.gate(self.wired, "scores", POPULATION, as_of)
        night.publish(self.wired, POPULATION, as_of)

    def finish(self, as_of: date = NIGHT) -> None:
        """Score, gate and publish a night in this process; it has to succeed."""
        night.score(self.wired, POPULATION, as_of)
        self.publish(as_of)

    def end(self) -> None:
        """End what was started, close our connections and stop the server."""
        for process in self.started:
            if process.poll() is None:
                self.kill(process)
        self.wired.warehouse.engine.dispose()
        postgres.stop(self.churn_home.home)
