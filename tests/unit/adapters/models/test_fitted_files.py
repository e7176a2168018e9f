"""A model with effects of levels, from its files to what is said of a customer."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.adapters.models import directory, fitted_files
from pipelines.adapters.models.families import family_module
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.usual import usual_values
from pipelines.domain.training.families import FAMILIES
from pipelines.errors import ArtefactDamaged
from pipelines.testing.contracts.models.customers import CITIES, CONTRACT, customers, package_of
from pipelines.testing.contracts.scores.scoring_engine import recipe_of

# One for each level and one for none, as it ought to be.
MUCH = json.dumps({"city": ["much"] * (len(CITIES) + 1)})


@pytest.fixture(scope="module", params=FAMILIES)
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> directory.LoadedModel:
    """A model of each family, written and read."""
    folder = tmp_path_factory.mktemp("models") / "model"
    directory.write(package_of(Trainer(), population="subscribers", family=request.param), folder)

    return directory.load(folder)


def test_a_reason_names_the_level(loaded: directory.LoadedModel) -> None:
    """In words, not by its effect or code, beside no city: none of 24 is usual."""
    table, contract = customers(400, seed=3).combine_chunks(), loaded.spec.contract
    spec = replace(loaded.spec, usual=usual_values(table, contract))
    recipe = replace(recipe_of(loaded), spec=spec, before=None)
    told = recipe.scores_of(table.to_batches()[0])
    named = [
        (city, reason)
        for place in (1, 2, 3)
        for city, reason in zip(
            table["city"].to_pylist(), told[f"reason_{place}"].to_pylist(), strict=True
        )
        if reason and reason.startswith("City")
    ]

    assert len(named) > 100
    for city, reason in named:
        assert f"City: {city or 'unknown'}" == reason


def test_the_file_holds_numbers_by_feature(loaded: directory.LoadedModel) -> None:
    """One of each level and one of none; every other city, where more leave, lies above 0."""
    told = json.loads((loaded.path / "level_effects.json").read_text())

    assert ["city"] == [*told]
    assert len(CITIES) + 1 == len(told["city"])
    assert told["city"][-1] is None
    effects = np.array(told["city"][:-1])
    assert effects[1::2].mean() > 0.2 > -0.2 > effects[::2].mean()


@pytest.mark.parametrize("written", ["", "[0.5]", '{"city": 3}', MUCH, "{'city'"])
def test_what_holds_no_effects_is_refused(
    loaded: directory.LoadedModel, tmp_path: Path, written: str
) -> None:
    """The file is named, whatever its checksum says."""
    (tmp_path / fitted_files.EFFECTS).write_text(written)

    with pytest.raises(ArtefactDamaged, match="holds no effects"):
        fitted_files.read(loaded.spec.family, tmp_path, loaded.spec.contract)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_of_before_is_told_codes(family: str, tmp_path: Path) -> None:
    """It has learned from them, however many levels there are, and has no file of effects."""
    table, module = customers(400, seed=4), family_module(family)
    matrix = encode(table, CONTRACT).matrix
    fitted = module.fit(
        matrix,
        table["is_churned"].to_numpy(zero_copy_only=False),
        parameters={**module.DEFAULTS, "rounds": 20},
        contract=CONTRACT,
        seed=1,
    )
    fitted_files.write(fitted, tmp_path, CONTRACT)

    assert [module.FILE] == [file.name for file in tmp_path.iterdir()]
    np.testing.assert_array_equal(
        fitted.predictor.margins(matrix),
        fitted_files.read(family, tmp_path, CONTRACT).margins(matrix),
    )
