"""A version of a registered model, as the registry knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Alias = Literal["champion", "challenger"]
MANIFEST_TAG = "manifest_sha256"


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """
    One version of one registered model.

    Attributes:
        name: Registered model: `churn-<population>`.
        version: Number, counted from 1.
        run_id: The run of the registry that holds its parameters, metrics and files.
        tags: family, as_of, data and contract fingerprint, sha256 of its manifest.
    """

    name: str
    version: int
    run_id: str
    tags: Mapping[str, str]

    @property
    def manifest_sha256(self) -> str | None:
        """The checksum the registry has of its files; None of what something else registered."""
        return self.tags.get(MANIFEST_TAG)

    def __str__(self) -> str:
        """Return name and version, as people read them."""
        return f"{self.name} version {self.version}"
