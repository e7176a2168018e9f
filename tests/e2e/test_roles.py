"""A whole night by users of the database who are each a member of one role, and of nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from pipelines.adapters.local import postgres
from tests.e2e.churn_home import NO_ALIBI, SMALL, ChurnHome, fresh

pytestmark = pytest.mark.story

UNTIL = date(2026, 10, 1)
NIGHT = UNTIL - timedelta(days=1)
ROLES = ("loader", "pipeline", "trainer", "analyst")

People = Mapping[str, ChurnHome]


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    """The same installation, seen by one user a role; models come from MLflow's server."""
    with fresh() as owned:
        owned.configure({**SMALL, **NO_ALIBI})
        server = postgres.start(owned.home)
        address = server.rpartition("@")[2]
        mlflow = owned.up_mlflow()
        users = {"owner": owned}
        with psycopg.connect(f"{server}/churn", autocommit=True) as connection:
            for role in ROLES:
                connection.execute(f"create user only_{role} password 'x' in role churn_{role}")
                url = f"postgresql://only_{role}:x@{address}/churn"
                environ = {"CHURN_DATABASE_URL": url, "CHURN_MLFLOW_URI": mlflow}
                users[role] = replace(owned, environ={**owned.environ, **environ})
        yield users


@pytest.fixture(scope="module")
def night(people: People) -> People:
    """1,500 customers, a champion and one night, each part by whom it belongs to."""
    people["loader"].churn("load-demo", "--customers", 1500, "--months", 10, "--as-of", UNTIL)
    latest = NIGHT - timedelta(days=30)
    people["pipeline"].churn(
        *("backfill", "--from", latest - timedelta(days=120), "--to", latest),
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
    failed = "select title from churn.alerts where severity = 'critical'"
    assert [] == night["analyst"].rows(failed)


def test_a_question_on_the_embedded_server_is_never_asked_as_its_owner(people: People) -> None:
    """A query that steps out of its role within one statement finds itself with no other."""
    asked = people["owner"].churn("sql", "--csv", "select session_user, current_user")
    assert ["session_user,current_user", "churn_reader,churn_analyst"] == asked.splitlines()

    steps_out = "do $$ begin set role none; perform full_name from raw.customers; end $$"
    refused = people["owner"].run("sql", steps_out)
    assert (40, True) == (refused.returncode, "(42501)" in refused.stderr)


def test_the_other_commands_need_no_other_role(night: People) -> None:
    """Listing, contracts and a promotion, which finds nothing to promote."""
    assert str(NIGHT) in night["pipeline"].churn("runs")
    assert "monthly_fee_eur" in night["pipeline"].churn("contract")
    assert "each as it was written" in night["analyst"].churn("audit")
    assert "no challenger" in night["trainer"].churn("promote", "--as-of", NIGHT)


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
