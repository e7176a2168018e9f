"""The suites of expectations/: Great Expectations' types and arguments, in TOML."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.domain.gates.batch import KeyLookup
from pipelines.domain.gates.check import Check, CheckSeverity
from pipelines.domain.gates.suite import Suite
from pipelines.errors import ConfigError

# A value beyond what was seen before is news about one customer, many are about the feed.
MOSTLY_WITHIN = 0.99


class _Section(BaseModel):
    """A table of a suite, without room for keys nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Meta(_Section):
    """What Great Expectations does not know: how bad a failure is and whose it is."""

    severity: CheckSeverity
    owner: str


class _Expectation(_Section):
    """One expectation."""

    type: str = Field(pattern="^expect_[a-z0-9_]+$")
    kwargs: dict[str, Any] = {}
    meta: _Meta


class _Lookup(_Section):
    """A key and the table that should know it."""

    column: str
    table: str


class _File(_Section):
    """One suite."""

    stands_in: str | None = Field(None, pattern=r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$")
    as_of: str = ""
    known_within_days: int | None = Field(None, ge=1)
    references: dict[str, _Lookup] = {}
    types: dict[str, list[str]] = {}
    bounds: dict[str, tuple[float, float]] = {}
    expectations: list[_Expectation] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_rows_of_a_night(self) -> "_File":
        """Refuse a table elsewhere whose rows of the night nobody can tell."""
        if (self.stands_in is None) != (not self.as_of):
            raise ValueError("stands_in and as_of, the column of its dates, go together")
        if self.stands_in and (self.known_within_days or self.references):
            raise ValueError("known_within_days and references are of raw tables")

        return self


@dataclass(frozen=True)
class SuiteFolder:
    """
    The folder of the suites.

    Attributes:
        folder: Holds features.toml, scores.toml and sources/<table>.toml; of a population that
            wants its own, scores/<population>.toml.
        own: Another one, whose files come before those; None where there is none.
    """

    folder: Path
    own: Path | None = None

    def source(self, table: str) -> Suite:
        """
        Return the suite of one raw table.

        Raises:
            ConfigError: There is none, or it is not legal.
        """
        return _read(self._path("sources", f"{table}.toml"))

    def features(self) -> Suite:
        """Return what is expected of every feature table beyond its contract."""
        return _read(self._path("features.toml"))

    def scores(self, population: str) -> Suite:
        """Return what is expected of the lists of a population: its own suite, or every list's."""
        own = self._path("scores", f"{population}.toml")

        return _read(own if own.exists() else self._path("scores.toml"))

    def _path(self, *parts: str) -> Path:
        """Return where a suite is, or would be."""
        own = self.own and self.own.joinpath(*parts)

        return own if own and own.exists() else self.folder.joinpath(*parts)


def _read(path: Path) -> Suite:
    """Read one suite, refusing what nobody reads."""
    origin = f"expectations/{path.parent.name}/{path.name}"
    if path.parent.name not in {"sources", "scores"}:
        origin = f"expectations/{path.name}"
    edit = f"edit {path}"
    try:
        suite = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise ConfigError(
            f"{origin} does not exist, so the gate has nothing to check",
            next_step=f"write {path} like its neighbours",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin} is not TOML: {error}", next_step=edit) from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigError(
            f"{origin}: {error.error_count()} fault(s): {faults}; legal keys are "
            "stands_in, as_of, known_within_days, references.<name>.{column,table}, "
            "types.<type>, bounds.<column> and expectations.{type,kwargs,meta.severity,meta.owner}",
            next_step=edit,
        ) from None

    written = (
        Check(
            expectation=item.type,
            kwargs=item.kwargs,
            origin=origin,
            severity=item.meta.severity,
            owner=item.meta.owner,
        )
        for item in suite.expectations
    )
    typed = (
        Check(
            "expect_column_values_to_be_in_type_list",
            {"column": column, "type_list": [kind]},
            origin,
            owner="engineer",
        )
        for kind, columns in suite.types.items()
        for column in columns
    )
    bounded = (
        Check(
            "expect_column_values_to_be_between",
            {"column": column, "min_value": low, "max_value": high, "mostly": MOSTLY_WITHIN},
            origin,
        )
        for column, (low, high) in suite.bounds.items()
    )

    schema, _, table = (suite.stands_in or "").partition(".")

    return Suite(
        checks=(*written, *typed, *bounded),
        stands_in=(schema, table) if table else None,
        as_of=suite.as_of,
        known_within_days=suite.known_within_days,
        lookups=tuple(
            KeyLookup(name, lookup.column, lookup.table)
            for name, lookup in suite.references.items()
        ),
    )
