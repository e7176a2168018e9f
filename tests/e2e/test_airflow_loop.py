"""
One Airflow, and customers who changed two hundred days ago: what its nights find, tell and start.

A mail server that wants TLS and a login, and a receiver of webhooks, are at the other end.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from pipelines import settings
from pipelines.adapters.local import servers
from pipelines.adapters.local.airflow_api import as_conf
from pipelines.wiring.installation import Installation
from tests.e2e import airflow_home
from tests.e2e.airflow_home import AirflowHome
from tests.e2e.churn_home import NO_ALIBI, SMALL, UNWATCHED, ChurnHome, fresh
from tests.matured_lists import MONTH, OBSERVED_AFTER, PRECISION_AFTER, happened
from tests.receivers import (
    RECIPIENTS,
    SECRET,
    Inbox,
    Receiver,
    certified,
    mail_server,
    webhook,
)

CHANGED = date(2026, 5, 4)
BEFORE = CHANGED - timedelta(days=1)
NIGHT = CHANGED + timedelta(days=200)
EARLIER = NIGHT - timedelta(days=35)  # its labels have matured by NIGHT
TO_THE_LIST = ("features", "score", "gate scores", "publish")
SETTINGS = {
    **SMALL,
    **UNWATCHED,
    **NO_ALIBI,
    "email_to = []": f'email_to = ["{RECIPIENTS[0]}"]',
    "drifted_nights = 2": "drifted_nights = 1",
    "training_every_days = 7": "training_every_days = 3",
    "champion_max_age_days = 180": "champion_max_age_days = 400",
    # A few customers half a year after the change still differ from those of months before.
    "wasserstein_sd = 0.10": "wasserstein_sd = 0.60",
    "unimportant_sd = 0.40": "unimportant_sd = 2.0",
    "unimportant_points = 12.0": "unimportant_points = 60.0",
    "share_points = 3.0": "share_points = 15.0",
    "joint_auc = 0.60": "joint_auc = 0.85",
    "score_psi = 0.02": "score_psi = 0.09",
    "score_mean_sd = 0.05": "score_mean_sd = 0.25",
}
# Until the change a quarter left, and nothing that is known of them said who: what the champion
# learned is true of nobody since.
ANYBODY_LEFT = (
    "update analytics.fct_churn_labels set is_churned = abs(hashtext(customer_id)) % 4 = 0"
)
# No snapshot from before the change: a model learns what is so, or what was.
NO_SNAPSHOTS = (
    "delete from analytics.fct_churn_labels",
    "delete from analytics.fct_customer_features",
)
BREAK = "alter table raw.support_tickets rename column opened_at to gone_at"
MEND = "alter table raw.support_tickets rename column gone_at to opened_at"

pytestmark = [pytest.mark.story, pytest.mark.timeout(3000)]


@dataclass(frozen=True)
class Scene:
    """
    An Airflow whose nights have gone wrong for weeks, and who is told.

    Attributes:
        airflow: It.
        inbox: Of the mail server.
        chat: The receiver.
    """

    airflow: AirflowHome
    inbox: Inbox
    chat: Receiver

    def night(self, as_of: date) -> str:
        """Run one night through the scheduler; return its state."""
        conf = as_conf(as_of=as_of, population="subscribers")
        run = self.airflow.api.trigger("churn_nightly", conf=conf)

        return self.airflow.api.wait("churn_nightly", run, progress=lambda _: None)

    def trainings(self) -> list[str]:
        """Return the runs of churn_train that nobody scheduled."""
        runs = self.airflow.api.runs("churn_train")

        return [run["dag_run_id"] for run in runs if run["run_type"] != "scheduled"]

    def rows(self, query: str) -> list[list[str]]:
        """Return the rows of a query."""
        return self.airflow.churn_home.rows(query)

    def subjects(self) -> list[str]:
        """Return the subjects of the mail, each arrived encrypted and after a login."""
        assert all(self.inbox.is_encrypted)
        assert len(self.inbox.messages) == len(self.chat.bodies)

        return [str(mail["Subject"]) for mail in self.inbox.messages]


def _owner(home: ChurnHome, statement: str) -> None:
    """Run a statement as the owner of the tables."""
    found = Installation(settings.load({"CHURN_HOME": str(home.home)}))
    with psycopg.connect(found.login_url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A champion of before the change, and a list of weeks after it."""
    context, certificate = certified(tmp_path_factory.mktemp("mail"))
    inbox = Inbox()
    with fresh() as home, ExitStack() as stack:
        port = stack.enter_context(
            mail_server(inbox, authenticator=inbox.login, tls_context=context, auth_required=True)
        )
        chat = stack.enter_context(webhook())
        home.configure(SETTINGS)
        home.environ |= {
            "CHURN_SMTP_URL": f"smtp://me:{SECRET}@127.0.0.1:{port}",
            "CHURN_SLACK_WEBHOOK_URL": chat.url,
            "SSL_CERT_FILE": str(certificate),
        }
        home.churn(
            *("load-demo", "--customers", 2400, "--months", 15),
            *("--as-of", NIGHT + timedelta(days=4), "--drift-from", CHANGED),
        )
        for trained in (BEFORE, NIGHT):
            latest = trained - timedelta(days=30)
            home.churn(
                *("backfill", "--from", latest - timedelta(days=60), "--to", latest),
                *("--every", 30, "--as-of", trained),
            )
            if trained == BEFORE:
                _owner(home, ANYBODY_LEFT)
                home.churn("train", "--as-of", BEFORE)
                for forgotten in NO_SNAPSHOTS:
                    _owner(home, forgotten)
        for command in TO_THE_LIST:
            home.churn(*command.split(), "--as-of", EARLIER)
        began_at = datetime.now(UTC)
        addresses, _ = airflow_home.up(home)
        (home.home / "real").touch()
        stack.callback(servers.down, home=home.home)
        yield Scene(AirflowHome(home, addresses, began_at), inbox, chat)


def test_what_changed_is_told_trained_for_promoted_and_over(scene: Scene) -> None:
    """By drift, and by a list that did not come true: one message, one training, one recovery."""
    assert "success" == scene.night(NIGHT)
    (told,) = scene.subjects()
    assert "3 new" in told
    assert [["drift"], ["outcomes"], ["retraining"]] == scene.rows(
        "select kind from churn.alerts order by kind"
    )
    assert [["retrain", "drift and outcomes"]] == scene.rows(
        "select action, cause from churn.loop_decisions"
    )

    (training,) = scene.trainings()
    api = scene.airflow.api
    assert "success" == api.wait("churn_train", training, progress=lambda _: None)
    assert [["2", "True"]] == scene.rows(
        "select challenger_version, is_promoted from churn.model_promotions "
        "where champion_version is not null"
    )

    assert "success" == scene.night(NIGHT + timedelta(days=1))
    assert [["2", "quiet"]] == scene.rows(
        "select model_version, verdict from churn.drift_verdicts order by as_of desc limit 1"
    )
    _, over = scene.subjects()
    assert over.startswith(f"Re: [churn warning] subscribers {NIGHT}: drift")
    assert "Over since the night of" in scene.chat.bodies[1]["text"]
    assert [training] == scene.trainings()
    assert [["drift and outcomes", "True"]] == scene.rows(
        "select cause, is_promoted from churn.retrainings"
    )


def test_a_broken_source_is_an_incident_and_no_training(scene: Scene) -> None:
    """The night fails and people hear of it; the next one is mended, and they hear of that."""
    before, heard = scene.trainings(), len(scene.subjects())
    _owner(scene.airflow.churn_home, BREAK)
    assert "failed" == scene.night(NIGHT + timedelta(days=2))
    _owner(scene.airflow.churn_home, MEND)
    assert "success" == scene.night(NIGHT + timedelta(days=3))

    broken, over = scene.subjects()[heard:]
    assert "[churn critical] sources gate of subscribers" in broken
    assert "Re: [churn critical] sources gate of subscribers" in over
    assert before == scene.trainings()


def test_a_concept_that_changed_is_told_on_its_first_list_and_trained_for(scene: Scene) -> None:
    """Of 8,000 customers, whom drift says nothing against; the list before it came true."""
    before, heard = scene.trainings(), len(scene.subjects())
    last = NIGHT + timedelta(days=4)
    owner = Installation(settings.load({"CHURN_HOME": str(scene.airflow.home)}))
    happened(owner, last - MONTH - timedelta(days=1), 2, is_changed=False)
    happened(owner, last - MONTH, 2, is_changed=True)

    assert "success" == scene.night(last)
    (told,) = scene.subjects()[heard:]
    assert ": 2 new" in told
    assert f": subscribers: what the list of {last - MONTH} said did not come true" in told
    assert [["quiet"]] == scene.rows(
        f"select verdict from churn.drift_verdicts where as_of = '{last}'"
    )
    measured = scene.rows(
        "select metric, value from churn.model_performance "
        f"where score_date = '{last - MONTH}' and metric in ('precision', 'observed_to_expected')"
    )
    expected = {"precision": PRECISION_AFTER, "observed_to_expected": OBSERVED_AFTER}
    assert pytest.approx(expected, abs=0.04) == {name: float(value) for name, value in measured}

    (training,) = {*scene.trainings()} - {*before}
    api = scene.airflow.api
    assert "success" == api.wait("churn_train", training, progress=lambda _: None)
    ((cause, promoted),) = scene.rows(
        f"select cause, is_promoted from churn.retrainings where as_of = '{last}'"
    )
    assert "outcomes" == cause
    assert promoted in ("True", "False")
