"""Any table as a population: files that say what was decided, or a refusal that says why."""

import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import jinja2
import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.adapters.files import declarations
from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.adapters.scaffolds import contract_models, flat_models, log_models
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.made import Made
from pipelines.errors import ConfigError, ImportRefused
from pipelines.steps.data.inspect import inspect
from pipelines.steps.data.new_population import new_population
from pipelines.testing.sources import MemorySourceTable
from tests.security import examples

DAY = date(2026, 11, 1)
ROWS = 60
NASTY = st.sampled_from(
    [
        *("{{ env_var('HOME') }}", "{% raw %}", "'; drop table x --", '"', "\\", "# no", "- a: b"),
        *(
            "null",
            "no",
            "on",
            "=1+1",
            "\x7f",
            "\u2028",
            "a\tb",
            "É",
            "漢字",
            "customer_id",
            "as_of",
        ),
    ]
)
# A source names a column that has no name.
HEADER = (st.text(max_size=70) | NASTY).filter(str.strip)
VALUE = st.text(max_size=12) | NASTY | st.integers(-9, 9).map(str)


@st.composite
def tables(draw: st.DrawFn) -> MemorySourceTable:
    """Return a table whose headers and values are anything; some are customers, some are a log."""
    headers = draw(st.lists(HEADER, unique=True, min_size=3, max_size=8))
    columns = []
    for _ in headers:
        levels = draw(st.lists(VALUE, min_size=1, max_size=5))
        columns.append([levels[row % len(levels)] for row in range(ROWS)])
    is_log = draw(st.booleans())
    columns[0] = [f"c{row % 9 if is_log else row}" for row in range(ROWS)]
    if draw(st.booleans()):
        gone, stayed = draw(st.lists(VALUE.filter(str.strip), unique=True, min_size=2, max_size=2))
        columns[-1] = [stayed if row % 3 else gone for row in range(ROWS)]
    # A log without times is refused, whatever else it is.
    if draw(st.integers(0, 7) if is_log else st.booleans()):
        # Weeks apart they may be periods of a table, days apart they are none.
        apart = draw(st.sampled_from([1, 7]))
        columns[1] = [str(DAY - timedelta(days=apart * row)) for row in range(ROWS)]
        if draw(st.booleans()):
            columns[2] = [str(DAY - timedelta(days=row)) if row % 3 else "" for row in range(ROWS)]

    return MemorySourceTable(
        pa.table({name: pa.array(its) for name, its in zip(headers, columns, strict=True)}),
        name=draw(st.sampled_from(["people", "no", "Ünï {{ x }}"])),
        origin=draw(VALUE.filter(str.strip)),
    )


@st.composite
def businesses(draw: st.DrawFn) -> list[MemorySourceTable]:
    """Return two or three tables, of which most have a column that is called as the first's."""
    found = [draw(tables())]
    for number in range(draw(st.integers(1, 2))):
        more = draw(tables())
        headers = list(more.schema.names)
        own = found[0].schema.names[0]
        if own not in headers and draw(st.integers(0, 3)):
            headers[draw(st.integers(0, 1)) and -1] = own
        name = draw(st.sampled_from([f"more {number}", more.name]))
        found.append(replace(more, rows=more.rows.rename_columns(headers), name=name))

    return found


def test_whatever_is_written_can_be_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """TOML, YAML and Jinja as they are meant; names that need no quotes; nothing else is raised."""
    ends: set[str] = set()

    @examples.settings()
    @given(table=tables(), data=st.data())
    def holds(table: MemorySourceTable, data: st.DataObject) -> None:
        headers = table.schema.names
        choice = st.sampled_from(headers)
        gone = data.draw(st.sampled_from([(), (), ("no events in 14d",), ("events in 14d",), None]))
        if gone is None:
            gone = (f"{data.draw(choice)}={data.draw(VALUE)} in 14d",)
        try:
            inspection = inspect(
                sources=[table],
                as_of=DAY,
                label=None if gone else data.draw(st.just(headers[-1]) | choice),
                most_rows=1000,
            )
            population = new_population(
                answers=Answers("shop", key=headers[0], gone=gone),
                inspection=inspection,
                house={},
            )
        except (ImportRefused, ConfigError):
            ends.add("refused")
            return
        ends.add(type(population).__name__)
        _look(population, tmp_path_factory.mktemp("project"))

    holds()
    assert {"refused", "FlatPopulation", "LogPopulation", "ContractPopulation"} == ends


@pytest.mark.story
def test_whatever_is_written_of_several_tables_can_be_read(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same of tables that may lead to one another, or only seem to."""
    ends: set[str] = set()

    @examples.settings()
    @given(found=businesses(), data=st.data())
    def holds(found: list[MemorySourceTable], data: st.DataObject) -> None:
        headers = [name for table in found for name in table.schema.names]
        choice, likely = st.sampled_from(headers), st.just(found[0].schema.names[-1])
        named = st.sampled_from([table.name for table in found])
        gone = data.draw(
            st.just(())
            | st.sampled_from([(), ("no events in 14d",), None])
            | named.map(lambda name: (f"no {name} in 14d",))
            | named.map(lambda name: (f"{name} in 14d",))
        )
        if gone is None:
            gone = (f"{data.draw(choice)}={data.draw(VALUE)} in 14d",)
        try:
            inspection = inspect(
                sources=found,
                as_of=DAY,
                label=None if gone else data.draw(likely | choice),
                most_rows=1000,
            )
            population = new_population(
                answers=Answers("shop", key=headers[0], gone=gone),
                inspection=inspection,
                house={},
            )
        except (ImportRefused, ConfigError):
            ends.add("refused")
            return
        ends.add(f"{type(population).__name__}{' and more' if population.beside else ''}")
        _look(population, tmp_path_factory.mktemp("project"))

    holds()
    assert "refused" in ends
    assert any(end.endswith("and more") for end in ends)


def _look(population: Made, folder: Path) -> None:
    """Read everything that is written of a population."""
    if isinstance(population, FlatPopulation):
        files, section = flat_models.render(population), flat_models.section(population)
    elif isinstance(population, ContractPopulation):
        files, section = contract_models.render(population), contract_models.section(population)
    else:
        files, section = log_models.render(population), log_models.section(population)
    for path, text in files.items():
        if path.endswith(".toml"):
            tomllib.loads(text)
        if path.endswith(".yml"):
            _plain(yaml.load(text, Loader=yaml.CSafeLoader))
        if path.endswith(".sql"):
            # Calls to macros of ours and of dbt alone.
            called = re.findall(r"\b(\w+(?:\.\w+)?)\(", " ".join(_expressions(text)))
            assert {name.partition(".")[0] for name in called} <= {"churn", "ref", "source", "var"}
    ProjectFolder(folder).put("shop", files, section)

    declared = declarations.read(folder, "shop").tables
    assert {table.name for table in population.tables} == {table.name for table in declared}
    for table in population.tables:
        (read,) = (each for each in declared if each.name == table.name)
        assert table.columns == read.columns
        assert dict(table.dropped) == dict(read.dropped)
        assert (table.origin, table.label, table.is_open) == (
            read.origin,
            read.label,
            read.is_open,
        )


def _expressions(text: str) -> list[str]:
    """Return what dbt would evaluate in a model, without its texts."""
    tokens = list(jinja2.Environment(autoescape=True).lex(text))

    return [
        value if kind != "string" else "''"
        for _, kind, value in tokens
        if kind not in {"data", "variable_begin", "variable_end"}
    ]


def _plain(told: object) -> None:
    """Refuse a template in what dbt renders, but for the schema of raw tables."""
    if isinstance(told, dict):
        for key, value in told.items():
            _plain(key)
            _plain(value)
    elif isinstance(told, list):
        for value in told:
            _plain(value)
    elif isinstance(told, str) and "raw_schema" not in told:
        assert "{{" not in told
        assert "{%" not in told
