"""Model directories on this machine: what was registered, or fetched again, or refused."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from pipelines.adapters import scratch
from pipelines.adapters.models import directory as model_directory
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ArtefactDamaged

RESTORE = "restore the folder of MLflow's artifacts, or `churn train`"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ModelCache:
    """
    The folder of the models that were downloaded.

    Attributes:
        folder: Holds `<name>/<version>-<checksum>`, so that a registry that was built anew never
            meets the files of the one before.
    """

    folder: Path

    def has(self, version: ModelVersion) -> bool:
        """Tell whether there is a directory of *version* that is what was registered."""
        registered = version.manifest_sha256 or ""

        return self._place(version, registered).is_dir() and not model_directory.faults(
            self._place(version, registered), registered
        )

    def directory(
        self, version: ModelVersion, registered: str, fetch: Callable[[Path], Path]
    ) -> Path:
        """
        Return the model directory of *version*; one that was changed here is fetched again.

        Args:
            version: The registered version.
            registered: Checksum of its manifest, from where the files are not.
            fetch: Function that copies the stored directory below an empty folder and returns
                where it is.

        Raises:
            ArtefactDamaged: What is stored is not what was registered; nothing of it is kept.
        """
        target = self._place(version, registered)
        if os.path.lexists(target):
            faults = model_directory.faults(target, registered)
            if not faults:
                return target
            log.warning("cached_model_damaged", version=str(version), faults=faults)
        with scratch.folder(target.parent, "partial") as partial:
            fetched = fetch(partial)
            if faults := model_directory.faults(fetched, registered):
                raise ArtefactDamaged(
                    f"what MLflow keeps of {version} is not what was registered: "
                    + "; ".join(faults),
                    next_step=RESTORE,
                )
            with contextlib.suppress(FileNotFoundError):
                target.rename(partial / "damaged")
            try:
                fetched.rename(target)
            except OSError:
                if not target.exists():  # else another process was first
                    raise

        return target

    def _place(self, version: ModelVersion, registered: str) -> Path:
        """Return where the directory of *version* is, or would be."""
        return self.folder / version.name / f"{version.version}-{registered[:12]}"
