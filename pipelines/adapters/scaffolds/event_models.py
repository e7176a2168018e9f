"""
The models of a log, as files of the project that has our package.

Templates are in events/, a file a model; `[[ ]]` and `[% %]` are filled in here, and `{{ }}` is
left to dbt.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2

from pipelines.domain.scaffolds.events.declaration import LONGEST_WINDOW, Declaration
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import KindColumn
from pipelines.domain.scaffolds.events.rhythm import PARTS_OF_DAY
from pipelines.domain.scaffolds.names import is_name, words

TEMPLATES = Path(__file__).with_name("events")
# What is neither of dbt's templates nor, as % is, of a statement with parameters.
PLAIN = re.compile(r"[^%\\{}\x00-\x1f\x7f-\x9f\u2028\u2029]*")
# What a word of YAML is without quotes.
WORD = re.compile(r"[A-Za-z][A-Za-z0-9 _()/-]*[A-Za-z0-9)]")
# Of the columns of a select, and of any line of SQL.
INDENT = " " * 8
LONGEST_LINE = 120
NO_WORDS = frozenset({"false", "no", "null", "off", "on", "true", "yes"})


def render(log: EventLog) -> Mapping[str, str]:
    """Return the text of each file by its path below `models/POPULATION/`."""
    environment = jinja2.Environment(
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  what people wrote goes through the filters below
        loader=jinja2.FileSystemLoader(TEMPLATES),
    )
    environment.filters.update(sql=literal, name=quoted, flow=flow, column=column, words=words)
    features = event_features(log)
    told: dict[str, Any] = {
        "log": log,
        "features": features,
        "longest": LONGEST_WINDOW,
        "parts_of_day": PARTS_OF_DAY,
        "feature_yaml": [_yaml(declaration) for declaration in features],
    }

    files = {
        path: environment.get_template(template).render(told)
        for path, template in _files(log).items()
    }
    for kind in log.kinds:
        for suffix in ("sql", "yml"):
            text = environment.get_template(f"kinds.{suffix}").render(told, kind=kind)
            files[f"intermediate/{_counted(log, kind)}.{suffix}"] = text

    return files


def literal(value: str) -> str:
    """Return *value* as a literal of SQL that nobody reads as a template."""
    doubled = value.replace("'", "''")
    if PLAIN.fullmatch(doubled):
        return f"'{doubled}'"
    escaped = "".join(
        letter if PLAIN.fullmatch(letter) else f"\\+{ord(letter):06x}" for letter in doubled
    )

    return f"U&'{escaped}'"


def column(expression: str, name: str) -> str:
    """Return a column of a select, its name on a second line if one is too long."""
    if len(f"{INDENT}{expression} as {name},") <= LONGEST_LINE:
        return f"{expression} as {name}"

    return f"{expression}\n{INDENT}    as {name}"


def quoted(name: str) -> str:
    """Return the name of a column of somebody else's, in quotes where it needs them."""
    return name if is_name(name) or name == "occurred_at" else '"' + name.replace('"', '""') + '"'


def flow(value: object) -> str:
    """Return *value* as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and WORD.fullmatch(value) and value.lower() not in NO_WORDS:
        return value

    return json.dumps(value, ensure_ascii=False)


def _files(log: EventLog) -> Mapping[str, str]:
    """Return the template of each file that there is once."""
    name = log.population
    models = {
        f"staging/{log.staging}": "staging",
        f"intermediate/int_{name}_days_aggregated": "days_aggregated",
        f"intermediate/int_{name}_days_known": "days_known",
        f"marts/fct_{name}_features": "features",
        f"marts/fct_{name}_labels": "labels",
    }
    if log.session is not None:
        models[f"intermediate/int_{name}_sessions_measured"] = "sessions"
    files = {
        f"{path}.{suffix}": f"{template}.{suffix}"
        for path, template in models.items()
        for suffix in ("sql", "yml")
    }

    return {f"staging/_{name}__sources.yml": "sources.yml", **files}


def _counted(log: EventLog, kind: KindColumn) -> str:
    """Return the name of the model that counts different kinds."""
    return f"int_{log.population}_{kind.stem}_counted"


def _yaml(declaration: Declaration) -> str:
    """Return a feature as a column of a model's YAML."""
    feature = {
        key: value
        for key, value in asdict(declaration.feature).items()
        if key != "name" and value not in ("", None, ())
    }

    return flow(
        {
            "name": declaration.name,
            "data_type": declaration.data_type,
            "description": declaration.description,
            "config": {"meta": {"feature": feature}},
        }
    )
