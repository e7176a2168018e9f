"""A whole training on one labelled table, beside other people's models on the same folds."""

import math
import shlex
import time as clock
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import structlog

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.splits import CUSTOMER_FOLDS, Split, by_customer, by_time
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.leakage.finding import names, refusal
from pipelines.domain.ports.models import Trainer
from pipelines.domain.scaffolds.labelled_rows import LabelledRows, labelled_rows
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.folds import Fold, decided, repeated
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.part import joined
from pipelines.domain.training.training_set import TrainingSet
from pipelines.sections import Business, Training
from pipelines.steps.model.learn import learn

log = structlog.get_logger(__name__)

# Fits rows with labels, and returns scores of others: matrix, labels, matrix to score, seed.
Rival = Callable[[Matrix, Flags, Matrix, int], Vector]


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """
    What a training made of a table.

    Attributes:
        name: What the table is called.
        dropped: Header of each column that was left out, with the reason.
        notes: What is worth knowing of its rows, a sentence each.
        package: The model, as it would have been registered.
        rivals: Mean and standard deviation of the AUC of each, on the folds of `auc`.
        is_in_time: Whether `auc` is of later rows, and not of folds of customers.
        seconds: How long the training took, without the rivals.
    """

    name: str
    dropped: Mapping[str, str]
    notes: Sequence[str]
    package: ModelPackage
    rivals: Mapping[str, tuple[float, float]]
    is_in_time: bool
    seconds: float

    @property
    def auc(self) -> tuple[float, float]:
        """Mean and standard deviation over five folds twice; in time value and standard error."""
        if self.is_in_time:
            found = self.package.evaluation["auc"]
            return found.value, found.standard_error

        return (
            self.package.cross_validation["cv_auc_mean"],
            self.package.cross_validation["cv_auc_sd"],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-compatible values."""
        package, told = self.package, self.package.out_of_fold

        return {
            "table": self.name,
            "counts": {part: dict(counts) for part, counts in package.counts.items()},
            "features": [*package.spec.contract.names],
            "left_out": dict(self.dropped),
            "notes": [*self.notes],
            "family": package.fitted.family,
            "parameters": dict(package.fitted.parameters),
            "auc": self.auc[0],
            "auc_sd": self.auc[1],
            "log_loss": told["log_loss"].value,
            "calibration_slope": told["calibration_slope"].value,
            "calibration_intercept": told["calibration_intercept"].value,
            "out_of_fold": {name: each.to_dict() for name, each in told.items()},
            "test": {name: each.to_dict() for name, each in package.evaluation.items()},
            "decision": package.decision.to_dict(),
            "costs": package.costs.to_dict(),
            "tiers": [each.to_dict() for each in package.tiers],
            "slices": [each.to_dict() for each in package.slices],
            "families": dict(package.candidates),
            "rivals": {name: {"auc": a, "auc_sd": sd} for name, (a, sd) in self.rivals.items()},
            "seconds": round(self.seconds, 1),
        }


def benchmark(
    *,
    found: Inspected,
    key: str | None,
    time: str | None,
    ignored: Collection[str],
    accepts: Mapping[str, str],
    training: Training,
    tiers: TierPolicy,
    business: Business,
    trainer: Trainer,
    rivals: Mapping[str, Rival],
) -> BenchmarkReport:
    """
    Train on a table as on a population, and judge rivals on the same folds.

    Args:
        found: The table, looked at; its label says who left.
        key: Header of the column that says whose a row is; rows that are the same keep together
            where None.
        time: Header of the column that says when a row was known; later rows are the test.
        ignored: Headers that are left out whatever they hold.
        accepts: Header of each column that is used though it may know the answer, with the reason.
        training: Families, seed, how long to search.
        tiers: Where each begins.
        business: How many it can contact, and what that costs.
        trainer: The model families.
        rivals: What else is fitted on the same rows, by name.

    Raises:
        LeakSuspected: Columns know who left; the error names all of them.
        NotEnoughLabels: There are too few churners to learn from or to test on.
        ImportRefused: No column is left, or there are too few days to divide.
    """
    began = clock.monotonic()
    made = labelled_rows(found, key=key, time=time, ignored=ignored)
    _refuse_leaks(found, key=key, time=time, answered={*ignored, *accepts})
    split = _split(made.snapshots, training.seed)
    rows = TrainingSet.of(made.table.to_batches(), made.contract, split)
    # Nothing of it is registered, and the AUC is that of all rows, a fifth of them at a time: of
    # enough churners a fifth is in the test, and intervals say how much that tells.
    rows.require(
        math.ceil(training.minimum_churners / CUSTOMER_FOLDS),
        next_step="bring more rows of customers who left",
    )
    log.info(
        "table_read",
        table=found.name,
        rows=made.table.num_rows,
        features=len(made.contract.features),
        left_out=len(made.dropped),
    )
    package = learn(
        rows,
        trainer=trainer,
        training=training,
        tiers=tiers,
        business=business,
        population=found.name,
        as_of=found.as_of,
        label_days=0,
        is_told_at_once=False,
    )
    seconds = clock.monotonic() - began

    return BenchmarkReport(
        name=found.name,
        dropped=made.dropped,
        notes=_notes(found, made),
        package=package,
        rivals={name: _judged(name, rival, rows, training.seed) for name, rival in rivals.items()},
        is_in_time=split.is_in_time,
        seconds=seconds,
    )


def _refuse_leaks(
    found: Inspected, *, key: str | None, time: str | None, answered: Collection[str]
) -> None:
    """Refuse columns that know who left, all of them by name."""
    leaks = found.suspects(key=key, time=time, accepted=answered)
    if not leaks:
        return
    suspects = names(leaks)
    label = found.label.column if found.label else "COL"
    ignoring = " ".join(f"--ignore {shlex.quote(name)}" for name in suspects)
    raise refusal(
        leaks,
        f"columns of {found.name}",
        next_step=f"churn benchmark --data {shlex.quote(found.origin)} --label "
        f"{shlex.quote(label)} {ignoring}; or for one that was known before: --accept "
        + shlex.quote(f"{suspects[0]}=how it was"),
    )


def _notes(found: Inspected, made: LabelledRows) -> list[str]:
    """Say what is worth knowing of the rows, and refuses nothing."""
    told = []
    if found.is_sorted_by_label:
        told.append(
            f"the order of rows tells who left (AUC {found.order_auc:.2f}); no model is told it"
        )
    if made.repeated:
        told.append(
            f"{made.repeated:,} rows are the same as another one in every column: each is in the "
            "fold of the first"
        )

    return told


def _split(snapshots: list[date], seed: int) -> Split:
    """Divide in time where there is more than one day, else by customer."""
    if len(snapshots) > 1:
        return by_time(snapshots, label_days=1, seed=seed)

    return by_customer(snapshots, seed=seed)


def _judged(name: str, rival: Rival, rows: TrainingSet, seed: int) -> tuple[float, float]:
    """Return mean and standard deviation of a rival's AUC where ours was judged."""
    began = clock.monotonic()
    everyone = joined(rows.learn, rows.test)
    if rows.split.is_in_time:
        positions = np.arange(len(everyone.is_churned))
        turns = [
            Fold(positions[: len(rows.learn.is_churned)], positions[len(rows.learn.is_churned) :])
        ]
    else:
        turns = decided(repeated(everyone.keys.column("customer_id"), seed), everyone.is_churned)
    found = [
        auc(
            everyone.is_churned[turn.judged],
            rival(
                everyone.matrix[turn.learned],
                everyone.is_churned[turn.learned],
                everyone.matrix[turn.judged],
                seed,
            ),
        )
        for turn in turns
    ]
    log.info("rival_judged", rival=name, seconds=round(clock.monotonic() - began, 1))

    return float(np.mean(found)), float(np.std(found, ddof=1)) if len(found) > 1 else 0.0
