"""When a manifest that dbt has parsed may be used again, and when it may not."""

from pathlib import Path

import pytest

from pipelines.adapters.dbt import parsed

NIGHT = {"raw_schema": "raw", "as_ofs": ["2026-06-30"], "known_at": "2026-07-01"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one model."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "model.sql").write_text("select 1")
    (folder / "profiles.yml").write_text("password: \"{{ env_var('CHURN_DBT_PASSWORD') }}\"")

    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """What dbt leaves behind."""
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / parsed.NAME).write_bytes(b"a manifest")

    return folder


def named(
    project: Path, *, database: str = "churn", schema: str = "analytics", **variables: object
) -> Path:
    """Name the file of a call."""
    return parsed.manifest_path(
        project, project.parent, database=database, schema=schema, variables=NIGHT | variables
    )


def test_another_night_may_use_it(project: Path, target: Path) -> None:
    """Dates are not parsed, so the file is the same, and holds what dbt parsed."""
    parsed.keep(target, project, named(project), NIGHT)
    later = named(project, as_ofs=["2026-07-01"], label_as_ofs=["2026-05-31"], known_at="2026-07-2")

    assert b"a manifest" == later.read_bytes()[32:]


@pytest.mark.parametrize(
    "other", [{"database": "other"}, {"schema": "peeking"}, {"raw_schema": "replayed"}, {"gap": 3}]
)
def test_what_is_parsed_otherwise_is_another(project: Path, other: dict[str, object]) -> None:
    """Names of tables, and settings a configuration may depend on, are in a manifest."""
    assert named(project) != named(project, **other)


def test_a_changed_project_is_another_and_the_old_one_goes(project: Path, target: Path) -> None:
    """Only manifests of the project as it is are kept, one a variant."""
    before, other = named(project), named(project, horizon_days=1)
    for path in (before, other):
        parsed.keep(target, project, path, NIGHT)
    (project / "model.sql").write_text("select 2")
    after = named(project)
    assert after not in {before, other}
    parsed.keep(target, project, after, NIGHT)

    assert [after] == [*project.parent.glob("parsed-*")]


def test_one_with_a_date_of_its_call_is_not_kept(project: Path, target: Path) -> None:
    """A hook that was rendered too early would delete an old night's rows in every later one."""
    (target / parsed.NAME).write_bytes(b"delete from fct where as_of = '2026-06-30'")
    parsed.keep(target, project, named(project), NIGHT)

    assert not named(project).exists()


def test_one_that_read_the_environment_is_not_kept(project: Path, target: Path) -> None:
    """Nobody knows what it said when it was parsed."""
    (project / "model.sql").write_text("select '{{ env_var('REGION') }}'")
    parsed.keep(target, project, named(project), NIGHT)

    assert not named(project).exists()


def test_a_call_that_parsed_nothing_keeps_what_there_is(project: Path, target: Path) -> None:
    """It used that."""
    named(project).write_bytes(b"kept")
    (target / parsed.NAME).unlink()
    parsed.keep(target, project, named(project), NIGHT)

    assert b"kept" == named(project).read_bytes()


def test_a_changed_package_is_another(project: Path, tmp_path: Path) -> None:
    """Also one that is linked to, where the project itself has not changed."""
    macros = tmp_path / "package" / "macros"
    macros.mkdir(parents=True)
    (macros / "windows.sql").write_text("{% macro days() %}7{% endmacro %}")
    (project / "dbt_packages").mkdir()
    (project / "dbt_packages" / "churn").symlink_to(macros.parent)
    before = named(project)
    (macros / "windows.sql").write_text("{% macro days() %}8{% endmacro %}")

    assert before != named(project)
