"""The result of a training: the registered version and its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.versions import Alias, ModelVersion
from pipelines.domain.training.evaluation import Estimate
from pipelines.domain.training.measures.worth import Worth

NO_ALIAS = "registered, and below the floor of challengers"


@dataclass(frozen=True, slots=True)
class TrainReport:
    """
    A registered model and the evidence for it.

    Attributes:
        version: The version registered.
        alias: champion where there was none, else challenger; None where a floor was not reached.
        family: The family chosen.
        split: Snapshots it learned from and was tested on.
        counts: Rows and churners by part.
        evaluation: On the test rows.
        cross_validation: cv_auc_mean and cv_auc_sd where customers were divided, else empty.
        candidates: Mean AUC over the folds, of the best of each family.
        worth: What each family of features adds; empty where nobody asked.
        seconds: How long it took.
    """

    version: ModelVersion
    alias: Alias | None
    family: str
    split: Split
    counts: Mapping[str, Mapping[str, int]]
    evaluation: Mapping[str, Estimate]
    cross_validation: Mapping[str, float]
    candidates: Mapping[str, float]
    worth: tuple[Worth, ...]
    seconds: float

    def __str__(self) -> str:
        """Return the registered model and its evidence in one line, for people."""
        test = self.counts["test"]
        folds = "".join(f", {name} {value:.4f}" for name, value in self.cross_validation.items())

        return (
            f"{self.version} ({self.family}) is {self.alias or NO_ALIAS}: "
            f"AUC {self.evaluation['auc']}, lift of the riskiest tenth "
            f"{self.evaluation['lift_10pct']} on {test['rows']:,} customers of "
            f"{' and '.join(map(str, self.split.test))}{folds}"
        )
