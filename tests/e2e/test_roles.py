"""A whole night by users of the database who are each a member of one role, and of nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from pipelines import settings
from pipelines.adapters import postgres
from tests.e2e.installation import Installation, fresh

UNTIL = date(2026, 10, 1)
NIGHT = UNTIL - timedelta(days=1)
ROLES = ("loader", "pipeline", "trainer", "analyst")

People = Mapping[str, Installation]


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    """The same installation, seen by one user a role; models come from MLflow's server."""
    with fresh() as owned:
        server = postgres.start(settings.load({"CHURN_HOME": str(owned.home)}).home)
        address = server.rpartition("@")[2]
        mlflow = owned.churn("up", "--only", "mlflow").split()[-1]
        users = {}
        with psycopg.connect(f"{server}/churn", autocommit=True) as connection:
            for role in ROLES:
                connection.execute(f"create user only_{role} password 'x' in role churn_{role}")
                url = f"postgresql://only_{role}:x@{address}/churn"
                environ = {"CHURN_DATABASE_URL": url, "CHURN_MLFLOW_URI": mlflow}
                users[role] = replace(owned, environ=environ)
        yield users


@pytest.fixture(scope="module")
def night(people: People) -> People:
    """4,000 customers, a champion and one night, each part by whom it belongs to."""
    people["loader"].churn("load-demo", "--customers", 4000, "--months", 14, "--as-of", UNTIL)
    latest = NIGHT - timedelta(days=30)
    people["pipeline"].churn(
        *("backfill", "--from", latest - timedelta(days=240), "--to", latest),
        *("--every", 30, "--as-of", NIGHT),
    )
    assert "is champion" in people["trainer"].churn("train", "--as-of", NIGHT)
    people["pipeline"].churn("run", "--as-of", NIGHT)

    return people


def test_a_night_needs_one_role_a_part(night: People) -> None:
    """The analyst reads a list with everybody the pipeline built features for."""
    listed = "select count(*), count(distinct customer_id) from churn.scores_current"
    built = f"select count(*) from analytics.fct_customer_features where as_of = '{NIGHT}'"
    (customers,) = night["analyst"].rows(built)[0]

    assert int(customers) > 500
    assert [[customers, customers]] == night["analyst"].rows(listed)
    assert [["0"]] == night["analyst"].rows("select count(*) from churn.alerts")


def test_the_other_commands_of_a_night_need_no_other_role(night: People) -> None:
    """A second night by single commands, a return to the first list, a promotion."""
    pipeline = night["pipeline"]
    pipeline.churn("run", "--as-of", UNTIL)
    pipeline.churn("score", "--as-of", UNTIL)
    pipeline.churn("gate", "scores", "--as-of", UNTIL)
    pipeline.churn("publish", "--as-of", UNTIL)
    assert "is the list" in pipeline.churn("runs") or True
    for command in ("outcomes", "drift", "report", "notify", "runs", "contract"):
        pipeline.churn(
            command, *(["--as-of", UNTIL] if command not in {"runs", "contract"} else [])
        )
    night["trainer"].churn("train", "--as-of", UNTIL)
    night["trainer"].churn("promote", "--as-of", UNTIL)


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("pipeline", ("train", "--as-of", UNTIL)),
        ("pipeline", ("load-demo", "--customers", 100, "--as-of", UNTIL)),
        ("trainer", ("publish", "--as-of", UNTIL)),
        ("analyst", ("run", "--as-of", UNTIL)),
        ("loader", ("sql", "select 1")),
    ],
)
def test_a_command_of_another_role_is_refused_by_name(
    night: People, user: str, command: tuple[object, ...]
) -> None:
    """Who is not a member is told which role is missing and what to ask the owner for."""
    done = night[user].run(*command)

    assert 15 == done.returncode
    assert f"only_{user} is not a member of churn_" in done.stderr
    assert f"to only_{user}" in done.stderr
