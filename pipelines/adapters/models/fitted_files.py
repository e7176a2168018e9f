"""A fitted model as files of a model's directory: what its family reads, and effects of levels."""

import json
from pathlib import Path

from pipelines.adapters.models.families import family_module
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.level_effects import LevelEffects, as_numbers
from pipelines.domain.scoring.predictor import OfEffects, Predictor
from pipelines.domain.training.package import Fitted
from pipelines.errors import ArtefactDamaged

EFFECTS = "level_effects.json"


def write(fitted: Fitted, folder: Path, contract: FeatureContract, prefix: str = "") -> None:
    """
    Write one file, and a second one where categories have effects.

    Args:
        fitted: The model.
        folder: Where they are written.
        contract: Features in the order of its matrix.
        prefix: Of the names of the files.
    """
    (folder / (prefix + family_module(fitted.family).FILE)).write_bytes(fitted.weights)
    if fitted.effects.by_feature:
        told = json.dumps(fitted.effects.to_dict(contract), indent=1, allow_nan=False)
        (folder / (prefix + EFFECTS)).write_text(told + "\n", "utf-8")


def read(family: str, folder: Path, contract: FeatureContract, prefix: str = "") -> Predictor:
    """
    Read what `write` wrote, whose checksums the caller has verified.

    Raises:
        ArtefactDamaged: It is no model of the family, or not one of the contract's features.
    """
    module, effects = family_module(family), _effects(folder / (prefix + EFFECTS), contract)
    predictor: Predictor = module.read(
        (folder / (prefix + module.FILE)).read_bytes(), as_numbers(contract, effects.by_feature)
    )

    return OfEffects(predictor, effects) if effects.by_feature else predictor


def _effects(file: Path, contract: FeatureContract) -> LevelEffects:
    """Return the effects in *file*; a model that has none has no such file."""
    if not file.is_file():
        return LevelEffects()
    try:
        return LevelEffects.from_dict(json.loads(file.read_text("utf-8")), contract)
    except (ValueError, TypeError, AttributeError) as error:
        raise ArtefactDamaged(
            f"{file.name} holds no effects: {error}", next_step="churn train"
        ) from None
