"""What an outbox does, whatever keeps it."""

from dataclasses import replace
from datetime import date, timedelta

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.alerts.plain import plain
from pipelines.domain.alerts.thread import Delivery
from pipelines.domain.ports.alerts import Outbox

NIGHT = date(2026, 3, 10)
BEFORE, AFTER = NIGHT - timedelta(days=1), NIGHT + timedelta(days=1)
ALERT = Alert(
    population="subscribers",
    as_of=NIGHT,
    kind="drift",
    severity="warning",
    title="usage < 10 & falling",
    body="usage_7d moved by 0.39 sd\n100 % of it; 'quoted'",
    owner="science",
)

SLACK_FAILED = Delivery(NIGHT, "Slack: HTTP status 500")
MAIL_FAILED = Delivery(NIGHT, "e-mail: ConnectionRefusedError 111")


class OutboxContract:
    """Tests of an empty outbox, which a subclass provides as the fixture `outbox`."""

    def test_an_alert_is_kept_whole(self, outbox: Outbox) -> None:
        """What was added comes back as it was, delivered on no channel."""
        outbox.add(ALERT)
        (recorded,) = outbox.unresolved("subscribers", NIGHT, NIGHT)

        assert (ALERT, frozenset()) == (recorded.alert, recorded.delivered)

    def test_what_no_table_takes_keeps_no_failure_from_being_recorded(self, outbox: Outbox) -> None:
        """NUL and halves of surrogate pairs, which an error may repeat: people read the rest."""
        hostile = "before\0after \ud800 end"
        outbox.add(replace(ALERT, title=hostile, body=hostile, owner=hostile))
        (recorded,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
        alert = recorded.alert

        for text in (alert.title, alert.body, alert.owner):
            assert "before after" in plain(text)

    def test_the_first_of_a_kind_and_night_stays_while_it_lasts(self, outbox: Outbox) -> None:
        """A second one adds nothing, changes nothing and is no reason to send the first again."""
        outbox.add(ALERT)
        (first,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
        outbox.attempted(first.alert_id, "email", "began", Delivery(NIGHT))
        outbox.add(replace(ALERT, title="another", severity="info"))
        outbox.add(replace(ALERT, title="another"))
        (recorded,) = outbox.unresolved("subscribers", NIGHT, NIGHT)

        assert replace(first, delivered=frozenset({"email"})) == recorded

    def test_what_gets_more_urgent_the_same_night_is_told_again(self, outbox: Outbox) -> None:
        """A task that found its lock held, and then failed: one alert, with its new words."""
        outbox.add(ALERT)
        (first,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
        outbox.attempted(first.alert_id, "email", "began", Delivery(NIGHT))
        worse = replace(ALERT, title="another", severity="critical", body="b", owner="data")
        outbox.add(worse)

        assert [replace(first, alert=worse)] == outbox.unresolved("subscribers", NIGHT, NIGHT)

    def test_what_gets_more_urgent_on_a_later_night_is_another_incident(
        self, outbox: Outbox
    ) -> None:
        """Further nights, urgent or not, add none; one success ends both."""
        later = [NIGHT + timedelta(days=days) for days in range(1, 4)]
        outbox.add(ALERT)
        outbox.add(replace(ALERT, as_of=later[0], severity="critical"))
        outbox.add(replace(ALERT, as_of=later[1], severity="critical"))
        outbox.add(replace(ALERT, as_of=later[2]))
        found = outbox.incidents("subscribers", later[2])
        assert [("warning", 2), ("critical", 2)] == [
            (incident.alert.severity, incident.nights) for incident in found
        ]

        outbox.resolve("subscribers", later[2], ["drift"])
        assert [] == outbox.incidents("subscribers", later[2])

    def test_another_kind_night_or_population_is_another_alert(self, outbox: Outbox) -> None:
        """Each has a number of its own."""
        alerts = [
            ALERT,
            replace(ALERT, kind="gate_scores"),
            replace(ALERT, as_of=AFTER),
            replace(ALERT, population="trial"),
        ]
        for alert in alerts:
            outbox.add(alert)
        found = [
            recorded
            for population in ("subscribers", "trial")
            for recorded in outbox.unresolved(population, NIGHT, AFTER)
        ]

        assert alerts == [recorded.alert for recorded in found]
        assert 4 == len({recorded.alert_id for recorded in found})

    def test_nights_are_from_the_first_to_the_last_oldest_first(self, outbox: Outbox) -> None:
        """Both ends are included; of one night, what was added first is first."""
        for as_of in (AFTER + timedelta(days=1), AFTER, NIGHT, BEFORE, BEFORE - timedelta(days=1)):
            outbox.add(replace(ALERT, as_of=as_of))
            outbox.add(replace(ALERT, as_of=as_of, kind="a later one"))
        found = outbox.unresolved("subscribers", BEFORE, AFTER)

        assert [
            (as_of, kind) for as_of in (BEFORE, NIGHT, AFTER) for kind in ("drift", "a later one")
        ] == [(recorded.alert.as_of, recorded.alert.kind) for recorded in found]

    def test_what_is_over_is_not_listed(self, outbox: Outbox) -> None:
        """Of one population and night, the kinds that are named; to resolve nothing is no fault."""
        kept = [
            replace(ALERT, kind="gate_scores"),
            replace(ALERT, as_of=AFTER),
            replace(ALERT, population="trial"),
        ]
        for alert in (ALERT, *kept):
            outbox.add(alert)
        outbox.resolve("subscribers", NIGHT, ["drift", "failed_drift"])
        outbox.resolve("subscribers", NIGHT, [])

        assert kept == [
            recorded.alert
            for population in ("subscribers", "trial")
            for recorded in outbox.unresolved(population, NIGHT, AFTER)
        ]

    def test_what_comes_back_is_told_again(self, outbox: Outbox) -> None:
        """After it was resolved it has its new words, and went out on no channel."""
        outbox.add(ALERT)
        outbox.add(replace(ALERT, kind="gate_scores"))
        for recorded in outbox.unresolved("subscribers", NIGHT, NIGHT):
            outbox.attempted(recorded.alert_id, "email", "began", Delivery(NIGHT))
            outbox.attempted(recorded.alert_id, "slack", "began", SLACK_FAILED)
        outbox.resolve("subscribers", NIGHT, ["drift"])
        again = replace(ALERT, title="again", body="b", severity="critical", owner="data")
        outbox.add(again)
        found = outbox.unresolved("subscribers", NIGHT, NIGHT)

        assert {
            (again, frozenset()),
            (replace(ALERT, kind="gate_scores"), frozenset({"email"})),
        } == {(recorded.alert, recorded.delivered) for recorded in found}

    def test_each_channel_is_kept_of_each_alert(self, outbox: Outbox) -> None:
        """A failed attempt is no delivery, and is one once a later attempt went well."""
        outbox.add(ALERT)
        outbox.add(replace(ALERT, kind="gate_scores"))
        first, second = outbox.unresolved("subscribers", NIGHT, NIGHT)
        outbox.attempted(first.alert_id, "email", "began", MAIL_FAILED)
        outbox.attempted(first.alert_id, "slack", "began", Delivery(NIGHT))
        assert [{"slack"}, set()] == [
            recorded.delivered for recorded in outbox.unresolved("subscribers", NIGHT, NIGHT)
        ]

        outbox.attempted(first.alert_id, "email", "began", Delivery(NIGHT, "e-mail: TimeoutError"))
        outbox.attempted(first.alert_id, "email", "began", Delivery(NIGHT))
        outbox.attempted(second.alert_id, "email", "began", Delivery(NIGHT))
        assert [{"email", "slack"}, {"email"}] == [
            recorded.delivered for recorded in outbox.unresolved("subscribers", NIGHT, NIGHT)
        ]

    def test_nights_of_one_kind_are_one_incident_until_it_is_over(self, outbox: Outbox) -> None:
        """Each night has its alert; a success on a later night ends all of them, and no later."""
        nights = [NIGHT + timedelta(days=days) for days in range(3)]
        for as_of in nights:
            outbox.add(replace(ALERT, as_of=as_of, title=f"night {as_of}"))
        (incident,) = outbox.incidents("subscribers", nights[2])
        (until_the_second,) = outbox.incidents("subscribers", nights[1])

        assert (3, "night 2026-03-10", "night 2026-03-12", False) == (
            incident.nights,
            incident.alert.title,
            incident.latest.title,
            incident.is_over,
        )
        assert 2 == until_the_second.nights
        assert [] == outbox.incidents("trial", nights[2])

        outbox.resolve("subscribers", nights[1], ["drift"])
        (incident,) = outbox.incidents("subscribers", nights[2])
        assert not incident.is_over
        outbox.resolve("subscribers", nights[2], ["drift"])
        assert [] == outbox.incidents("subscribers", nights[2])

        outbox.add(replace(ALERT, as_of=nights[2] + timedelta(days=1)))
        (again,) = outbox.incidents("subscribers", nights[2] + timedelta(days=1))
        assert 1 == again.nights

    def test_what_is_over_waits_until_every_channel_that_tried_knows(self, outbox: Outbox) -> None:
        """With what was told, by channel and stage, and the messages it went in."""
        outbox.add(ALERT)
        (incident,) = outbox.incidents("subscribers", NIGHT)
        number = incident.incident_id
        sent, failed = Delivery(NIGHT, None, "key"), Delivery(AFTER, "e-mail: TimeoutError")
        assert not outbox.was_told("subscribers", "slack", NIGHT)
        outbox.attempted(number, "slack", "began", sent)
        outbox.attempted(number, "email", "began", failed)
        outbox.resolve("subscribers", AFTER, ["drift"])
        (incident,) = outbox.incidents("subscribers", AFTER)

        assert (True, AFTER) == (incident.is_over, incident.over_since)
        assert {("slack", "began"): sent, ("email", "began"): failed} == incident.told
        assert outbox.was_told("subscribers", "slack", NIGHT)
        assert not outbox.was_told("subscribers", "slack", AFTER)
        assert not outbox.was_told("subscribers", "email", AFTER)
        assert not outbox.was_told("trial", "slack", NIGHT)

        outbox.attempted(number, "slack", "over", sent)
        assert [number] == [each.incident_id for each in outbox.incidents("subscribers", AFTER)]
        outbox.attempted(number, "email", "began", sent)
        outbox.attempted(number, "email", "over", sent)
        assert [] == outbox.incidents("subscribers", AFTER)
