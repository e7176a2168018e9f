"""The folder people own: settings, sources, dbt models and expectations of their customers."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipelines.domain.scaffolds.changes import Change, change
from pipelines.errors import ConfigError

# What was written, by path: whoever changes a file keeps it.
LEDGER = ".written.json"
SETTINGS = "churn.toml"
DBT = "dbt_project.yml"
SETTINGS_HEAD = """\
# Your own populations, laid over the churn.toml of the house: what you set here holds.
# docs/settings.md lists all there is.

"""
DBT_HEAD = """\
# Your own models. Their macros are the house's: `churn` in dbt_packages.
# A population is a folder below models, and a line here.
name: my
version: "1.0.0"
config-version: 2
profile: churn

# What the nights set; dbt wants a value to read the models without them.
vars:
  raw_schema: raw
  as_ofs: []
  label_as_ofs: []
  known_at: "1970-01-01"

models:
  # Those of the house are built by the house.
  churn:
    +enabled: false
  my:
    # Views would be replaced under the feet of a night that runs beside this one.
    +materialized: ephemeral
    "{name}": &population
      staging:
        +materialized: view
        # Or a view would show raw records to whoever may read the view.
        +post-hook: "alter view {{{{ this }}}} set (security_invoker = true)"
      marts:
        +materialized: incremental
        +incremental_strategy: delete+insert
        +unique_key: as_of
        +on_schema_change: append_new_columns
        # History was built from what was known on each day; a rebuild goes by as_of, never by drop.
        +full_refresh: false
        +pre-hook: ["{{{{ churn.prefer_hashes() }}}}", "{{{{ churn.forget_as_ofs() }}}}"]
        +contract: {{enforced: true}}
        +indexes: [{{columns: [as_of, customer_id], unique: true}}]
"""


@dataclass(frozen=True)
class ProjectFolder:
    """
    Somebody's own folder.

    Attributes:
        folder: Where it is; made when something is written.
    """

    folder: Path

    def compare(self, population: str, files: Mapping[str, str], section: str) -> list[Change]:
        """
        Return what `put` would do.

        Raises:
            ConfigError: A file cannot be read, or not be added to.
        """
        return [item for item, _ in self._planned(population, files, section)]

    def put(self, population: str, files: Mapping[str, str], section: str) -> list[Change]:
        """
        Write the files of a population that are new, or as they were written the last time.

        The settings come last: before them nobody knows the population.

        Args:
            population: Its name.
            files: Text of each, by path.
            section: Its table of churn.toml.

        Raises:
            ConfigError: A file cannot be read, written or added to.
        """
        planned = self._planned(population, files, section)
        written = self._written()
        try:
            for item, text in planned:
                if item.effect in {"new", "renewed", "extended"}:
                    _replace(self.folder / item.path, text)
                if item.effect != "kept":
                    written[item.path] = _digest(text)
            _replace(self.folder / LEDGER, json.dumps(written, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise ConfigError(
                f"{self.folder} cannot be written: {error.strerror}",
                next_step="set CHURN_PROJECT to a folder of yours",
            ) from None

        return [item for item, _ in planned]

    def _planned(
        self, population: str, files: Mapping[str, str], section: str
    ) -> list[tuple[Change, str]]:
        """Return what becomes of each file, with the whole text it would have."""
        written = self._written()
        planned = []
        for path, wanted in files.items():
            found = self._text(path)
            is_edited = found is not None and _digest(found) != written.get(path)
            planned.append((change(path, wanted=wanted, found=found, is_edited=is_edited), wanted))

        return [*planned, self._dbt(population), self._settings(population, section)]

    def _settings(self, population: str, section: str) -> tuple[Change, str]:
        """Return churn.toml with the table of a population, if it has none."""
        found = self._text(SETTINGS)
        text = SETTINGS_HEAD if found is None else found
        try:
            there = tomllib.loads(text).get("populations", {}).get(population)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(
                f"{self.folder / SETTINGS} is not TOML: {error}",
                next_step=f"edit {self.folder / SETTINGS}",
            ) from None
        if there is None:
            wanted = text.rstrip("\n") + "\n\n" + section
            return Change(SETTINGS, "new" if found is None else "extended"), wanted
        if there == tomllib.loads(section)["populations"][population]:
            return Change(SETTINGS, "same"), text

        return Change(
            SETTINGS, "kept", "".join(f"+{line}\n" for line in section.splitlines())
        ), text

    def _dbt(self, population: str) -> tuple[Change, str]:
        """Return dbt_project.yml with the line of a population."""
        found = self._text(DBT)
        if found is None:
            return Change(DBT, "new"), DBT_HEAD.format(name=population)
        own = _populations(found)
        if population in own:
            return Change(DBT, "same"), found
        wanted = found.rstrip("\n") + f'\n    "{population}": *population\n'
        added = _populations(wanted)
        if not own or added.get(population) != next(iter(own.values())):
            path = self.folder / DBT
            raise ConfigError(
                f"{path} was changed so that {population} cannot be added at its end",
                next_step=f"add `{population}` below models: my: in {path}, with the settings its "
                "other populations have",
            )

        return Change(DBT, "extended"), wanted

    def _text(self, path: str) -> str | None:
        """Return what a file says, None where there is none."""
        try:
            return (self.folder / path).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self.folder / path} cannot be read: {error}",
                next_step=f"look at {self.folder / path}",
            ) from None

    def _written(self) -> dict[str, str]:
        """Return the digest of each file as it was written; nothing where that is not known."""
        try:
            return dict(json.loads(self._text(LEDGER) or "{}"))
        except ValueError:
            return {}


def _populations(text: str) -> dict[str, object]:
    """Return the settings of each population in a dbt_project.yml; nothing where it has none."""
    try:
        own = yaml.safe_load(text)["models"]["my"]
    except (yaml.YAMLError, KeyError, TypeError):
        return {}

    return {name: it for name, it in own.items() if isinstance(it, dict)} if own else {}


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


def _digest(text: str) -> str:
    """Return what a text is recognised by."""
    return hashlib.sha256(text.encode()).hexdigest()
