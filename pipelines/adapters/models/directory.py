"""
A model as a directory: written once, read only when every byte is what was written.

    booster.ubj, coefficients.json …  the fitted model, under the FILE of its family
    level_effects.json                what levels add, where a category has many of them
    fold_1_booster.ubj …              models of the folds, which can judge what it learned from
    spec.json                         features, levels, calibrator, parts of the snapshots
    golden.json                       rows without names, and their scores
    importances.json                  share of each feature in the model
    evaluation.json  training.json    how good it is, and on what
    slices.json                       how good it is for groups of customers
    reference.parquet                 what drift is measured against
    trials.json                       every set of parameters that was tried, by family
    model_card.md  model_card.html    for people
    *.png                             pictures of it
    MANIFEST.sha256                   checksums of all of these, as `sha256sum -c` reads them

Nothing in it is executed: a family reads its own format or a list of numbers, never a pickle.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.adapters.models import card, fitted_files
from pipelines.adapters.models.families import family_module
from pipelines.domain.arrays import Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.rows import TYPES
from pipelines.domain.features.splits import CUSTOMER_FOLDS
from pipelines.domain.scoring.predictor import SAME_PROBABILITY, CrossFitted, Predictor
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.training.package import ModelPackage
from pipelines.errors import ArtefactDamaged

MANIFEST = "MANIFEST.sha256"
REFERENCE = "reference.parquet"
TRIALS = "trials.json"
CARD, CARD_PAGE = "model_card.md", "model_card.html"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """
    A model ready to score.

    Attributes:
        path: Its directory.
        spec: How it is used.
        predictor: The fitted model.
        importances: Share of each feature in the model, by name.
        training: What it was trained on.
        evaluation: How good it was on rows it had not seen.
    """

    path: Path
    spec: ModelSpec
    predictor: Predictor
    importances: Mapping[str, float]
    training: Mapping[str, Any]
    evaluation: Mapping[str, Any]

    @property
    def predictors(self) -> CrossFitted:
        """The predictor each customer is told by."""
        folds = self.folds() if self.spec.is_cross_fitted else ()

        return CrossFitted(self.predictor, self.spec.split, folds)

    def folds(self) -> tuple[Predictor, ...]:
        """Read the models of the folds; none of a model from before they were kept."""
        spec = self.spec
        found = len([*self.path.glob(_fold("?") + family_module(spec.family).FILE)])
        expected = len(spec.origins) or CUSTOMER_FOLDS
        if found not in {0, expected} or (spec.is_cross_fitted and not found):
            raise _damaged(self.path, f"it has models of {found} folds, not of {expected}")

        return tuple(
            fitted_files.read(spec.family, self.path, spec.contract, _fold(number))
            for number in range(1, found + 1)
        )

    def probabilities(self, rows: pa.RecordBatch | pa.Table) -> Vector:
        """Return the churn probability of each of *rows*, by the fitted model."""
        matrix = encode(rows, self.spec.contract).matrix

        return self.spec.calibrator.apply(self.predictor.margins(matrix))

    def reference(self) -> pa.Table:
        """Return the feature columns and churn_probability that drift is measured against."""
        return pq.read_table(self.path / REFERENCE)


def write(package: ModelPackage, folder: Path) -> None:
    """
    Write *package* into *folder*, which is created and must be empty.

    Args:
        package: What the directory is made of.
        folder: Where the directory is written.
    """
    from pipelines.adapters.models import plots as model_plots  # noqa: PLC0415  matplotlib is not for scoring

    folder.mkdir(parents=True, exist_ok=True)
    spec, fitted = package.spec, package.fitted
    fitted_files.write(fitted, folder, spec.contract)
    for number, fold in enumerate(package.folds, start=1):
        fitted_files.write(fold, folder, spec.contract, _fold(number))
    _write_json(folder / "spec.json", spec.to_dict())
    _write_json(folder / "golden.json", _golden(package))
    _write_json(
        folder / "importances.json",
        dict(zip(spec.contract.names, fitted.importances, strict=True)),
    )
    _write_json(
        folder / "evaluation.json",
        {
            "test": {name: value.to_dict() for name, value in package.evaluation.items()},
            "out_of_fold": {name: value.to_dict() for name, value in package.out_of_fold.items()},
            "decision": package.decision.to_dict(),
            "costs": package.costs.to_dict(),
            "tiers": [promise.to_dict() for promise in package.tiers],
            "worth": [each.to_dict() for each in package.worth],
            "cross_validation": dict(package.cross_validation),
            "out_of_fold_auc": dict(package.candidates),
        },
    )
    _write_json(
        folder / "slices.json",
        {"slices": [each.to_dict() for each in package.slices]},
    )
    _write_json(folder / "training.json", package.training())
    pq.write_table(package.reference, folder / REFERENCE)
    _write_json(
        folder / TRIALS,
        {
            family: [{"auc": trial.auc, "parameters": dict(trial.parameters)} for trial in trials]
            for family, trials in package.trials.items()
        },
    )
    (folder / CARD).write_text(card.text(package), "utf-8")
    (folder / CARD_PAGE).write_text(card.page(package), "utf-8")
    model_plots.write(package, folder)

    lines = [f"{_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / MANIFEST).write_text("".join(lines), "ascii")


def load(path: Path) -> LoadedModel:
    """
    Read a model directory: checksums first, then the files, then the golden rows.

    Raises:
        ArtefactDamaged: A file is missing, changed or not in the manifest, or the model does not
            give the golden rows the scores they had.
        ContractMismatch: Another version of this program wrote it.
    """
    verify(path)
    spec = ModelSpec.from_dict(_read_json(path / "spec.json"))
    model = LoadedModel(
        path=path,
        spec=spec,
        predictor=fitted_files.read(spec.family, path, spec.contract),
        importances=_read_json(path / "importances.json"),
        training=_read_json(path / "training.json"),
        evaluation=_read_json(path / "evaluation.json"),
    )
    _check_golden(model)

    return model


def verify(path: Path) -> None:
    """
    Compare every file with the manifest, without reading what any of them means.

    Raises:
        ArtefactDamaged: Naming the files that are missing, changed or too many.
    """
    if found := faults(path):
        raise _damaged(path, "; ".join(found))


def faults(path: Path, registered: str | None = None) -> list[str]:
    """
    Return how a directory differs from its manifest, and that from its checksum.

    Args:
        path: A model directory.
        registered: Checksum of its manifest; None where nobody remembers it.
    """
    manifest = path / MANIFEST
    if manifest.is_symlink() or not manifest.is_file():
        return [f"{MANIFEST} is missing"]
    if registered is not None and _sha256(manifest) != registered:
        return [f"{MANIFEST} is not what was written"]
    expected = {}
    for line in manifest.read_bytes().decode("ascii", "replace").splitlines():
        digest, _, name = line.partition("  ")
        expected[name] = digest

    found = {item.name for item in path.iterdir()} - {MANIFEST}
    named = [f"{name} is missing" for name in sorted(set(expected) - found)]
    named += [f"{name} is not in {MANIFEST}" for name in sorted(found - set(expected))]
    for name in sorted(found & set(expected)):
        item = path / name
        if item.is_symlink() or not item.is_file() or _sha256(item) != expected[name]:
            named.append(f"{name} is not what was written")

    return named


def manifest_sha256(path: Path) -> str:
    """Return the checksum of the checksums, which stands for the whole directory."""
    manifest = path / MANIFEST
    if not manifest.is_file():
        raise _damaged(path, f"{MANIFEST} is missing")

    return _sha256(manifest)


def _fold(number: int | str) -> str:
    """Return how the names of the files of a fold's model begin."""
    return f"fold_{number}_"


def _golden(package: ModelPackage) -> dict[str, Any]:
    """Return the golden rows with their scores."""
    contract = package.spec.contract
    rows = package.golden.select(list(contract.names))
    margins = package.fitted.predictor.margins(encode(rows, contract).matrix)

    return {
        "rows": rows.to_pylist(),
        "churn_probability": package.spec.calibrator.apply(margins).tolist(),
    }


def _check_golden(model: LoadedModel) -> None:
    """Refuse a model that scores its golden rows otherwise than it did."""
    golden = _read_json(model.path / "golden.json")
    expected = np.asarray(golden["churn_probability"])
    found = model.probabilities(pa.Table.from_pylist(golden["rows"], _schema(model.spec.contract)))
    differs = ~(np.abs(found - expected) <= SAME_PROBABILITY)
    if not len(expected) or differs.any():
        raise _damaged(
            model.path,
            f"{differs.sum()} of {len(expected)} golden rows are not scored as they were",
        )


def _schema(contract: FeatureContract) -> pa.Schema:
    """Return Arrow types for the columns of *contract*."""
    return pa.schema([(feature.name, TYPES[feature.kind]) for feature in contract.features])


def _sha256(path: Path) -> str:
    """Return the checksum of one file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write *data*; a number JSON does not know is a bug."""
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", "utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    """Read what `_write_json` wrote."""
    if not path.is_file():
        raise _damaged(path.parent, f"{path.name} is missing")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))

    return data


def _damaged(path: Path, fault: str) -> ArtefactDamaged:
    """Build the error that names a fault."""
    return ArtefactDamaged(
        f"the model in {path} is not what was registered: {fault}",
        next_step=f"delete {path} if it is a copy, and run again; else `churn train`",
    )
