"""Templates of files that hold templates themselves: ours are written `<< … >>`."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from pipelines.domain.features.contract import Feature

FOLDER = Path(__file__).parent


def render(name: str, told: Mapping[str, Any]) -> str:
    """Return the template *name* with what is *told* filled in."""
    return _environment().get_template(name).render(told)


@cache
def _environment() -> jinja2.Environment:
    """Return what reads the templates; a name that is not told is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  SQL, YAML and TOML; what people typed goes through a filter
    )
    environment.filters["json"] = _json
    environment.filters["literal"] = _literal
    environment.filters["meta"] = _meta

    return environment


def _json(value: object) -> str:
    """Return a value as JSON that is YAML and TOML as well: what cannot be printed is escaped."""
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}"
        for letter in json.dumps(value, ensure_ascii=False)
    )


def _literal(value: str) -> str:
    """Return a text as a literal of Jinja, in which dbt finds no template."""
    return _json(value).replace("{", "\\u007b").replace("}", "\\u007d")


def _meta(feature: Feature) -> str:
    """Return what a contract says of a feature, without what it says by default."""
    told: dict[str, Any] = {"kind": feature.kind, "title": feature.title}
    told |= {"unit": feature.unit} if feature.unit else {}
    told |= {"family": feature.family, "nullable": feature.nullable}
    told |= {"minimum": feature.minimum} if feature.minimum is not None else {}
    told |= {"maximum": feature.maximum} if feature.maximum is not None else {}
    told |= {"levels": [*feature.levels]} if feature.levels else {}

    return "{" + ", ".join(f"{key}: {_json(value)}" for key, value in told.items()) + "}"
