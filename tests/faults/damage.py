"""What can happen to the bytes of a file, and to a model directory."""

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.adapters.models.directory import MANIFEST
from pipelines.domain.scoring.versions import ModelVersion
from tests.faults.business import POPULATION, Business

CANARY = "import pathlib; pathlib.Path({!r}).touch()\n"
PICKLE = "cposix\nsystem\n(S'touch {}'\ntR."
MLMODEL = "flavors:\n  python_function:\n    loader_module: canary\n    data: data\n"


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halve(path: Path) -> None:
    """Cut a file in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    """Cut a file to nothing."""
    path.write_bytes(b"")


def append(path: Path) -> None:
    """Add one byte to a file."""
    with path.open("ab") as handle:
        handle.write(b"\n")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "one bit flipped": flip,
    "cut in half": halve,
    "cut to nothing": empty,
    "deleted": Path.unlink,
    "one byte added": append,
}


def sign(folder: Path) -> None:
    """Write a manifest that agrees with the files as they are, as an attacker would."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
    ]
    (folder / MANIFEST).write_text("".join(lines), "ascii")


def plant(folder: Path, mark: Path) -> None:
    """Put into a folder whatever a careless loader would execute; it would leave *mark*."""
    for name in ("canary.py", "sitecustomize.py", "usercustomize.py", "__init__.py", "conftest.py"):
        (folder / name).write_text(CANARY.format(str(mark)), "utf-8")
    for name in ("model.pkl", "python_model.pkl"):
        (folder / name).write_text(PICKLE.format(mark), "ascii")
    (folder / "MLmodel").write_text(MLMODEL, "utf-8")


@contextlib.contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Put a folder back as it was after the block."""
    with tempfile.TemporaryDirectory() as aside:
        shutil.copytree(folder, Path(aside) / "kept")
        try:
            yield
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(Path(aside) / "kept", folder)


def champion(business: Business) -> ModelVersion:
    """Return the version that scores."""
    found = business.wired.registry.champion(POPULATION)
    assert found is not None

    return found


def cached(business: Business) -> Path:
    """Return the champion's directory in the cache, which is there and whole."""
    return business.wired.registry.download(champion(business))


def stored(business: Business) -> Path:
    """Return the folder MLflow keeps of the champion: MLmodel, and our directory below it."""
    run = business.wired.registry.client.get_run(champion(business).run_id)

    return Path(run.info.artifact_uri.removeprefix("file://")) / "model"
