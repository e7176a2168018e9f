"""Trials are judged by what happened, whenever somebody looks."""

import asyncio
from datetime import date

import numpy as np

from pipelines.steps.night.judge_trials import judge_trials
from pipelines.testing.contracts.service.trials import NIGHT, POPULATION, TRIAL, said
from pipelines.testing.trials import MemoryTrials

ROWS = 3000


def test_the_better_of_two_is_named_once_it_is_sure() -> None:
    """By customers of whom both said something; a re-run says the same."""
    random = np.random.default_rng(5)
    store = MemoryTrials(current=NIGHT)
    truth = random.beta(2, 6, ROWS)
    noisy = np.clip(truth + random.normal(0, 0.25, ROWS), 0.01, 0.99)
    asyncio.run(
        store.record_predictions(
            [
                each
                for number in range(ROWS)
                for each in (
                    said(f"C{number}", float(noisy[number])),
                    said(
                        f"C{number}",
                        float(truth[number]),
                        variant="challenger",
                        is_answered=False,
                    ),
                )
            ]
        )
    )
    known = random.random(ROWS) < truth
    store.happened = {(NIGHT, f"C{number}"): bool(known[number]) for number in range(50)}
    as_of = date(2026, 4, 1)
    ((_, early),) = judge_trials(population=POPULATION, as_of=as_of, store=store)
    store.happened = {(NIGHT, f"C{number}"): bool(known[number]) for number in range(ROWS)}
    ((trial, late),) = judge_trials(population=POPULATION, as_of=as_of, store=store)

    assert ("open", 50) == (early.verdict, early.customers)
    assert (TRIAL, "challenger is better", ROWS) == (trial, late.verdict, late.customers)
    assert late.upper < 0
    assert late.challenger_value is not None
    assert late.champion_value is not None
    assert late.challenger_value < late.champion_value
    assert {(TRIAL, as_of): [late]} == store.results
    assert "brier of 3,000 customers" in late.summary


def test_a_split_is_judged_by_who_left_first_of_all() -> None:
    """Each customer by the model they belong to."""
    random = np.random.default_rng(6)
    store = MemoryTrials(current=NIGHT)
    is_challenger = random.random(4000) < 0.5
    has_left = random.random(4000) < np.where(is_challenger, 0.05, 0.45)
    asyncio.run(
        store.record_predictions(
            [
                said(
                    f"C{number}",
                    0.25,
                    mode="split",
                    variant="challenger" if is_challenger[number] else "champion",
                )
                for number in range(4000)
            ]
        )
    )
    store.happened = {(NIGHT, f"C{number}"): bool(has_left[number]) for number in range(4000)}
    found = judge_trials(population=POPULATION, as_of=NIGHT, store=store)

    assert ["churn_rate", "brier"] == [result.metric for _, result in found]
    assert "challenger is better" == found[0][1].verdict
    assert abs(found[0][1].difference + 0.40) < 0.05


def test_without_a_trial_or_an_outcome_nothing_is_said() -> None:
    """Nor is anything made up."""
    store = MemoryTrials(current=NIGHT)
    assert [] == judge_trials(population=POPULATION, as_of=NIGHT, store=store)
    asyncio.run(store.record_predictions([said("C1")]))

    assert [] == judge_trials(population=POPULATION, as_of=NIGHT, store=store)
    assert {(TRIAL, NIGHT): []} == store.results
