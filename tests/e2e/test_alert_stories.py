"""Incidents from beginning to end: by command, to a mail server with TLS and login, and by HTTP."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from pipelines import settings
from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.domain.training.promotion import Promotion
from pipelines.wiring import evidence
from pipelines.wiring.installation import Installation
from tests.e2e.churn_home import ChurnHome, fresh
from tests.receivers import (
    RECIPIENTS,
    SECRET,
    Inbox,
    Receiver,
    certified,
    free_port,
    mail_server,
    webhook,
)

FIRST = date(2026, 9, 20)
POPULATION = "subscribers"
LABELS = """
create table analytics.fct_churn_labels
  (as_of date, customer_id text, is_churned boolean, label_due_at date);
grant select on analytics.fct_churn_labels to churn_pipeline;
insert into analytics.fct_churn_labels
select score_date, customer_id, churn_probability > 1, score_date + 30 from churn.scores
"""

pytestmark = [pytest.mark.story, pytest.mark.timeout(900)]


def night(days: int) -> date:
    """Return the night so many days after the first."""
    return FIRST + timedelta(days=days)


@dataclass
class Scene:
    """An installation, and people who read mail and a chat."""

    home: ChurnHome
    context: ssl.SSLContext
    certificate: Path
    inbox: Inbox = field(default_factory=Inbox)
    chat: Receiver = field(default_factory=Receiver)
    stack: ExitStack = field(default_factory=ExitStack)

    def up(self) -> None:
        """Start the mail server and the receiver of webhooks."""
        options = {"tls_context": self.context, "auth_required": True}
        port = self.stack.enter_context(
            mail_server(self.inbox, authenticator=self.inbox.login, **options)
        )
        self.chat = self.stack.enter_context(webhook())
        self._reach(port, self.chat.url)

    def down(self) -> None:
        """Let nobody answer."""
        self._reach(free_port(), f"http://127.0.0.1:{free_port()}/services/{SECRET}")

    def _reach(self, port: int, url: str) -> None:
        """Tell the commands where to send."""
        self.home.environ |= {
            "CHURN_SMTP_URL": f"smtp://me:{SECRET}@127.0.0.1:{port}",
            "CHURN_SLACK_WEBHOOK_URL": url,
            "SSL_CERT_FILE": str(self.certificate),
        }

    @property
    def installation(self) -> Installation:
        """The same installation, as its owner."""
        return Installation(settings.load({"CHURN_HOME": str(self.home.home)}))

    def publish(self, as_of: date, probabilities: np.ndarray, version: int = 1) -> None:
        """Publish a list."""
        rows = len(probabilities)
        names = ("risk_tier", "recommended_action", "reason_1", "reason_2", "reason_3")
        batch = pa.table(
            {
                "customer_id": [f"C{number:05d}" for number in range(rows)],
                "churn_probability": probabilities,
                **{name: ["low"] * rows for name in names},
                "reasons": pa.nulls(rows, pa.string()),
            }
        )
        scores = WarehouseScores(self.installation.warehouse)
        scores.publish(
            scores.stage(
                population=POPULATION,
                as_of=as_of,
                model_name="churn-subscribers",
                model_version=version,
                contract_fingerprint="abc",
                batches=batch.to_batches(),
            )
        )

    def owner(self, statement: str) -> None:
        """Run a statement as the owner of the tables."""
        with psycopg.connect(self.installation.login_url, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def subjects(self) -> list[str]:
        """Return the subjects of the mail, each arrived encrypted and for everybody."""
        assert all(self.inbox.is_encrypted)
        assert {RECIPIENTS[:1]} >= {tuple(each) for each in self.inbox.recipients}

        return [str(mail["Subject"]) for mail in self.inbox.messages]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A business of three hundred with one list, and servers that answer."""
    context, certificate = certified(tmp_path)
    with fresh() as home, ExitStack() as stack:
        home.configure({"email_to = []": f'email_to = ["{RECIPIENTS[0]}"]'})
        made = Scene(home, context, certificate, stack=stack)
        home.churn(
            *("load-demo", "--customers", 300, "--months", 6),
            *("--as-of", night(12)),
        )
        made.publish(night(-1), np.full(3, 0.5))
        made.up()
        yield made


BREAK = "alter table raw.support_tickets rename column opened_at to gone_at"
MEND = "alter table raw.support_tickets rename column gone_at to opened_at"


def test_five_failing_nights_are_two_messages_and_a_recovery(scene: Scene) -> None:
    """The gate at night, the missing list in the morning, and both over on the sixth night."""
    scene.owner(BREAK)
    for days in range(5):
        assert 0 != scene.home.run("run", "--as-of", night(days)).returncode
        assert 33 == scene.home.run("watch", "--as-of", night(days)).returncode
    assert 2 == len(scene.inbox.messages) == len(scene.chat.bodies)

    scene.owner(MEND)
    scene.home.churn("gate", "sources", "--as-of", night(5))
    scene.publish(night(5), np.full(3, 0.5))
    for command in ("publish", "notify", "watch", "notify"):
        scene.home.churn(command, "--as-of", night(5))

    gate, missing, over = scene.subjects()
    assert "[churn critical] sources gate of subscribers 2026-09-20: 3 of 129 checks failed" == gate
    assert "[churn critical] no list of subscribers for 2026-09-20 by 06:00 UTC" == missing
    assert "2 over" in over
    began = [mail["Message-ID"] for mail in scene.inbox.messages[:2]]
    assert began == str(scene.inbox.messages[2]["References"]).split()
    assert 3 == len(scene.chat.bodies)


def test_servers_down_for_ten_nights_get_everything_once_and_folded(scene: Scene) -> None:
    """What ended meanwhile in a line, what lasts in full."""
    scene.down()
    for days in range(10):
        scene.owner(BREAK if days in (0, 4) else MEND if days == 2 else "select 1")
        scene.home.run("gate", "sources", "--as-of", night(days))
        ended = scene.home.run("notify", "--as-of", night(days))
        assert 13 == ended.returncode, ended.stdout
        assert SECRET not in ended.stdout + ended.stderr
    scene.up()
    for _ in range(2):
        scene.home.churn("notify", "--as-of", night(10))

    (mail,), (chat,) = scene.inbox.messages, scene.chat.bodies
    text, page = (part.get_content() for part in mail.walk() if not part.is_multipart())
    assert "1 earlier or further, in short" in text
    assert "2026-09-20: " in text
    assert ", 1 of them over; the last: " in text
    assert 1 == text.count("Owner: ")
    assert 1 == page.count("<h1")
    assert 1 == [block["type"] for block in chat["blocks"]].count("header")


def test_a_concept_that_changed_is_told_and_asks_for_a_training(scene: Scene) -> None:
    """On the first list that matured; the cause stands with what came of it."""
    random = np.random.default_rng(4)
    scene.publish(night(0), 1 / (1 + np.exp(-random.normal(-3.6, 1.9, 8_000))))
    scene.owner(LABELS)
    scene.owner(
        "update analytics.fct_churn_labels as label set is_churned = "
        "('x' || substr(md5(label.customer_id), 1, 8))::bit(32)::bigint / 4294967296.0 "
        "< 0.45 * score.churn_probability from churn.scores as score "
        "where score.customer_id = label.customer_id and score.score_date = label.as_of"
    )
    promotions = WarehousePromotions(scene.installation.warehouse)
    champion = Promotion(
        population=POPULATION,
        as_of=night(-9),
        champion_version=None,
        challenger_version=1,
        is_promoted=True,
        reason="the first",
    )
    promotions.record(champion)
    scene.home.churn("outcomes", "--as-of", night(29))
    assert "" == scene.home.churn("outcomes", "--as-of", night(29))
    scene.home.churn("outcomes", "--as-of", night(30))
    decided = evidence.govern(scene.installation, POPULATION, night(30))
    scene.home.churn("notify", "--as-of", night(30))

    assert ("retrain", "outcomes") == (decided.action, decided.cause)
    assert ["outcomes", "retraining"] == [
        kind for (kind,) in scene.home.rows("select kind from churn.alerts order by kind")
    ]
    (subject,) = scene.subjects()
    assert "2 new: subscribers: what the list of 2026-09-20 said did not come true" in subject
    asked = "select cause, is_promoted, has_recovered from churn.retrainings"
    assert [["outcomes", "", ""]] == scene.home.rows(asked)

    promotions.record(
        Promotion(
            population=POPULATION,
            as_of=night(30),
            champion_version=1,
            challenger_version=2,
            is_promoted=True,
            reason="it is better",
        )
    )
    assert [["outcomes", "True", ""]] == scene.home.rows(asked)
    assert "nothing" == evidence.govern(scene.installation, POPULATION, night(31)).action
