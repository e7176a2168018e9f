"""Nights that fail on a customer with a hostile id and name, told on every channel: of nobody."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from pipelines import settings
from pipelines.wiring.installation import Installation
from tests.e2e.at_rest import EARLIER, ID, NIGHT, RAW, copy_of
from tests.e2e.churn_home import LOGISTIC, NO_ALIBI, ChurnHome
from tests.receivers import RECIPIENTS, Inbox, Receiver, mail_server, webhook

MARK = "Kanarien"
HOSTILE = f"{MARK}\"'>\r\n<img src=x> *{MARK}* <!channel> =cmd|{{{{1}}}}"
NEXT = NIGHT + timedelta(days=1)
MATURED = EARLIER + timedelta(days=30)
AT_ONCE = {"drifted_nights = 2": "drifted_nights = 1"}
MAILED = {"email_to = []": f'email_to = ["{RECIPIENTS[0]}"]'}
FORM = re.compile(r'webhook_form = "\w+"')
# Half of the customers are of a country that is called what the customer is.
COUNTRY = "update raw.customers set country = %s where abs(hashtext(customer_id)) %% 2 = 0"
QUANTITY = "update raw.usage_events set quantity = %s where customer_id = %s"
LEFT = "update analytics.fct_churn_labels set is_churned = true where as_of = %s"

pytestmark = [pytest.mark.story, pytest.mark.timeout(1800)]


@dataclass
class Scene:
    """An installation with the customer, and all who are told."""

    home: ChurnHome
    inbox: Inbox = field(default_factory=Inbox)
    chat: Receiver = field(default_factory=Receiver)
    programs: Receiver = field(default_factory=Receiver)
    said: list[str] = field(default_factory=list)

    def owner(self, statement: str, *values: object) -> None:
        """Run a statement as the owner of the tables."""
        found = Installation(settings.load({"CHURN_HOME": str(self.home.home)}))
        with psycopg.connect(found.login_url, autocommit=True) as connection:
            connection.execute(statement, values or None)  # type: ignore[arg-type]

    def fails(self, *command: object) -> None:
        """Run a command that has to fail, and keep what it says."""
        done = self.home.run(*command)
        assert 0 != done.returncode
        self.said.append(done.stdout + done.stderr)

    def told_as(self, form: str) -> None:
        """Tell the webhook everything in another form, as if nobody had been told."""
        path = Path(self.home.environ["CHURN_CONFIG"])
        changed, times = FORM.subn(f'webhook_form = "{form}"', path.read_text("utf-8"))
        assert times == 1
        path.write_text(changed, "utf-8")
        self.owner("delete from churn.alert_deliveries where channel = 'webhook'")
        if form == "pagerduty":
            host = urlsplit(self.programs.url).netloc
            self.home.environ["CHURN_WEBHOOK_URL"] = f"http://Key@{host}/v2/enqueue"
        self.home.churn("notify", "--as-of", MATURED)

    def sent(self) -> list[str]:
        """Return every message as text: of mail the headers and both parts, of JSON all of it."""
        mails = [
            "\n".join(
                [
                    *(f"{name}: {value}" for name, value in mail.items()),
                    *(part.get_content() for part in mail.walk() if not part.is_multipart()),
                ]
            )
            for mail in self.inbox.messages
        ]
        bodies = [*self.chat.bodies, *self.programs.bodies]

        return [
            html.unescape(text)
            for text in [*mails, *(json.dumps(body, ensure_ascii=False) for body in bodies)]
        ]


@pytest.fixture
def scene(at_rest: Path) -> Iterator[Scene]:
    """Two nights with a champion, then a customer whose id and name are an attack."""
    with copy_of(at_rest) as home, ExitStack() as stack:
        made = Scene(home)
        made.chat = stack.enter_context(webhook())
        made.programs = stack.enter_context(webhook())
        port = stack.enter_context(mail_server(made.inbox))
        home.configure({**LOGISTIC, **NO_ALIBI, **MAILED, **AT_ONCE})
        home.environ |= {
            "CHURN_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "CHURN_SLACK_WEBHOOK_URL": made.chat.url,
            "CHURN_WEBHOOK_URL": made.programs.url,
        }
        for table in RAW:
            rename = f"update raw.{table} set customer_id = %s where customer_id = %s"
            made.owner(rename, HOSTILE, ID)
        made.owner(
            "update raw.customers set full_name = %s, email = %s where customer_id = %s",
            *(HOSTILE, f"{MARK}@x.example", HOSTILE),
        )
        yield made


def drift_and_disappoint(scene: Scene) -> None:
    """Publish a list with the customer, whose country is half of all; nothing comes true."""
    scene.owner(COUNTRY, HOSTILE)
    for command in (["features"], ["score"], ["gate", "scores"], ["publish"], ["drift"]):
        scene.home.churn(*command, "--as-of", NEXT)
    listed = f"select count(*) from churn.scores_published where score_date = '{NEXT}' "
    assert [["1"]] == scene.home.rows(f"{listed} and customer_id like '{MARK}%'")
    scene.owner(LEFT, EARLIER)
    scene.home.churn("outcomes", "--as-of", MATURED)


def refuse_the_next(scene: Scene) -> None:
    """Let features, scores and gates fail on values that PostgreSQL quotes."""
    day = NEXT + timedelta(days=1)
    scene.owner("drop view analytics.stg_churn__usage_events cascade")
    scene.owner("alter table raw.usage_events alter column quantity type text")
    scene.owner(QUANTITY, HOSTILE, HOSTILE)
    scene.fails("gate", "sources", "--as-of", day)
    scene.fails("features", "--as-of", day)
    scene.owner(
        "alter table analytics.fct_customer_features alter column usage_events_7d type text"
    )
    scene.owner("update analytics.fct_customer_features set usage_events_7d = %s", HOSTILE)
    scene.fails("gate", "features", "--as-of", NEXT)
    scene.fails("score", "--as-of", NEXT)
    scene.fails("watch", "--as-of", day)


def test_no_message_names_a_customer(scene: Scene) -> None:
    """Of any kind, in any form; neither does what the commands and dbt's log say of it."""
    drift_and_disappoint(scene)
    refuse_the_next(scene)
    for form in ("json", "teams", "pagerduty"):
        scene.told_as(form)
    kinds = {kind for (kind,) in scene.home.rows("select kind from churn.alerts")}

    assert {
        *("drift", "outcomes", "gate_sources", "gate_features", "failed_features"),
        *("failed_score", "list_missing"),
    } <= kinds
    sent = scene.sent()
    assert len(sent) >= 4 + len(kinds)
    log = (scene.home.home / "dbt" / "logs" / "dbt.log").read_text("utf-8")
    assert "invalid input syntax for type numeric: withheld" in log
    assert [] == [text for text in [*sent, *scene.said, log] if MARK in text]
