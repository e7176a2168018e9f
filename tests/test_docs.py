"""What is written for people is true: commands, settings, targets, links and decisions."""

import hashlib
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from docs.generate import commands, pages
from pipelines import settings
from pipelines.cli.command import app
from pipelines.errors import ChurnError
from pipelines.settings import ROOT
from tests import examples
from tests.faults import table

DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted([README, *DOCS.glob("*.md"), *DOCS.glob("*/*.md")])
TEXT = {path: path.read_text("utf-8") for path in PAGES}
KNOWN = dict(commands.found())

LINK = re.compile(r"\]\(([^)]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def test_the_readme_is_for_a_newcomer() -> None:
    """At most 200 lines; what goes further is a page of its own."""
    assert len(TEXT[README].splitlines()) <= 200


def test_generated_pages_are_what_the_generator_makes() -> None:
    """`make docs` would change nothing."""
    assert len(pages.generated()) > 5
    assert [] == pages.differing()


def test_every_command_is_documented_and_explains_itself() -> None:
    """A command nobody reads about is a command nobody uses."""
    titles = set(HEADING.findall(TEXT[DOCS / "commands.md"]))

    assert len(KNOWN) > 15
    assert set() == {f"`{name}`" for name in KNOWN} - titles
    assert [] == [name for name, command in KNOWN.items() if not command.help]


def test_pages_name_no_command_that_is_not_there() -> None:
    """What people copy exists, as a command or as a group of some."""
    groups = {name.rsplit(" ", 1)[0] for name in KNOWN}
    written = {
        found for text in TEXT.values() for found in re.findall(r"`(churn [a-z][a-z-]+)[` ]", text)
    }

    assert len(written) > 15
    assert set() == written - set(KNOWN) - groups


def typed() -> Iterator[tuple[Path, str]]:
    """Yield every line of a page that calls `churn`, and the page."""
    for path, text in TEXT.items():
        for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
            for line in block.splitlines():
                if line.startswith(".venv/bin/churn"):
                    yield path, line


def test_every_command_line_of_a_page_is_one_churn_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is parsed, its options and values included, and nothing is run; `bank` was made."""
    bank = "[populations.bank]\nfeature_model = 'f'\nlabel_model = 'l'\nsources = []\n"
    (tmp_path / "churn.toml").write_text((examples.PROJECT / "churn.toml").read_text() + bank)
    monkeypatch.setenv("CHURN_PROJECT", str(tmp_path))
    lines = list(typed())

    assert len(lines) > len(KNOWN)
    for path, line in lines:
        words = shlex.split(line.partition(" > ")[0], comments=True)[1:]
        command = get_command(app)
        while hasattr(command, "commands"):
            assert words[0] in command.commands, f"{path.name}: {line}"
            command = command.commands[words.pop(0)]
        command.make_context(line, words)  # an option that is not there raises


def test_every_make_target_of_a_page_exists() -> None:
    """`make x` on a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    written = {
        target
        for text in TEXT.values()
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)
    }

    assert len(written) > 5
    assert set() == written - targets


class Environment(dict[str, str]):
    """An empty environment that remembers which variables it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        """Remember *key*, which is not set."""
        self.asked.add(key)
        return default


def test_every_environment_variable_is_explained() -> None:
    """Each variable the settings ask for has a row, and each row's variable is asked for."""
    environment = Environment()
    settings.load(environment)
    rows = re.findall(r"^\| `(CHURN_\w+)` \|", TEXT[DOCS / "settings.md"], re.MULTILINE)

    assert len(environment.asked) > 5
    assert environment.asked == set(rows)


def test_every_setting_is_explained() -> None:
    """Each key churn.toml holds has a row, but the names of tiers, which people choose."""
    rows = set(re.findall(r"^\| `(\w+)` \|", TEXT[DOCS / "settings.md"], re.MULTILINE))
    written = tomllib.loads((ROOT / "churn.toml").read_text("utf-8"))
    sections = [*written.pop("populations").values(), *written.values()]
    keys = {key for section in sections for key in section} - set(written["tiers"]["actions"])

    assert len(keys) > 30
    assert set() == keys - rows


def test_every_exit_code_is_explained() -> None:
    """Each kind of failure has a row with its code, and what to do about it."""
    row = re.compile(r"^\| (\d+) \| `(\w+)` \| \w+ \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
    written = row.findall(TEXT[DOCS / "exit-codes.md"])
    kinds = ChurnError.__subclasses__()

    assert len(kinds) > 10
    assert {(str(kind.exit_code), kind.__name__) for kind in kinds} == set(written)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    """A linked file exists, and a linked heading is on its page."""
    for target in LINK.findall(TEXT[path]):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        assert found.exists(), target
        if anchor:
            assert anchor in {slug(title) for title in HEADING.findall(TEXT[found])}, target


def slug(title: str) -> str:
    """Return the anchor GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_every_page_is_reached_from_the_readme() -> None:
    """A page nobody links to is a page nobody reads."""
    reached, waiting = {README}, [README]
    while waiting:
        path = waiting.pop()
        for target in LINK.findall(TEXT[path]):
            found = (path.parent / target.partition("#")[0]).resolve()
            if found in TEXT and found not in reached:
                reached.add(found)
                waiting.append(found)

    assert len(PAGES) > 20
    assert set(PAGES) == reached


def test_every_file_a_page_names_exists() -> None:
    """What a page says of a file of ours is of one that is there."""
    named = {
        name
        for text in TEXT.values()
        for name in re.findall(
            r"`((?:dags|dbt_project|docs|expectations|pipelines|sql|tests)/[\w/.-]+)`", text
        )
    }

    assert len(named) > 5
    assert [] == sorted(name for name in named if not (ROOT / name).exists())


def test_the_picture_of_the_night_asks_for_nothing_outside() -> None:
    """No font, script or picture is fetched when the README is read."""
    picture = (DOCS / "night.svg").read_text("utf-8")
    without_namespace = picture.replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert len((DOCS / "night.txt").read_text("utf-8").split("\n\n")) > 5
    assert [] == re.findall(r"://|@import|@font-face|url\(|href|<script", without_namespace)


def test_every_decision_has_its_four_headings() -> None:
    """A decision says what was chosen and what it costs."""
    decisions = [path for path in PAGES if re.match(r"\d{4}-", path.name)]
    expected = ["Status", "Context", "Decision", "Consequences"]

    assert len(decisions) > 3
    assert [] == [
        path.name
        for path in decisions
        if expected != re.findall(r"^## (.+)$", TEXT[path], re.MULTILINE)
    ]


def test_the_list_of_decisions_has_each_by_its_title() -> None:
    """A decision is found by what it says."""
    rows = {
        f"| [{number}]({path.name}) | {title} |"
        for path in PAGES
        if re.match(r"\d{4}-", path.name)
        for number, title in re.findall(r"\A# (\d{4}) (.+)$", TEXT[path], re.MULTILINE)
    }

    assert len(rows) > 3
    assert set() == rows - set(TEXT[DOCS / "decisions" / "README.md"].splitlines())


def test_the_page_of_features_is_what_dbt_declares() -> None:
    """docs/features.md names every feature of each mart's YAML, in its order."""
    populations = tomllib.loads((ROOT / "churn.toml").read_text("utf-8"))["populations"]
    _, *sections = re.split(r"^### .+`(\w+)`$", TEXT[DOCS / "features.md"], flags=re.MULTILINE)
    written = dict(zip(sections[::2], sections[1::2], strict=True))

    assert {population["feature_model"] for population in populations.values()} == set(written)
    for model, section in written.items():
        (path,) = (ROOT / "dbt_project" / "models").rglob(f"{model}.yml")
        (declared,) = yaml.safe_load(path.read_text("utf-8"))["models"]
        features = [
            column["name"]
            for column in declared["columns"]
            if "feature" in column.get("config", {}).get("meta", {})
        ]
        assert len(features) > 15
        assert features == re.findall(r"^\| (\w+) \|", section, re.MULTILINE)[1:]


def test_the_examples_are_as_churn_new_wrote_them() -> None:
    """Nobody has edited one; where the data are, a test makes them anew as well."""
    files = examples.written(examples.PROJECT)
    ledger = json.loads(files.pop(".written.json"))
    digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()}

    assert len(ledger) > 20
    assert ledger == digests
    assert len((examples.PROJECT / "README.md").read_text("utf-8").splitlines()) <= 40


def test_every_fault_of_the_suite_is_in_its_table() -> None:
    """docs/faults.json, which the page is made from, has a line of every test."""
    suite = {
        name
        for path in (ROOT / "tests" / "faults").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }

    assert len(suite) > 10
    assert set() == suite - {line.test for line in table.read(pages.FAULTS)}
