"""Every key of churn.toml: what it is, what holds without it, and what it may be."""

import inspect
import json
import re
import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, BeforeValidator, TypeAdapter

from docs.generate.blocks import table
from docs.generate.comments import Comments, comments
from pipelines.settings import ROOT, Settings

COLUMNS = ("key", "is", "without it", "may be")
# A line of a docstring's `Attributes:`, and the lines that continue it.
ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n     +.+)*)", re.MULTILINE)
LIMITS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"),
)
TYPES = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "object": "a table",
}

Schema = Mapping[str, Any]


def settings() -> str:
    """Return a section for each table of churn.toml, and for each kind of table within one."""
    text = (ROOT / "churn.toml").read_text("utf-8")
    written, said = tomllib.loads(text), comments(text)
    sections = []
    for name, field in Settings.model_fields.items():
        if name not in written:
            continue
        tables, (kind, *_) = {name: written[name]}, _tables(field.annotation)
        title = f"`[{name}]`"
        if field.annotation is not kind:  # tables of one kind, each with a name of its own
            tables = {f"{name}.{own}": values for own, values in written[name].items()}
            title = f"`[{name}.NAME]`"
        if any(isinstance(item, BeforeValidator) for item in field.metadata):
            own = {item.name for item in fields(kind)}
            sections.append(free_section(name, written[name], said, own=own))
            continue
        sections.append(section(title, kind, tables, said))

        users: dict[type, list[str]] = {}
        for key in TypeAdapter(kind).json_schema()["properties"]:
            for inner in _tables(get_type_hints(kind)[key]):
                users.setdefault(inner, []).append(f"`{key}`")
        for inner, keys in users.items():
            sections.append(section(f"In {', '.join(keys)}", inner, {}, said))

    return "\n\n".join(sections)


def free_section(
    name: str, values: Mapping[str, Any], said: Comments, own: Container[str] = ()
) -> str:
    """
    Return the same of a table whose keys are names that people choose: one row for all of those.

    Args:
        name: The table; its comment says what it is for.
        values: What churn.toml has in it; tables in it have names of ours.
        said: The comments of churn.toml.
        own: Other names that are ours.

    Raises:
        LookupError: A key has no comment.
    """
    rows: dict[tuple[str, str], None] = {}
    for key, value in values.items():
        if (name, key) not in said:
            raise LookupError(f"[{name}] {key}: explain it in churn.toml")
        is_ours = key in own or isinstance(value, dict)
        rows[f"`{key if is_ours else 'NAME'}`", said[name, key]] = None

    return "\n\n".join([f"### `[{name}]`", said["", name], table(COLUMNS[:2], rows)])


def section(title: str, kind: type, tables: Mapping[str, Mapping[str, Any]], said: Comments) -> str:
    """
    Return a heading, what the table is for, and a row a key.

    Args:
        title: The heading.
        kind: Class of the table.
        tables: The tables of this kind in churn.toml, by name.
        said: The comments of churn.toml.

    Raises:
        LookupError: A key is explained nowhere.
    """
    schema = TypeAdapter(kind).json_schema()
    properties: dict[str, Schema] = schema["properties"]
    ranges: Mapping[str, object] = getattr(kind, "RANGES", {})
    keys = dict.fromkeys([*(key for values in tables.values() for key in values), *properties])
    text = inspect.getdoc(kind) or ""
    attributes = dict(ATTRIBUTE.findall(text))
    rows = []
    for key in keys:
        words = [said[name, key] for name in tables if (name, key) in said]
        words += [attributes[key]] if key in attributes else []
        if not words:
            raise LookupError(f"{title} {key}: explain it in churn.toml or in {kind.__name__}")
        shape = properties[key]
        legal = [_legal(shape), *([str(ranges[key])] if key in ranges else [])]
        rows.append((f"`{key}`", " ".join(words[0].split()), _without(shape), ", ".join(legal)))

    above = [said["", name] for name in tables if ("", name) in said]
    purpose = above[0] if above else text.split("\n\n")[0]

    return "\n\n".join([f"### {title}", purpose, table(COLUMNS, rows)])


def _tables(annotation: Any) -> Iterator[type]:  # noqa: ANN401  whatever stands behind a colon
    """Yield the classes in *annotation* that are read from a table."""
    if isinstance(annotation, type) and (
        issubclass(annotation, BaseModel) or hasattr(annotation, "__dataclass_fields__")
    ):
        yield annotation
    for part in get_args(annotation):
        yield from _tables(part)


def _without(schema: Schema) -> str:
    """Return what holds where the key is left out."""
    if "default" not in schema:
        return "required"
    value = schema["default"]
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        given = (f"{key} = {number}" for key, number in value.items() if number is not None)
        return f"`{{ {', '.join(given)} }}`"

    return f"`{json.dumps(value)}`"


def _legal(schema: Schema) -> str:
    """Return which values are legal."""
    if "anyOf" in schema:
        return " or ".join(_legal(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        least = ", not empty," if schema.get("minItems") else ""
        return f"a list{least} of {_legal(schema['items'])}"
    if "pattern" in schema:
        return f"text, `{schema['pattern']}`"
    limits = [words.format(f"{schema[key]:,}") for key, words in LIMITS if key in schema]

    return ", ".join([_kind(schema), *([" and ".join(limits)] if limits else [])])


def _kind(schema: Schema) -> str:
    """Return what a value without a list of legal ones is."""
    if "$ref" in schema:
        return "a table, see below"
    if schema.get("format") == "date":
        return "a date"

    return TYPES[schema.get("type", "object")]
