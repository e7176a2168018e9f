"""
The artefacts MLflow's server hands out: those below its root, links resolved, and no others.

An experiment names the place its runs write to, and whoever has the login may name any: a folder
full of passwords, or an address the server would fetch from. MLflow checks that a file is within
its run's folder, links resolved, but not where that folder is.
"""

import os
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED
from mlflow.store.artifact.artifact_repository_registry import get_registered_artifact_repositories
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from mlflow.utils.file_utils import local_file_uri_to_path

ROOT = "MLFLOW_DEFAULT_ARTIFACT_ROOT"
LOCAL = ("", "file")
# What only leads to another repository, which is asked again.
INDIRECT = ("runs", "models")


class ConfinedArtifactRepository(LocalArtifactRepository):  # type: ignore[misc]
    """MLflow's repository of local files, for folders within the root alone."""

    def __init__(self, artifact_uri: str, *args: str | None, **kwargs: str | None) -> None:
        """
        Open a folder.

        Raises:
            MlflowException: PERMISSION_DENIED (403), as it is not within the root.
        """
        super().__init__(artifact_uri, *args, **kwargs)
        root = Path(local_file_uri_to_path(os.environ[ROOT])).resolve()
        if not Path(self.artifact_dir).resolve().is_relative_to(root):
            raise MlflowException(
                f"{artifact_uri} is not within this server's artefacts",
                error_code=PERMISSION_DENIED,
            )


def confine() -> None:
    """
    Let this process's MLflow open artefacts within the root only; forget every other scheme.

    Raises:
        RuntimeError: The root is not set, or no local folder.
    """
    root = os.environ.get(ROOT, "")
    if not root.startswith(("/", "file:///")):
        raise RuntimeError(f"{ROOT} is not set to a folder of this machine")
    repositories = get_registered_artifact_repositories()
    for scheme in {*repositories} - {*INDIRECT}:
        del repositories[scheme]
    repositories.update(dict.fromkeys(LOCAL, ConfinedArtifactRepository))
