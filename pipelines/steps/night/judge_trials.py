"""Say which of two models in service was better, by what happened."""

from datetime import date

import structlog

from pipelines.domain.nights.trials import TrialKey, TrialResult, judged
from pipelines.domain.ports.outcomes import Trials

log = structlog.get_logger(__name__)


def judge_trials(
    *, population: str, as_of: date, store: Trials
) -> list[tuple[TrialKey, TrialResult]]:
    """
    Judge every trial of a population by the outcomes that are known.

    It may be done every night: the bounds hold on all of them at once. Nothing follows by itself.

    Args:
        population: Whose models.
        as_of: The night under which the results are written down; a re-run replaces them.
        store: What models said, and what happened.

    Returns:
        How each trial stands by each measure; of one without any outcome nothing is said.
    """
    found = []
    for trial in store.trials(population):
        table = store.outcomes(trial)
        results = [result for result in judged(trial, table) if result.customers]
        store.record(trial, as_of, results)
        for result in results:
            found.append((trial, result))
            log.info(
                "trial_judged",
                population=population,
                mode=trial.mode,
                champion=trial.champion_version,
                challenger=trial.challenger_version,
                metric=result.metric,
                customers=result.customers,
                verdict=result.verdict,
            )

    return found
