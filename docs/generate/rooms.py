"""The folders of the package and which may import which, from docstrings and pyproject.toml."""

import ast
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs.generate.blocks import table
from pipelines.settings import ROOT


def rooms() -> str:
    """Return a row a folder of the package: its name and what its docstring says it is about."""
    return table(
        ("folder", "is about"),
        (
            (f"`{path.parent.relative_to(ROOT)}/`", _purpose(path))
            for path in sorted((ROOT / "pipelines").glob("**/*/__init__.py"))
        ),
    )


def imports() -> str:
    """Return the directions import-linter enforces: what is to the left may import the rest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = [
        f"{contract['name']}:\n  {_directions(contract)}"
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]

    return "\n".join(["```", "\n\n".join(layers), "```"])


def _purpose(path: Path) -> str:
    """Return the first paragraph of a package's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""

    return " ".join(text.split("\n\n")[0].split())


def _directions(contract: Mapping[str, Any]) -> str:
    """Return the layers of a contract, those of one height in brackets."""
    named = (layer.replace("pipelines.", "") for layer in contract["layers"])

    return " → ".join(f"({layer})" if "|" in layer else layer for layer in named)
