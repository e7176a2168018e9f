"""Versions beside the champion: the same weights, used in another way."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from pipelines.adapters.models import directory as model_directory
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import ModelVersion
from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business
from tests.faults.damage import cached, champion, sign


def registered(
    business: Business,
    change: Callable[[ModelSpec], ModelSpec],
    *,
    golden_wrong_by: float = 0,
    population: str = POPULATION,
) -> ModelVersion:
    """
    Register the champion's weights with another spec; whole, and consistent in every checksum.

    Args:
        business: Where.
        change: From the champion's spec to the new one's.
        golden_wrong_by: What the golden rows' scores are off by.
        population: Whose version it is to be.
    """
    source = cached(business)
    model = model_directory.load(source)
    model = replace(model, spec=change(model.spec))
    golden = json.loads((source / "golden.json").read_text("utf-8"))
    rows = pa.Table.from_pylist(golden["rows"], model_directory._schema(model.spec.contract))
    golden["churn_probability"] = (model.probabilities(rows) + golden_wrong_by).tolist()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "model"
        shutil.copytree(source, made)
        (made / "golden.json").write_text(json.dumps(golden), "utf-8")
        (made / "spec.json").write_text(json.dumps(model.spec.to_dict()), "utf-8")
        sign(made)

        return business.wired.registry.register_directory(
            made, population=population, params={}, metrics={}, tags={}, as_of=NIGHT
        )


def crown(business: Business, version: ModelVersion, *, population: str = POPULATION) -> None:
    """Let *version* be champion, as a promotion does: on record, and by MLflow's alias."""
    recorded = business.execute(
        "insert into churn.model_promotions (population, as_of, champion_version, "
        "challenger_version, is_promoted, reason, manifest_sha256) "
        f"select '{population}', '{NIGHT}', challenger_version, {version.version}, true, "
        f"'a fault', '{version.manifest_sha256}' from churn.model_promotions "
        f"where is_promoted and population = '{POPULATION}' "
        "order by model_promotion_id desc limit 1"
    )
    assert recorded == 1
    business.wired.registry.set_alias(version, "champion")


@contextlib.contextmanager
def crowned(business: Business, version: ModelVersion) -> Iterator[None]:
    """Let *version* be champion for the block."""
    before = champion(business)
    crown(business, version)
    try:
        yield
    finally:
        crown(business, before)


def gloomier(spec: ModelSpec) -> ModelSpec:
    """Return a spec whose probabilities are all higher."""
    known = spec.calibrator
    higher = tuple(value + 0.3 for value in known.values)

    return replace(spec, calibrator=Calibrator(known.margins, higher, known.scale))


def of_another_contract(spec: ModelSpec) -> ModelSpec:
    """Return a spec that takes NULL for a feature that may not be NULL, or the reverse."""
    first, *others = spec.contract.features
    features = (replace(first, nullable=not first.nullable), *others)

    return replace(spec, contract=replace(spec.contract, features=features))
