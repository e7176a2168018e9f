"""What is written for people is true: commands, settings, targets and decisions."""

import re

import typer
import yaml
from typer.main import get_command

from pipelines import settings
from pipelines.cli.command import app
from pipelines.domain.alerts.channels import CHANNELS
from tests.faults import summary, table

README = (settings.ROOT / "README.md").read_text("utf-8")


def commands(group: object, prefix: str = "churn") -> list[str]:
    """Return every command below *group*, as people type it."""
    found = []
    for name, command in getattr(group, "commands", {}).items():
        below = commands(command, f"{prefix} {name}")
        found += below or [f"{prefix} {name}"]

    return found


def test_every_command_is_in_the_readme() -> None:
    """A command nobody reads about is a command nobody uses."""
    known = commands(get_command(app))

    assert len(known) > 15
    assert [] == [name for name in known if name not in README]


def test_the_readme_names_no_command_that_is_not_there() -> None:
    """What people copy from the README exists."""
    known = set(commands(get_command(app)))
    groups = {name.rsplit(" ", 1)[0] for name in known} | {"churn gate", "churn import"}
    written = set(re.findall(r"(?:`|\.venv/bin/)(churn [a-z-]+(?: (?:telco|retail))?)", README))

    assert len(written) > 15
    assert set() == {name for name in written if name not in known and name not in groups}


def test_every_command_explains_itself() -> None:
    """`--help` of each command says what it does."""
    group = get_command(app)
    assert isinstance(group, typer.core.TyperGroup)

    assert [] == [name for name, command in group.commands.items() if not command.help]


def test_every_make_target_of_the_readme_exists() -> None:
    """`make x` in the README is a target of the Makefile."""
    makefile = (settings.ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    written = set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE))

    assert len(written) > 2
    assert set() == written - targets


def test_every_environment_variable_is_explained() -> None:
    """Each variable the settings read stands in the README."""
    names = {f"CHURN_{key.upper()}" for key in settings.ADDRESSES} | set(CHANNELS.values())
    names |= {"CHURN_HOME", "CHURN_CONFIG"}

    assert len(names) > 5
    assert [] == sorted(name for name in names if name not in README)


def test_every_linked_file_exists() -> None:
    """Links of the README and of the decisions lead somewhere."""
    broken = [
        f"{page.name}: {target}"
        for page in [settings.ROOT / "README.md", settings.ROOT / "docs/decisions/README.md"]
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert [] == broken


def test_every_decision_has_its_four_headings() -> None:
    """A decision says what was chosen and what it costs."""
    pages = sorted((settings.ROOT / "docs" / "decisions").glob("0*.md"))
    expected = ["Status", "Context", "Decision", "Consequences"]

    assert len(pages) > 3
    assert [] == [
        page.name
        for page in pages
        if expected != re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
    ]


def test_the_page_of_features_is_what_dbt_declares() -> None:
    """docs/features.md names every feature of the mart's YAML, in its order."""
    folder = settings.ROOT / "dbt_project" / "models" / "subscribers" / "marts"
    declared = yaml.safe_load((folder / "fct_customer_features.yml").read_text("utf-8"))
    (model,) = declared["models"]
    features = [
        column["name"]
        for column in model["columns"]
        if "feature" in column.get("config", {}).get("meta", {})
    ]
    page = (settings.ROOT / "docs" / "features.md").read_text("utf-8")

    assert len(features) >= 60
    assert features == re.findall(r"^\| (\w+) \|", page, re.MULTILINE)[1:]


def test_the_table_of_faults_is_what_the_last_run_told() -> None:
    """The README's table is that of docs/faults.json, and every fault of the suite is in it."""
    record = settings.ROOT / "docs" / "faults.json"
    told = table.read(record)
    suite = {
        name
        for path in (settings.ROOT / "tests" / "faults").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }

    assert len(suite) > 10
    assert set() == suite - {line.test for line in told}
    assert summary.section(told) == summary.written(README)
