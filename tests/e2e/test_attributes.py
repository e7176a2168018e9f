"""A column that no model sees, from the YAML beside the mart to the card of the model."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import settings
from pipelines.adapters.models.directory import CARD
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import ContractMismatch
from pipelines.settings import ROOT
from pipelines.wiring import data, model, night
from pipelines.wiring.installation import Installation
from tests.e2e.at_rest import NIGHT, UNTIL, copy_of

MART = Path("dbt_project/models/subscribers/marts/fct_customer_features")
POPULATION = "subscribers"

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def house(at_rest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A business whose champion and nights are of before gender was declared."""
    root = tmp_path_factory.mktemp("project")
    for name in ("expectations", "sql"):
        (root / name).symlink_to(ROOT / name)
    shutil.copytree(
        ROOT / "dbt_project", root / "dbt_project", ignore=shutil.ignore_patterns("target")
    )
    plant(
        root / f"{MART}.sql",
        "        members.plan,\n",
        "        case when right(members.customer_id, 1) in ('1', '2', '3') then 'f' "
        "when right(members.customer_id, 1) <> '9' then 'm' end::text as gender,\n"
        "        members.plan,\n",
    )
    plant(
        root / f"{MART}.yml",
        "      - name: plan\n",
        "      - name: gender\n"
        "        data_type: text\n"
        "        description: As the customer told it.\n"
        "        config: {meta: {attribute: {kind: categorical, title: Gender}}}\n"
        "      - name: plan\n",
    )
    with copy_of(at_rest) as churn_home:
        ours = settings.load({"CHURN_HOME": str(churn_home.home), **churn_home.environ})
        population = ours.populations[POPULATION].model_copy(update={"protected": ("gender",)})
        installation = Installation(
            ours.model_copy(
                update={"root": root, "populations": {**ours.populations, POPULATION: population}}
            )
        )
        yield installation
        installation.warehouse.engine.dispose()


def test_a_model_is_looked_at_by_what_it_does_not_see(house: Installation) -> None:
    """Snapshots of before are refused until they are built again, and then have the column."""
    before = house.features.contract(POPULATION, NIGHT)
    with pytest.raises(ContractMismatch, match="they lack gender"):
        model.train(house, POPULATION, UNTIL)
    data.build_training_snapshots(house, POPULATION, UNTIL)
    report = model.train(house, POPULATION, UNTIL)
    trained = house.registry.load(report.version)

    assert before.names == trained.spec.contract.names
    assert ("gender",) == tuple(each.name for each in trained.spec.contract.attributes)
    assert "gender" not in trained.importances
    assert "gender" not in trained.reference().column_names
    card = (trained.path / CARD).read_text("utf-8")
    assert "gender = f (protected)" in card
    assert "gender = m (protected)" in card
    assert "is looked at by: gender" in card


def test_a_night_is_as_it_was(house: Installation) -> None:
    """Its gates pass, the champion of before scores it, and the list is the very same."""
    published = house.scores.published(POPULATION, NIGHT)
    night.features(house, POPULATION, NIGHT)
    assert () == night.gate(house, "features", POPULATION, NIGHT).failures
    again = night.score(house, POPULATION, NIGHT)

    assert published is not None
    assert published.scores_hash == again.scores_hash
    built: FeatureContract = house.features.contract(POPULATION, NIGHT)
    assert "gender" not in built.names
    assert "gender" in built.columns


def plant(path: Path, before: str, after: str) -> None:
    """Replace the one occurrence of *before* in a file."""
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), "utf-8")
