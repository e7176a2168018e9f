"""A model directory: read when every byte is what was written, refused otherwise."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.models.families import family_module
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import CUSTOMER_FOLDS, by_time
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.training_set import TrainingSet
from pipelines.errors import ArtefactDamaged
from pipelines.testing.contracts.models.customers import package_of, trained

DAYS = [date(2026, 1, 1) + timedelta(days=30 * step) for step in range(4)]


@pytest.fixture(scope="module", params=FAMILIES)
def package(
    request: pytest.FixtureRequest,
    made_up_customers: Callable[..., pa.Table],
    made_up_contract: FeatureContract,
) -> ModelPackage:
    """Everything a directory is made of, of each family."""
    split = by_time(DAYS, label_days=30, seed=1)
    rows = TrainingSet.of(made_up_customers(DAYS, rows=800).to_batches(), made_up_contract, split)

    return trained(Trainer(), rows, population="subscribers", family=request.param)


@pytest.fixture
def directory(package: ModelPackage, tmp_path: Path) -> Path:
    """A directory just written."""
    model_directory.write(package, tmp_path / "model")

    return tmp_path / "model"


def test_what_is_read_is_what_was_written(package: ModelPackage, directory: Path) -> None:
    """Spec, scores, importances and drift reference."""
    loaded = model_directory.load(directory)
    rows = package.reference

    assert package.spec == loaded.spec
    np.testing.assert_array_equal(rows["churn_probability"].to_numpy(), loaded.probabilities(rows))
    assert package.fitted.importances == tuple(loaded.importances.values())
    assert rows.equals(loaded.reference())
    assert package.data_fingerprint == loaded.training["data_fingerprint"]


def test_nothing_in_it_names_a_customer_or_runs(directory: Path) -> None:
    """No id, no pickle: the files it holds are these."""
    names = {path.name for path in directory.iterdir()}
    weights = names & {family_module(family).FILE for family in FAMILIES}

    assert 1 == len(weights)
    assert {
        "MANIFEST.sha256", "calibration.png", "evaluation.json", "golden.json", "importance.png",
        "importances.json", "model_card.html", "model_card.md", "reference.parquet", "roc.png",
        "slices.json", "spec.json", "training.json", "trials.json",
    } == names - weights  # fmt: skip
    for path in directory.iterdir():
        assert b"customer_id" not in path.read_bytes(), path.name
        assert b"c000001" not in path.read_bytes(), path.name


def test_a_model_from_before_there_was_as_much_evidence_is_read(directory: Path) -> None:
    """Without groups, trials and the page; what it scores with is all there."""
    for name in ("slices.json", "trials.json", "model_card.html"):
        (directory / name).unlink()
    manifest = directory / "MANIFEST.sha256"
    kept = [
        line
        for line in manifest.read_text().splitlines(keepends=True)
        if (directory / line.split()[1]).exists()
    ]
    manifest.write_text("".join(kept))

    assert model_directory.load(directory).evaluation["test"]["auc"]["value"] > 0.5


def test_the_same_model_is_the_same_directory(package: ModelPackage, tmp_path: Path) -> None:
    """Byte for byte, pictures included."""
    for name in ("first", "second"):
        model_directory.write(package, tmp_path / name)

    assert model_directory.manifest_sha256(tmp_path / "first") == model_directory.manifest_sha256(
        tmp_path / "second"
    )


def test_any_flipped_byte_is_found_before_it_is_parsed(directory: Path, tmp_path: Path) -> None:
    """In every file there is, by name."""
    names = [path.name for path in directory.iterdir() if path.name != model_directory.MANIFEST]
    assert 11 < len(names) + 1

    for name in names:
        copy = tmp_path / "copy"
        shutil.copytree(directory, copy)
        content = bytearray((copy / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copy / name).write_bytes(content)

        with pytest.raises(ArtefactDamaged, match=f"{name} is not what was written"):
            model_directory.load(copy)
        shutil.rmtree(copy)


def test_missing_and_extra_files_are_named(directory: Path) -> None:
    """Also a folder, and a link that leads to the right content."""
    shutil.copy(directory / "spec.json", directory.parent / "spec.json")
    (directory / "spec.json").unlink()
    (directory / "spec.json").symlink_to(directory.parent / "spec.json")
    (directory / "model_card.md").unlink()
    (directory / "code").mkdir()
    (directory / "model.pkl").write_bytes(b"")

    with pytest.raises(ArtefactDamaged) as refused:
        model_directory.load(directory)

    for fault in (
        "model_card.md is missing",
        "code is not in MANIFEST.sha256",
        "model.pkl is not in MANIFEST.sha256",
        "spec.json is not what was written",
    ):
        assert fault in refused.value.message


def test_a_directory_without_a_manifest_is_refused(directory: Path) -> None:
    """Nothing in it is opened."""
    (directory / model_directory.MANIFEST).unlink()

    with pytest.raises(ArtefactDamaged, match=r"MANIFEST\.sha256 is missing"):
        model_directory.load(directory)


def test_a_model_that_scores_otherwise_is_refused(directory: Path) -> None:
    """A spec changed by hand, with its checksum put right, does not pass the golden rows."""
    path = directory / "spec.json"
    spec = json.loads(path.read_text())
    spec["calibrator"]["margins"] = [margin + 0.5 for margin in spec["calibrator"]["margins"]]
    old = model_directory._sha256(path)
    path.write_text(json.dumps(spec))
    manifest = directory / model_directory.MANIFEST
    manifest.write_text(manifest.read_text().replace(old, model_directory._sha256(path)))

    with pytest.raises(ArtefactDamaged, match=r"\d+ of 50 golden rows are not scored"):
        model_directory.load(directory)


@pytest.fixture(scope="module", params=FAMILIES)
def of_effects(request: pytest.FixtureRequest) -> ModelPackage:
    """A model that has learned from effects of levels, and five such of folds."""
    package = package_of(Trainer(), population="subscribers", family=request.param)

    return replace(package, folds=(package.fitted,) * CUSTOMER_FOLDS)


def test_effects_of_levels_are_kept_beside_each_model(
    of_effects: ModelPackage, tmp_path: Path
) -> None:
    """The model that serves and those of the folds score as they did, to the last bit."""
    model_directory.write(of_effects, tmp_path / "model")
    loaded = model_directory.load(tmp_path / "model")
    matrix = encode(of_effects.reference, of_effects.spec.contract).matrix
    expected = of_effects.fitted.predictor.margins(matrix)

    assert 1 + CUSTOMER_FOLDS == len([*(tmp_path / "model").glob("*level_effects.json")])
    assert CUSTOMER_FOLDS == len(loaded.folds())
    for predictor in (loaded.predictor, *loaded.folds()):
        np.testing.assert_array_equal(expected, predictor.margins(matrix))
        np.testing.assert_allclose(
            expected, predictor.base + predictor.contributions(matrix).sum(axis=1), atol=1e-4
        )


def test_a_model_is_not_scored_without_its_effects(
    of_effects: ModelPackage, tmp_path: Path
) -> None:
    """Whoever would read codes in their place gives the golden rows other scores, and stops."""
    model_directory.write(of_effects, tmp_path / "model")
    (tmp_path / "model" / "level_effects.json").unlink()
    manifest = tmp_path / "model" / "MANIFEST.sha256"
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if "  level_effects.json" not in line))

    with pytest.raises(ArtefactDamaged, match="golden rows are not scored as they were"):
        model_directory.load(tmp_path / "model")
