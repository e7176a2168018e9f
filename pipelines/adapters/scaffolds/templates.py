"""Templates of files that hold templates themselves: ours are written `<< … >>`."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from pipelines.domain.features.contract import Feature
from pipelines.domain.scaffolds.names import is_name, words

FOLDER = Path(__file__).parent
# What is neither of dbt's templates nor, as % is, of a statement with parameters.
PLAIN = re.compile(r"[^%\\{}\x00-\x1f\x7f-\x9f\u2028\u2029]*")
# What a word of YAML is without quotes.
WORD = re.compile(r"[A-Za-z][A-Za-z0-9 _()/-]*[A-Za-z0-9)]")
# Of the columns of a select, and of any line of SQL.
INDENT = " " * 8
DEEPER = INDENT + 4 * " "
LONGEST_LINE = 120
# Of a list of texts: after a comma that is in none of them.
BETWEEN_LITERALS = re.compile(r"(?<=(?<!\\)',) (?=')")
NO_WORDS = frozenset({"false", "no", "null", "off", "on", "true", "yes"})


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
    environment.filters.update(json=quoted, jinja=jinja_literal, sql=sql_literal, flow=flow)
    environment.filters.update(name=identifier, column=column, words=words, feature=feature_column)
    environment.filters.update(alias=alias, days_before=days_before)

    return environment


def quoted(value: object) -> str:
    """Return a value as JSON that is YAML and TOML as well: what cannot be printed is escaped."""
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}"
        for letter in json.dumps(value, ensure_ascii=False)
    )


def jinja_literal(value: str) -> str:
    """Return a text as a literal of Jinja, in which dbt finds no template."""
    return quoted(value).replace("{", "\\u007b").replace("}", "\\u007d")


def sql_literal(value: str) -> str:
    """Return *value* as a literal of SQL that nobody reads as a template."""
    doubled = value.replace("'", "''")
    if PLAIN.fullmatch(doubled):
        return f"'{doubled}'"
    escaped = "".join(
        letter if PLAIN.fullmatch(letter) else f"\\+{ord(letter):06x}" for letter in doubled
    )

    return f"U&'{escaped}'"


def column(expression: str, name: str) -> str:
    """Return a column of a select, on more lines if one is too long."""
    if len(f"{INDENT}{expression} as {name},") <= LONGEST_LINE:
        return f"{expression} as {name}"
    lines = [""]
    for part in BETWEEN_LITERALS.split(expression):
        if lines[-1] and len(f"{DEEPER}{lines[-1]}{part} ") > LONGEST_LINE:
            lines.append("")
        lines[-1] += f"{part} "
    told = f"\n{DEEPER}".join(line.rstrip() for line in lines)

    return f"{told}\n{DEEPER}as {name}"


def identifier(name: str) -> str:
    """Return the name of a column of somebody else's, in quotes where it needs them."""
    return name if is_name(name) or name == "occurred_at" else '"' + name.replace('"', '""') + '"'


def alias(name: str) -> str:
    """Return what a table is called in a join: its name, unless that is a word of SQL."""
    return name if is_name(name) else f"{name}_rows"


def days_before(days: int, date_text: str) -> str:
    """Return the date so many days before another, both as 2026-06-30."""
    return str(date.fromisoformat(date_text) - timedelta(days=days))


def flow(value: object) -> str:
    """Return *value* as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and WORD.fullmatch(value) and value.lower() not in NO_WORDS:
        return value

    return quoted(value)


def feature_column(feature: Feature, data_type: str, description: str) -> str:
    """Return a feature as a column of a model's YAML, on one line."""
    told = {
        key: value
        for key, value in asdict(feature).items()
        if key != "name" and value not in ("", None, ())
    }

    return flow(
        {
            "name": feature.name,
            "data_type": data_type,
            "description": description,
            "config": {"meta": {"feature": told}},
        }
    )
