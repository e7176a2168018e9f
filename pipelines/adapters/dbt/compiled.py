"""Feature models as dbt compiled them, with everything they read, taken from its manifest."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.domain.features.compiled import CompiledModel


def read(manifest: Path, tables: Sequence[str], dates: Sequence[str]) -> dict[str, CompiledModel]:
    """
    Return how *tables* were compiled; those that were not are left out.

    Args:
        manifest: As dbt wrote it at the end of a build.
        tables: Names of feature models.
        dates: As_ofs of the build, ISO.
    """
    if not manifest.exists():
        return {}
    found = json.loads(manifest.read_text("utf-8"))
    nodes, sources = found["nodes"], found["sources"]
    models = {node["name"]: key for key, node in nodes.items() if _is_compiled(node)}

    return {
        table: _compiled(models[table], nodes, sources, tuple(dates))
        for table in tables
        if table in models
    }


def _compiled(
    key: str,
    nodes: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Mapping[str, Any]],
    dates: tuple[str, ...],
) -> CompiledModel:
    """Return one model."""
    read = dict.fromkeys(_read_by(key, nodes))
    stored = [nodes[each] for each in read if each in nodes and _is_stored(nodes[each])]
    told = [sources[each] for each in read if each in sources]

    return CompiledModel(
        table=nodes[key]["name"],
        query=nodes[key]["compiled_code"],
        models={node["relation_name"]: node["compiled_code"] for node in stored},
        sources={each["relation_name"]: (each["schema"], each["identifier"]) for each in told},
        dates=dates,
    )


def _read_by(key: str, nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield everything a model reads, each after what it reads itself."""
    for each in nodes[key]["depends_on"]["nodes"]:
        if each in nodes:
            yield from _read_by(each, nodes)
        yield each


def _is_compiled(node: Mapping[str, Any]) -> bool:
    """Tell whether a node is a model that this call of dbt has compiled."""
    return node["resource_type"] == "model" and bool(node.get("compiled_code"))


def _is_stored(node: Mapping[str, Any]) -> bool:
    """Tell whether a model is read by a name; of the others the SQL stands in who reads them."""
    return _is_compiled(node) and node["config"]["materialized"] != "ephemeral"
