"""Answers while there is a trial: of the model a customer belongs to, or of both, one told."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from pipelines.api.metrics import Metrics
from pipelines.api.problems import places
from pipelines.api.scorer import Asked, Scorer
from pipelines.api.together import Together
from pipelines.domain.features.rows import Row
from pipelines.domain.ports.service import Predictions
from pipelines.domain.serving.published import Cut
from pipelines.domain.serving.served import ServedModel
from pipelines.domain.serving.trials import ServedPrediction, Trial, Variant, VariantAnswer

# Customers who wait to be scored silently; beyond that they are left out, and counted.
MOST_SHADOWS = 20_000
RECORDED_TOGETHER = 100
DRAIN_SECONDS = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """
    Rows of one request.

    Attributes:
        request_id: As its answer names it.
        population: Whose customers.
        champion: The model the request has found.
        rows: Features by name, none at fault for its contract.
        customer_ids: `(n_rows,)` whose they are; None of nobody we know.
        cut: How the list was cut whose tiers they are put into; None cuts at thresholds.
        tiers_before: Tiers by customer in which it held.
    """

    request_id: str
    population: str
    champion: ServedModel
    rows: Sequence[Row]
    customer_ids: Sequence[str | None]
    cut: Cut | None = None
    tiers_before: Mapping[str, str] = field(default_factory=dict)


class Answering:
    """
    Answers by one model, or by two.

    Args:
        trials: By population, as churn.toml has them.
        challengers: By population those in service, which may change.
        scorer: What scores.
        store: Where what models said is written down.
        metrics: What is counted.
    """

    def __init__(
        self,
        trials: Mapping[str, Trial],
        challengers: Mapping[str, ServedModel],
        scorer: Scorer,
        store: Predictions,
        metrics: Metrics,
    ) -> None:
        self._trials, self._challengers = trials, challengers
        self._scorer, self._metrics = scorer, metrics
        metrics.in_trial(trials)
        self._store = store
        self._record = Together(self._recorded, RECORDED_TOGETHER)
        self._shadows: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def answers(self, asked: Question) -> list[VariantAnswer]:
        """
        Return the answer to each row.

        Whoever is nobody we know is answered by the champion, and so is everybody where no
        challenger is in service.
        """
        trial = self._trials.get(asked.population)
        challenger = self._challengers.get(asked.population)
        if (
            trial is None
            or challenger is None
            or challenger.version.version == asked.champion.version.version
            or challenger.spec.contract.fingerprint != asked.champion.spec.contract.fingerprint
            or not any(asked.customer_ids)
        ):
            return await self._by(asked.champion, asked, range(len(asked.rows)), "champion")
        if trial.mode == "split":
            return await self._split(trial, challenger, asked)
        answers = await self._by(asked.champion, asked, range(len(asked.rows)), "champion")
        self._begin_shadow(trial, challenger, asked, answers)

        return answers

    async def close(self) -> None:
        """Give what is being scored silently a moment to be written down."""
        if self._shadows:
            await asyncio.wait([*self._shadows], timeout=DRAIN_SECONDS)

    async def _split(
        self, trial: Trial, challenger: ServedModel, asked: Question
    ) -> list[VariantAnswer]:
        """
        Return answers of the model each customer belongs to, once they are written down.

        Where the challenger fails the champion answers. Those answers are in no trial: they would
        tell of the champion by customers whom the draw gave to the other.
        """
        ids = asked.customer_ids
        of: list[Variant] = ["champion" if name is None else trial.variant(name) for name in ids]
        theirs = [number for number in range(len(ids)) if of[number] == "challenger"]
        told = await self._by_challenger(challenger, asked, theirs) if theirs else []
        found = dict(zip(theirs, told, strict=True)) if told else {}
        others = [number for number in range(len(ids)) if number not in found]
        answers = await self._by(asked.champion, asked, others, "champion") if others else []
        found |= dict(zip(others, answers, strict=True))
        known = [
            number
            for number, name in enumerate(ids)
            if name is not None and found[number].variant == of[number]
        ]
        if known:
            await self._record(
                [said(trial, challenger, asked, number, answer=found[number]) for number in known]
            )

        return [found[number] for number in range(len(ids))]

    async def _by_challenger(
        self, challenger: ServedModel, asked: Question, numbers: Sequence[int]
    ) -> list[VariantAnswer] | None:
        """Return the answers of a challenger; None, told and counted, where it fails."""
        try:
            return await self._by(challenger, asked, numbers, "challenger")
        except Exception as error:
            self._metrics.challenger_failures.labels(asked.population).inc(len(numbers))
            log.error(
                "challenger_failed",
                request_id=asked.request_id,
                population=asked.population,
                version=challenger.version.version,
                kind=type(error).__name__,
                at=places(error),
            )
            return None

    def _begin_shadow(
        self,
        trial: Trial,
        challenger: ServedModel,
        asked: Question,
        answers: Sequence[VariantAnswer],
    ) -> None:
        """Have the challenger score beside, unless too many wait for that."""
        known = [number for number, name in enumerate(asked.customer_ids) if name is not None]
        if self._waiting + len(known) > MOST_SHADOWS:
            self._metrics.shadows_left_out.labels(asked.population).inc(len(known))
            return
        self._waiting += len(known)
        task = asyncio.create_task(self._shadow(trial, challenger, asked, answers, known))
        self._shadows.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._shadows.discard(done)
            self._waiting -= len(known)

        task.add_done_callback(ended)

    async def _shadow(
        self,
        trial: Trial,
        challenger: ServedModel,
        asked: Question,
        answers: Sequence[VariantAnswer],
        known: Sequence[int],
    ) -> None:
        """Score and write down; whatever goes wrong with that is told, and no answer's fault."""
        silent = await self._by_challenger(challenger, asked, known)
        if silent is None:
            self._metrics.shadows_left_out.labels(asked.population).inc(len(known))
            return
        try:
            pairs = zip(known, silent, strict=True)
            await self._record(
                [
                    each
                    for number, quiet in pairs
                    for each in (
                        said(trial, challenger, asked, number, answer=answers[number]),
                        said(trial, challenger, asked, number, answer=quiet, is_answered=False),
                    )
                ]
            )
        except Exception as error:
            self._metrics.shadows_left_out.labels(asked.population).inc(len(known))
            log.warning("shadow_left_out", population=asked.population, kind=type(error).__name__)

    async def _by(
        self, model: ServedModel, asked: Question, numbers: Sequence[int], variant: Variant
    ) -> list[VariantAnswer]:
        """Return the answers of a model to some of the rows."""
        answers = await self._scorer.answers(
            Asked(
                model,
                [asked.rows[number] for number in numbers],
                [asked.customer_ids[number] or "" for number in numbers],
                asked.cut,
                asked.tiers_before,
            )
        )
        version = model.version.version

        return [VariantAnswer(answer, variant, version) for answer in answers]

    async def _recorded(self, many: Sequence[Sequence[ServedPrediction]]) -> list[None]:
        """Write down what models said in several requests."""
        await self._store.record_predictions([each for of_one in many for each in of_one])

        return [None] * len(many)


def said(
    trial: Trial,
    challenger: ServedModel,
    asked: Question,
    number: int,
    *,
    answer: VariantAnswer,
    is_answered: bool = True,
) -> ServedPrediction:
    """Return what is written down of one answer."""
    customer_id = asked.customer_ids[number]
    assert customer_id is not None  # noqa: S101  nobody else is asked about here

    return ServedPrediction(
        request_id=asked.request_id,
        population=asked.population,
        customer_id=customer_id,
        mode=trial.mode,
        salt=trial.salt,
        challenger_pct=trial.challenger_pct,
        champion_version=asked.champion.version.version,
        challenger_version=challenger.version.version,
        variant=answer.variant,
        churn_probability=answer.answer.churn_probability,
        is_answered=is_answered,
    )
