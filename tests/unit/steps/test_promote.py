"""When a challenger becomes champion, and on which customers it is judged."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import structlog.testing

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import CUSTOMER_FOLDS, Split
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.promotion import Promotion
from pipelines.errors import (
    ApprovalNeeded,
    ArtefactDamaged,
    ChampionMissing,
    ChurnError,
    ContractMismatch,
    NotEnoughLabels,
)
from pipelines.steps.model.promote import PromotionReport, promote, record_checksum, rollback_model
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryModel, MemoryPromotions, MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import (
    CONTRACT,
    ID_PREFIX,
    NIGHT,
    POPULATION,
    before,
    configured,
    customers,
    model,
)

ROWS, LEAST_CHURNERS = 400, 20
TICKETS_LONGER = Feature("tickets_90d", "numeric", "Tickets, last 90 days")
GOOD, BAD = {"fee_eur": 0.3}, {"tickets_28d": 1.0}
LATEST, EARLIER, OPEN = before(30), before(60), before(29)


class House:
    """A champion, a challenger, and two matured snapshots that neither has seen."""

    def __init__(
        self, champion: MemoryModel | None = None, challenger: MemoryModel | None = None
    ) -> None:
        self.features, self.registry = MemoryFeatures(), MemoryRegistry()
        self.promotions, self.journal = MemoryPromotions(), Journal()
        self.scores = MemoryScores()
        for as_of in (EARLIER, LATEST, OPEN):
            self.features.add(as_of, customers(ROWS, seed=as_of.toordinal()), CONTRACT)
        if champion is not None:
            self.registry.set_alias(self.registry.add(champion), "champion")
        if challenger is not None:
            self.registry.set_alias(self.registry.add(challenger), "challenger")

    def promote(
        self,
        least_churners: int = LEAST_CHURNERS,
        approved_by: str | None = None,
        **promotion: Any,
    ) -> PromotionReport:
        """Judge the challenger on the night."""
        return promote(
            population=POPULATION,
            as_of=NIGHT,
            settings=configured(
                training={"minimum_churners": least_churners, "bootstrap_resamples": 20},
                promotion=promotion,
            ),
            features=self.journal.watch(self.features),
            registry=self.journal.watch(self.registry),
            promotions=self.journal.watch(self.promotions),
            scores=self.scores,
            approved_by=approved_by,
        )

    def judged(self, least_churners: int = LEAST_CHURNERS) -> Promotion:
        """Return the decision on the challenger, which there is."""
        promotion = self.promote(least_churners).promotion
        assert promotion is not None
        assert [promotion] == self.promotions.recorded

        return promotion

    def refusal(self, kind: type[ChurnError]) -> tuple[str, str]:
        """Return message and next step of a refusal, after which everything is as it was."""
        aliases = dict(self.registry.aliases)
        with pytest.raises(kind) as refused:
            self.promote()
        assert [] == self.promotions.recorded
        assert aliases == self.registry.aliases

        return refused.value.message, refused.value.next_step

    @property
    def aliases(self) -> dict[str, int]:
        """Which version every alias means."""
        return {alias: number for (_, alias), number in self.registry.aliases.items()}


def learned(part: str, *as_ofs: date) -> Split:
    """Return a split whose *part* is those snapshots, and whose others are long ago."""
    days: dict[str, Any] = {name: (before(400),) for name in ("learn", "test")}

    return Split(**{**days, part: as_ofs}, seed=1)


def test_without_a_challenger_nothing_is_decided() -> None:
    """Nobody is judged and nothing is recorded."""
    house = House(champion=model(BAD))
    report = house.promote()

    assert (PromotionReport(POPULATION, None), "subscribers: no challenger") == (
        report,
        str(report),
    )
    assert ["version"] == house.journal.order()
    assert [] == house.promotions.recorded
    assert {"champion": 1} == house.aliases


def test_without_a_champion_the_challenger_is_it() -> None:
    """There is nobody to be better than, so no label is needed."""
    house = House(challenger=model(BAD))
    house.features = MemoryFeatures()
    report = house.promote()

    assert [
        Promotion(
            population=POPULATION,
            as_of=NIGHT,
            champion_version=None,
            challenger_version=1,
            is_promoted=True,
            reason="there was no champion",
        )
    ] == house.promotions.recorded
    assert {"champion": 1} == house.aliases
    assert "subscribers: version 1 is now champion: there was no champion" == str(report)


def test_a_better_challenger_is_promoted() -> None:
    """On all matured snapshots; recorded first, so that no alias moves unexplained."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    promotion = house.judged()
    churners = sum(
        sum(house.features.tables[day]["is_churned"].to_pylist()) for day in (LATEST, EARLIER)
    )

    assert (1, 2, True) == (
        promotion.champion_version,
        promotion.challenger_version,
        promotion.is_promoted,
    )
    expected = {"snapshots": [str(LATEST), str(EARLIER)], "rows": 2 * ROWS, "churners": churners}
    assert expected.items() <= promotion.evidence.items()
    assert promotion.evidence["auc_difference"]["lower"] > 0
    assert "above 0.001, on 800 customers of 2026-05-01 to 2026-05-31" in promotion.reason
    assert ["record", "set_alias", "drop_alias"] == house.journal.order(
        "record", "set_alias", "drop_alias"
    )
    assert {"champion": 2} == house.aliases


@pytest.mark.parametrize("champion", [GOOD, BAD])
def test_a_challenger_that_is_not_surely_better_is_not_promoted(
    champion: dict[str, float],
) -> None:
    """Worse or equal: the decision is recorded, the champion stays, the challenge is over."""
    house = House(champion=model(champion), challenger=model(BAD))
    promotion = house.judged()

    assert not promotion.is_promoted
    assert promotion.evidence["auc_difference"]["upper"] <= 0
    assert "not above 0" in promotion.reason
    assert {"champion": 1} == house.aliases


def test_asked_again_there_is_no_challenger() -> None:
    """A decision is made once."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    first = house.promote()

    assert first.promotion is not None
    assert house.promote().promotion is None
    assert [first.promotion] == house.promotions.recorded
    assert {"champion": 2} == house.aliases


def test_the_same_customers_decide_alike() -> None:
    """Resamples come from the seed of churn.toml."""
    first, second = (House(model(BAD), model(GOOD)).judged() for _ in range(2))

    assert first == second


@pytest.mark.parametrize(("part", "judged"), [("learn", [EARLIER]), ("test", [LATEST, EARLIER])])
@pytest.mark.parametrize("is_champion", [True, False])
def test_a_snapshot_one_of_them_learned_from_judges_neither(
    part: str, judged: list[date], is_champion: bool
) -> None:
    """Where no model of a fold is there that has not seen it; testing is no learning."""
    split = learned(part, LATEST)
    champion = model(BAD, split=split if is_champion else None)
    evidence = House(champion, model(GOOD, split=None if is_champion else split)).judged().evidence

    assert [*map(str, judged)] == evidence["snapshots"]
    assert len(judged) * ROWS == evidence["rows"]


@pytest.mark.parametrize("is_good", [True, False])
def test_what_the_challenger_learned_from_is_judged_by_its_folds(is_good: bool) -> None:
    """By the model that had not seen the snapshot, and not by the one that remembers it."""
    told = model(GOOD, split=learned("learn", EARLIER, LATEST))
    other = model(BAD).predictor
    challenger = replace(
        told,
        predictor=other if is_good else told.predictor,
        spec=replace(told.spec, origins=(LATEST, EARLIER)),
        fold_predictors=2 * (told.predictor if is_good else other,),
    )
    promotion = House(model(BAD), challenger).judged()

    assert is_good == promotion.is_promoted
    assert 2 * ROWS == promotion.evidence["rows"]


def test_customers_it_learned_from_are_judged_by_their_folds() -> None:
    """All of a snapshot, then."""
    told = model(GOOD, split=Split((LATEST, EARLIER), (LATEST, EARLIER), 1))
    challenger = replace(told, fold_predictors=CUSTOMER_FOLDS * (told.predictor,))

    assert 2 * ROWS == House(model(BAD), challenger).judged().evidence["rows"]


def test_snapshots_lie_a_label_apart() -> None:
    """Who left within the horizon of two would count twice."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    house.features.add(before(45), customers(ROWS, seed=45), CONTRACT)

    assert [str(LATEST), str(EARLIER)] == house.judged().evidence["snapshots"]


def test_a_better_ranking_that_promises_wrongly_is_not_promoted() -> None:
    """What is worse is named."""
    good = model(GOOD)
    steep = replace(
        good.spec.calibrator, margins=tuple(m / 9 for m in good.spec.calibrator.margins)
    )
    promotion = House(model(BAD), replace(good, spec=replace(good.spec, calibrator=steep))).judged()

    assert promotion.evidence["auc_difference"]["lower"] > 0
    assert not promotion.is_promoted
    assert "; worse: log loss +" in promotion.reason


def test_customers_one_of_them_learned_from_judge_neither() -> None:
    """Of a snapshot divided by customer, only those in the test rows of both are taken."""
    splits = [Split((LATEST, EARLIER), (LATEST, EARLIER), seed) for seed in (1, 2)]
    house = House(model(BAD, split=splits[0]), model(GOOD, split=splits[1]))
    evidence = house.judged(least_churners=3).evidence
    unseen = []
    for day in (LATEST, EARLIER):
        table = house.features.labelled(POPULATION, [day], CONTRACT)
        of_both = splits[0].rows(table, "test") & splits[1].rows(table, "test")
        unseen += np.array(table["is_churned"].to_pylist())[of_both].tolist()

    assert 0 < len(unseen) < ROWS / 2
    assert (len(unseen), sum(unseen)) == (evidence["rows"], evidence["churners"])


@pytest.mark.parametrize(
    ("churners", "others", "is_enough"),
    [(19, 0, False), (20, 0, True), (10, 10, True), (380, ROWS, True), (381, ROWS, False)],
)
def test_it_takes_enough_churners_and_enough_who_stayed(
    churners: int, others: int, is_enough: bool
) -> None:
    """20 of each, of all snapshots together."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    for day, leave in ((LATEST, churners), (EARLIER, others)):
        left = [number < leave for number in range(ROWS)]
        house.features.add(day, customers(ROWS, is_churned=left), CONTRACT)

    if is_enough:
        assert churners + others == house.judged().evidence["churners"]
    else:
        assert f"have {churners + others} churners" in house.refusal(NotEnoughLabels)[0]


def test_without_enough_labels_nothing_is_decided() -> None:
    """How many snapshots there are and what they lack; the challenger keeps its challenge."""
    house = House(model(BAD, split=learned("learn", EARLIER, LATEST)), model(GOOD))

    assert (
        "2 matured snapshots of subscribers have 0 churners that neither model has seen; it takes "
        "20, and as many who stayed",
        "churn features --population subscribers for a later date, and wait for labels",
    ) == house.refusal(NotEnoughLabels)


def test_labels_that_are_due_tomorrow_judge_nobody() -> None:
    """Nor do those that are due and not known."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    house.features = MemoryFeatures()
    house.features.add(OPEN, customers(ROWS), CONTRACT)
    house.features.add(LATEST, customers(ROWS, is_churned=[None] * ROWS), CONTRACT)
    message, _ = house.refusal(NotEnoughLabels)

    assert message.startswith("0 matured snapshots")


def test_a_challenger_that_reads_other_features_is_refused() -> None:
    """It could not score tonight: both contracts are named, and the training that helps."""
    other = FeatureContract(CONTRACT.table, (*CONTRACT.features[:2], TICKETS_LONGER))
    house = House(model(BAD), model(GOOD, contract=other))

    assert (
        f"churn-subscribers version 2 was trained on contract {other.fingerprint}, the features "
        f"are built to {CONTRACT.fingerprint}",
        "churn train --population subscribers --as-of 2026-06-30",
    ) == house.refusal(ContractMismatch)


def gone_by() -> House:
    """Return a champion that reads a feature that is no longer built, and a challenger."""
    other = FeatureContract(CONTRACT.table, (*CONTRACT.features[:2], TICKETS_LONGER))

    return House(model(BAD, contract=other), model(GOOD))


def test_a_challenger_nobody_can_judge_waits_for_a_person() -> None:
    """It is not champion by default, and the next step says what to look at and what to type."""
    assert (
        "churn-subscribers version 2 cannot be judged beside the champion: churn-subscribers "
        "version 1 reads features that are no longer built, and has published no list of a "
        "snapshot that has matured",
        "look at its evaluation in MLflow; then churn promote --population subscribers --as-of "
        '2026-06-30 --approved-by "YOUR NAME"',
    ) == gone_by().refusal(ApprovalNeeded)


def test_a_person_who_approves_is_in_the_record() -> None:
    """By name, with the reason why nothing was measured."""
    house = gone_by()
    promotion = house.promote(approved_by="Ada King").promotion

    assert promotion is not None
    assert promotion.is_promoted
    assert promotion.reason.startswith(
        "approved by Ada King: churn-subscribers version 1 reads features that are no longer built"
    )
    assert {"approved_by": "Ada King"} == promotion.evidence
    assert {"champion": 2} == house.aliases


def test_nobody_approves_what_can_be_judged() -> None:
    """A challenger that is no better stays one, whoever wants it."""
    house = House(champion=model(GOOD), challenger=model(BAD))
    promotion = house.promote(approved_by="Ada King").promotion

    assert promotion is not None
    assert not promotion.is_promoted
    assert "approved" not in promotion.reason


def asking() -> House:
    """Return a challenger that is better, and an AUC of its test."""
    good = replace(model(GOOD), evaluation={"test": {"auc": {"value": 0.87}}})

    return House(champion=model(BAD), challenger=good)


def test_a_challenger_below_the_floor_is_not_promoted() -> None:
    """However much better it is, and whoever wants it; the reason names both."""
    house = asking()
    floors = {"staging": 0.85, "production": 0.9}
    promotion = house.promote(approved_by="Ada King", floors=floors).promotion

    assert promotion is not None
    assert not promotion.is_promoted
    assert promotion.reason.startswith(
        "its AUC on the test is 0.870, below the production floor of 0.9; its AUC differs from the "
        "champion's by +"
    )
    assert {"champion": 1} == house.aliases
    assert asking().promote(floors={"production": 0.87}).promotion.is_promoted


def test_where_the_policy_asks_a_better_challenger_waits() -> None:
    """It is recorded once, stays the challenger, and who approves is in the record."""
    house = asking()
    for _ in range(2):
        with pytest.raises(ApprovalNeeded, match="is to be champion, and waits for a person: its"):
            house.promote(policy="approval")
    (waiting,) = house.promotions.recorded
    assert (True, False) == (waiting.is_waiting, waiting.is_promoted)
    assert {"champion": 1, "challenger": 2} == house.aliases

    promotion = house.promote(policy="approval", approved_by="Ada King").promotion
    assert promotion is not None
    assert (True, False) == (promotion.is_promoted, promotion.is_waiting)
    assert promotion.reason.startswith("approved by Ada King: its AUC differs")
    assert {"approved_by": "Ada King"}.items() <= promotion.evidence.items()
    assert promotion.evidence["auc_difference"]["lower"] > 0
    assert {"champion": 2} == house.aliases


def test_where_the_policy_asks_the_first_champion_waits_too() -> None:
    """Nobody is asked about one that is no better."""
    first = House(challenger=model(GOOD))
    with pytest.raises(ApprovalNeeded, match="there was no champion"):
        first.promote(policy="approval")
    worse = House(champion=model(GOOD), challenger=model(BAD)).promote(policy="approval").promotion

    assert worse is not None
    assert (False, False) == (worse.is_promoted, worse.is_waiting)


@pytest.mark.parametrize("version", [1, 2])
def test_a_damaged_model_is_not_judged(version: int) -> None:
    """Neither as champion nor as challenger."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    house.registry.damaged.add(("churn-subscribers", version))
    message, _ = house.refusal(ArtefactDamaged)

    assert f"churn-subscribers version {version} is not what was registered" == (message)


def test_the_log_names_the_version_and_nobody() -> None:
    """What was decided of which version."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    with structlog.testing.capture_logs() as logs:
        house.promote()
        house.promote()

    assert {
        "event": "challenger_judged",
        "as_of": "2026-06-30",
        "version": 2,
        "is_promoted": True,
    }.items() <= logs[0].items()
    assert "no_challenger" == logs[1]["event"]
    assert ID_PREFIX not in str(logs)


def test_a_promotion_that_was_cut_short_is_completed() -> None:
    """Recorded, and the registry did not follow: it does now, and nothing is decided twice."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    first = house.promote().promotion
    house.registry.set_alias(house.registry.numbered(POPULATION, 2), "challenger")

    assert first == house.promote().promotion
    assert [first] == house.promotions.recorded
    assert {"champion": 2} == house.aliases


def back(house: House) -> Promotion:
    """Return to the champion before."""
    return rollback_model(
        population=POPULATION,
        as_of=NIGHT,
        registry=house.registry,
        promotions=house.promotions,
    )


def promoted_house(manifest_sha256: str | None = None) -> House:
    """Return a house whose first version was on record as champion, and whose second is."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    house.promotions.record(
        Promotion(
            population=POPULATION,
            as_of=before(9),
            champion_version=None,
            challenger_version=1,
            is_promoted=True,
            reason="there was no champion",
            manifest_sha256=manifest_sha256,
        )
    )
    house.promote()

    return house


def test_the_champion_before_is_champion_again() -> None:
    """That is recorded with its reason; twice returns to where one was."""
    house = promoted_house()
    done = back(house)

    assert (2, 1, True) == (done.champion_version, done.challenger_version, done.is_promoted)
    assert "subscribers: version 1 is now champion: returned to from version 2" == str(done)
    assert done == house.promotions.recorded[-1]
    assert {"champion": 1} == house.aliases
    assert 2 == back(house).challenger_version
    assert {"champion": 2} == house.aliases


def test_without_a_champion_before_there_is_nothing_to_return_to() -> None:
    """The first one, or none: what was decided can be looked at."""
    for house in (House(), House(challenger=model(BAD))):
        house.promote()
        recorded, aliases = [*house.promotions.recorded], house.aliases
        with pytest.raises(ChampionMissing) as refused:
            back(house)

        assert "churn models --population subscribers" == refused.value.next_step
        assert (recorded, aliases) == (house.promotions.recorded, house.aliases)


def test_a_damaged_champion_is_not_returned_to() -> None:
    """Neither if its files are not what was registered, nor if the registry has other ones."""
    house = promoted_house()
    house.registry.damaged.add(("churn-subscribers", 1))
    with pytest.raises(ArtefactDamaged):
        back(house)

    house = promoted_house(manifest_sha256="0" * 64)
    with pytest.raises(ArtefactDamaged, match="its checksum is another"):
        back(house)
    assert {"champion": 2} == house.aliases


def test_a_champion_of_before_gets_its_checksum_once_and_no_other_is_crowned() -> None:
    """The registry's, of the version on record; an alias that was moved makes nobody champion."""
    house = House()
    first, other = (
        house.registry.add(model(weights), tags={"manifest_sha256": digit * 64})
        for weights, digit in ((BAD, "1"), (GOOD, "2"))
    )
    assert record(house) is None
    house.registry.set_alias(first, "challenger")
    house.promote()
    house.promotions.recorded = [replace(house.promotions.recorded[0], manifest_sha256=None)]
    house.registry.set_alias(other, "champion")

    assert first == record(house)
    assert record(house) is None
    recorded = house.promotions.recorded[1:]
    assert [(1, "1" * 64)] == [(d.challenger_version, d.manifest_sha256) for d in recorded]
    assert {"champion": 2} == house.aliases


def test_a_registry_without_a_checksum_has_none_to_record() -> None:
    """Something else registered it, and it will be refused when it is loaded."""
    house = House(challenger=model(BAD))
    house.promote()

    assert record(house) is None
    assert 1 == len(house.promotions.recorded)


def record(house: House) -> ModelVersion | None:
    """Record what is not on record."""
    return record_checksum(
        population=POPULATION, registry=house.registry, promotions=house.promotions
    )
