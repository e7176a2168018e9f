"""What Spark is asked to do for one list, as a file that its driver reads and its workers get."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, Self

from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import Size, TierPolicy

# What a score is worked out by: in another version, it may differ in its last bits.
LIBRARIES = ("numpy", "pandas", "pyarrow", "woodelf-explainer", "xgboost", "xgboost-cpu")
# A column of the rows beside the features: the tier of the list before, where one holds customers.
TIER_BEFORE = "tier of the list before"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """
    A registered model as a directory.

    Attributes:
        name: Its registered model.
        version: Its version.
        folder: Where its files are, for the driver, who hands their bytes to the workers.
        manifest_sha256: Checksum of its manifest, as the registry has it.
    """

    name: str
    version: int
    folder: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Job:
    """
    A recipe without what only its own process can hold.

    Attributes:
        rows: Folder of parquet files with `customer_id`, the features, and TIER_BEFORE where
            customers are held in tiers.
        scores: Folder that is made for the scores.
        model: The model.
        before: The model of the list before, if that was another.
        tiers: Thresholds and actions.
        bounds: Where tiers begin.
        is_for_everyone: Whether the lowest tier has reasons too.
        is_held: Whether the rows have TIER_BEFORE.
        wait_seconds: How long the driver waits for a worker to take part.
        versions: Of LIBRARIES, where the list would be scored without Spark.
    """

    rows: str
    scores: str
    model: ModelFiles
    before: ModelFiles | None
    tiers: TierPolicy
    bounds: TierBounds
    is_for_everyone: bool
    is_held: bool
    wait_seconds: int
    versions: Mapping[str, str]

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        *,
        model: ModelFiles,
        before: ModelFiles | None,
        rows: str,
        scores: str,
        wait_seconds: int,
    ) -> Self:
        """
        Return what is to be done by *recipe*.

        Args:
            recipe: Of one list.
            model: The files of its model.
            before: Those of its model before.
            rows: Folder of what is to be scored.
            scores: Folder that is made for the scores.
            wait_seconds: How long the driver waits for a worker to take part.
        """
        return cls(
            rows=rows,
            scores=scores,
            wait_seconds=wait_seconds,
            versions=versions(),
            model=model,
            before=before,
            tiers=recipe.tiers,
            bounds=recipe.bounds,
            is_for_everyone=recipe.is_for_everyone,
            is_held=recipe.tiers_before is not None,
        )

    def to_json(self) -> str:
        """Return it as JSON."""
        # Tiers are told by order, which JSON keeps.
        return json.dumps({**asdict(self), "bounds": self.bounds.to_dict()})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        data: dict[str, Any] = json.loads(text)

        return cls(
            **{
                **data,
                "model": ModelFiles(**data["model"]),
                "before": data["before"] and ModelFiles(**data["before"]),
                "tiers": _tiers(data["tiers"]),
                "bounds": TierBounds.from_dict(data["bounds"]),
            }
        )


def versions() -> dict[str, str]:
    """Return the versions of those of LIBRARIES that are installed here."""
    found = {}
    for name in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)

    return found


def _tiers(data: Mapping[str, Any]) -> TierPolicy:
    """Return tiers as they were."""
    sizes = {name: Size(**size) for name, size in data["sizes"].items()}

    return TierPolicy(**{**data, "sizes": sizes})
