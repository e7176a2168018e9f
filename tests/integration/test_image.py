"""The image: what its Dockerfile installs is what runs, and nothing that checks or tests."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from pipelines.settings import ROOT
from tests.integration import image

QUESTION = """
import importlib.metadata as metadata, json, pipelines, pipelines.settings
print(json.dumps({
    "names": sorted({found.metadata["Name"] for found in metadata.distributions()}),
    "login": [found.value for found in metadata.entry_points(group="mlflow.app")
              if found.name == "churn-login"],
    "root": str(pipelines.settings.ROOT),
}))
"""


def names(lock: str) -> set[str]:
    """Return what a lock installs, each as its project is called."""
    text = (ROOT / "requirements" / lock).read_text("utf-8")

    return set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))


def test_every_image_is_named_by_digest() -> None:
    """A tag can be moved to other bytes; a digest cannot."""
    bases = re.findall(r"^FROM (\S+:\S+)", image.DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    compose = (ROOT / "docker-compose.yaml").read_text("utf-8")
    bases += re.findall(r"image: (\S+)", compose.replace("image: churn-nightly:0.1.0", ""))

    assert len(bases) == 7
    assert [] == [base for base in bases if not re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", base)]


def test_nothing_installs_the_tools_of_a_checkout() -> None:
    """Each stage has its lock, with hashes, and none of them is dev.txt or checks.txt."""
    text = image.DOCKERFILE.read_text("utf-8")
    locks = re.findall(r"-r requirements/(\w+)\.txt", text)

    assert ["uv", "build", "pipeline", "airflow", "alibi"] == locks
    assert text.count("--require-hashes") == len(locks)


@pytest.mark.slow
def test_the_stages_make_an_environment_that_runs(tmp_path: Path) -> None:
    """It has `churn`, MLflow's login and the package as a link, and nothing from dev.txt."""
    link = image.build("link", tmp_path, {})
    stage = image.build("pipeline", tmp_path, {"link": link})
    python = [stage / ".venv/bin/python", "-c", QUESTION]

    version = subprocess.check_output([stage / ".venv/bin/churn", "--version"], text=True)
    # Elsewhere than in this checkout, whose package a Python finds by being there.
    answer = json.loads(subprocess.check_output(python, cwd=tmp_path, text=True))

    assert "0.1.0\n" == version
    assert ["pipelines.adapters.local.mlflow_login:create_app"] == answer["login"]
    assert str(link) == answer["root"]
    has = {name.lower().replace("_", "-") for name in answer["names"]}
    assert len(has) > 100
    tools = names("dev.txt") | names("build.txt")
    assert set() == has & (tools - names("pipeline.txt"))
