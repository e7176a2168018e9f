"""
What dbt parsed, kept until the project, its schemas or its settings change: half of what it costs.

Dates are no part of a project: they are rendered when a model is built. A manifest that holds one
of the call's dates all the same, or a project that reads its environment, is parsed every time.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Where dbt leaves it in its target.
NAME = "partial_parse.msgpack"
DATES = ("as_ofs", "label_as_ofs", "known_at")
SUFFIXES = frozenset({".sql", ".yml", ".yaml"})
PROFILES = "profiles.yml"
PACKAGES_FOLDER = "dbt_packages"
# A manifest of other versions of these may not be read; dbt writes it with the last two.
PACKAGES = ("dbt-core", "dbt-postgres", "mashumaro", "msgpack")


def project_digest(project_dir: Path) -> str:
    """Return 16 hexadecimal digits of what the models, macros and settings of a project say."""
    digest = hashlib.sha256()
    for path in _files(project_dir):
        digest.update(f"{path.relative_to(project_dir)}\0".encode())
        digest.update(path.read_bytes())

    return digest.hexdigest()[:16]


def manifest_path(
    project_dir: Path, state: Path, *, database: str, schema: str, variables: Mapping[str, Any]
) -> Path:
    """
    Name the file for a manifest of *project_dir*, which need not exist.

    Args:
        project_dir: Folder of dbt_project.yml.
        state: Folder the file is in.
        database: The database that tables are named in.
        schema: The schema models are built in.
        variables: Of the call; its dates make no difference.
    """
    baked = {name: value for name, value in variables.items() if name not in DATES}
    versions = [version(package) for package in PACKAGES]
    told = json.dumps([versions, database, schema, baked], sort_keys=True)
    variant = hashlib.sha256(told.encode()).hexdigest()[:16]

    return state / f"parsed-{project_digest(project_dir)}-{variant}.msgpack"


def keep(target: Path, project_dir: Path, path: Path, variables: Mapping[str, Any]) -> None:
    """
    Keep the manifest that dbt has just parsed into *target*, if every later call may use it.

    Its sha256 comes first: one that lost its models would load, and there would be nothing to do.
    """
    found = target / NAME
    if not found.exists():
        return
    manifest = found.read_bytes()
    if _reads_environment(project_dir) or any(
        day.encode() in manifest for day in _dates(variables)
    ):
        return
    digest = path.name.rsplit("-", 1)[0]
    for other in path.parent.glob("parsed-*.msgpack"):
        if not other.name.startswith(digest):
            other.unlink(missing_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(hashlib.sha256(manifest).digest() + manifest)
    partial.replace(path)


def _files(project_dir: Path) -> list[Path]:
    """Return the files dbt parses: the project's own, and those of packages that are linked to."""
    packages = (path for path in (project_dir / PACKAGES_FOLDER).glob("*") if path.is_symlink())
    found = (path for folder in (project_dir, *packages) for path in folder.rglob("*"))

    return sorted(path for path in found if path.suffix in SUFFIXES)


def _reads_environment(project_dir: Path) -> bool:
    """Tell whether a file besides the profile, which is read in every call, asks for a variable."""
    return any(
        b"env_var(" in path.read_bytes() for path in _files(project_dir) if path.name != PROFILES
    )


def _dates(variables: Mapping[str, Any]) -> Iterable[str]:
    """Return the dates of a call, ISO."""
    for name in DATES:
        value = variables.get(name, ())
        yield from (value,) if isinstance(value, str) else map(str, value)
