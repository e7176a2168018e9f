"""The folder people own."""

import tomllib
from pathlib import Path

import pytest
import yaml

from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.errors import ConfigError

FILES = {"models/shop/marts/a.sql": "select 1\n", "sources/shop.toml": "x = 1\n"}
SECTION = '[populations.shop]\nfeature_model = "fct_shop_features"\n'
OTHER = '[populations.club]\nfeature_model = "fct_club_features"\n'


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """A folder that is not there yet."""
    return ProjectFolder(tmp_path / "my")


def put(folder: ProjectFolder, files: dict[str, str] = FILES) -> dict[str, str]:
    """Write the shop; return what became of each file."""
    return {item.path: item.effect for item in folder.put("shop", files, SECTION)}


def test_everything_is_written_once(folder: ProjectFolder) -> None:
    """And again changes nothing, nor does looking what would change."""
    everything = {*FILES, "dbt_project.yml", "churn.toml"}
    assert {"new"} == {item.effect for item in folder.compare("shop", FILES, SECTION)}
    assert not folder.folder.exists()

    assert dict.fromkeys(everything, "new") == put(folder)
    before = {path: path.read_bytes() for path in folder.folder.rglob("*") if path.is_file()}
    assert dict.fromkeys(everything, "same") == put(folder)
    assert before == {path: path.read_bytes() for path in before}
    assert {"shop"} == {*tomllib.loads((folder.folder / "churn.toml").read_text())["populations"]}


def test_what_somebody_edited_is_never_overwritten(folder: ProjectFolder) -> None:
    """The difference is shown; what nobody edited is renewed."""
    put(folder)
    edited = folder.folder / "models/shop/marts/a.sql"
    edited.write_text("select 2\n")
    newer = {name: text.replace("1", "3") for name, text in FILES.items()}
    changes = {item.path: item for item in folder.put("shop", newer, SECTION)}

    assert "select 2\n" == edited.read_text()
    assert "kept" == changes["models/shop/marts/a.sql"].effect
    assert "-select 2\n+select 3\n" in changes["models/shop/marts/a.sql"].difference
    assert ("renewed", "x = 3\n") == (
        changes["sources/shop.toml"].effect,
        (folder.folder / "sources/shop.toml").read_text(),
    )
    assert "kept" == put(folder, newer)["models/shop/marts/a.sql"]


def test_a_second_population_is_added_and_comments_stay(folder: ProjectFolder) -> None:
    """To the settings and to the settings of dbt, at their ends."""
    put(folder)
    settings = folder.folder / "churn.toml"
    settings.write_text("# mine\n" + settings.read_text())
    changes = {item.path: item.effect for item in folder.put("club", {}, OTHER)}

    assert {"dbt_project.yml": "extended", "churn.toml": "extended"} == changes
    assert settings.read_text().startswith("# mine\n")
    assert {"shop", "club"} == {*tomllib.loads(settings.read_text())["populations"]}
    own = yaml.safe_load((folder.folder / "dbt_project.yml").read_text())["models"]["my"]
    assert own["shop"] == own["club"]
    assert "delete+insert" == own["club"]["marts"]["+incremental_strategy"]


def test_settings_somebody_changed_are_kept(folder: ProjectFolder) -> None:
    """The table that would be written is shown."""
    put(folder)
    settings = folder.folder / "churn.toml"
    settings.write_text(settings.read_text().replace("fct_shop_features", "fct_mine"))

    (told,) = [item for item in folder.put("shop", FILES, SECTION) if item.path == "churn.toml"]
    assert "kept" == told.effect
    assert '+feature_model = "fct_shop_features"' in told.difference
    assert "fct_mine" in settings.read_text()


def test_dbt_settings_of_another_shape_are_left_alone(folder: ProjectFolder) -> None:
    """The refusal says which line to add, and nothing was written."""
    put(folder)
    dbt = folder.folder / "dbt_project.yml"
    dbt.write_text(dbt.read_text() + "tests:\n  +severity: warn\n")

    with pytest.raises(ConfigError, match="club cannot be added at its end") as refused:
        folder.put("club", {"sources/club.toml": ""}, OTHER)
    assert "add `club` below models: my:" in refused.value.next_step
    assert not (folder.folder / "sources/club.toml").exists()


@pytest.mark.parametrize("name", ["no", "on", "null", "true", "y"])
def test_a_name_that_yaml_takes_for_something_else(folder: ProjectFolder, name: str) -> None:
    """Is a name all the same."""
    put(folder)
    folder.put(name, {}, f"[populations.{name}]\n")

    own = yaml.safe_load((folder.folder / "dbt_project.yml").read_text())["models"]["my"]
    assert name in own


def test_a_file_that_is_no_text_is_refused(folder: ProjectFolder) -> None:
    """With its path."""
    put(folder)
    (folder.folder / "sources/shop.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match=r"sources/shop\.toml cannot be read"):
        put(folder)
