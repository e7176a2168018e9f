"""Stages of the Dockerfile carried out in a folder, without Docker."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from pipelines.settings import ROOT

DOCKERFILE = ROOT / "Dockerfile"
WORKDIR = "/opt/churn"


def stages() -> dict[str, list[tuple[str, str]]]:
    """Return the instructions of each stage, by its name; the last one is called `image`."""
    joined = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, list[tuple[str, str]]] = {}
    for line in re.sub(r"\\\n\s*", "", joined).splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            _, _, name = rest.partition(" AS ")
            current = found.setdefault(name or "image", [])
        elif word:
            current.append((word, rest))

    return found


def build(name: str, into: Path, others: dict[str, Path]) -> Path:
    """
    Carry out COPY and RUN of one stage in a folder that stands for WORKDIR, and return it.

    Args:
        name: The stage.
        into: Where the folder is made.
        others: Folders of the stages it copies from.
    """
    folder = into / name
    folder.mkdir()
    # What the stage before it installs, as `make` has installed it here.
    (folder / ".uv").symlink_to(ROOT / ".uv")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    for word, rest in stages()[name]:
        if word == "RUN":
            command = rest.replace(WORKDIR, str(folder))
            subprocess.run(["bash", "-euc", command], cwd=folder, check=True, env=_environ())
        elif word == "COPY":
            _copy(shlex.split(rest), folder, others)

    return folder


def _copy(words: list[str], folder: Path, others: dict[str, Path]) -> None:
    """Carry out one COPY."""
    origin = ROOT
    if words[0].startswith("--from="):
        origin = others[words.pop(0).removeprefix("--from=")]
    *sources, target = words
    for source in sources:
        path = origin / source.removeprefix(f"{WORKDIR}/")
        if path.is_dir():
            shutil.copytree(path, folder / target, dirs_exist_ok=True, symlinks=True)
        else:
            shutil.copy2(path, folder / target)


def _environ() -> dict[str, str]:
    """Return the environment, without the one the tests run in."""
    return {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
