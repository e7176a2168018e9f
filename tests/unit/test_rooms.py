"""How the package is laid out: small rooms, short modules, SQL in its places."""

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from pipelines.settings import ROOT

PACKAGE = ROOT / "pipelines"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What people are shown to type.
EXAMPLE = re.compile(r'churn sql "[^"]*"')
# Statements of SQL; words alone would find prose.
STATEMENT = re.compile(
    r"\b(select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from|truncate"
    r"|(create|alter|drop)\s+(or\s+replace\s+)?(table|view|schema|index|function|role))\b",
    re.IGNORECASE | re.DOTALL,
)
# Those of docs/examples, whose populations are called so.
DATA_SETS = re.compile("telco|retail", re.IGNORECASE)


@cache
def texts(path: Path) -> list[str]:
    """Return the strings of a module that are no docstrings; `{}` is what is put into them."""
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    plain = [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in told | parts
    ]

    return plain + [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for node in joined
    ]


def test_a_room_has_at_most_fifteen_modules() -> None:
    """Besides its `__init__`; more are two rooms."""
    counts = Counter(path.parent.relative_to(ROOT) for path in MODULES if path.stem != "__init__")

    assert len(counts) > 15
    assert {} == {str(room): count for room, count in counts.items() if count > 15}


def test_a_module_has_at_most_three_hundred_lines() -> None:
    """More are two nouns."""
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {} == {
        str(path.relative_to(ROOT)): count for path, count in lines.items() if count > 300
    }


def test_asking_for_help_reads_no_data() -> None:
    """What takes long to import is imported by the commands that use it."""
    heavy = {"numpy", "pandas", "pyarrow", "scipy", "sqlalchemy", "psycopg", "sklearn", "mlflow"}
    code = "import sys; import pipelines.cli.command; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    imported = {*done.stdout.split()}
    assert "pipelines.cli.night" in imported
    assert set() == imported & heavy


def test_sql_is_recognised() -> None:
    """Where it is written, the scan below finds it: in constants, f-strings and over lines."""
    found = [path for path in MODULES if any(map(STATEMENT.search, texts(path)))]

    assert len([path for path in found if path.is_relative_to(PACKAGE / "adapters")]) > 10


@pytest.mark.parametrize("room", ["api", "cli", "demo", "domain", "steps", "testing", "wiring"])
def test_sql_is_written_in_adapters_only(room: str) -> None:
    """Beside them in sql/ and dbt_project/, which are not Python."""
    found = {
        str(path.relative_to(ROOT)): text
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for text in texts(path)
        if STATEMENT.search(EXAMPLE.sub("", text))
    }

    assert {} == found


def test_nothing_of_ours_names_a_data_set() -> None:
    """Whose customers they are is said in a project; two migrations of before are history."""
    folders = ("pipelines", "dags", "sql", "dbt_project", "expectations")
    ends = {".py", ".sql", ".yml", ".toml", ".html", ".md"}
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))]
    found = {path: path.read_text("utf-8") for path in files if path.suffix in ends}
    named = {str(path.relative_to(ROOT)) for path, text in found.items() if DATA_SETS.search(text)}

    assert len(found) > 400
    assert {"sql/migrations/0001_raw.sql", "sql/migrations/0005_roles.sql"} == named
    assert DATA_SETS.search((ROOT / "churn.toml").read_text("utf-8")) is None
