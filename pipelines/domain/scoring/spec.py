"""The model spec: contract, calibrator and split that travel with a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.errors import ContractMismatch

FORMAT = 1
KEYS = (
    "format",
    "population",
    "family",
    "as_of",
    "contract",
    "contract_fingerprint",
    "calibrator",
    "roles",
)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """
    How features become the model's matrix and its margins probabilities.

    Attributes:
        population: Who it scores.
        family: One of FAMILIES.
        as_of: The date it was trained at.
        contract: Features in order, their kinds and levels.
        calibrator: From margin to probability.
        split: Which snapshots and customers it was fitted, calibrated and tested on.
    """

    population: str
    family: str
    as_of: date
    contract: FeatureContract
    calibrator: Calibrator
    split: Split

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-compatible values."""
        return {
            "format": FORMAT,
            "population": self.population,
            "family": self.family,
            "as_of": self.as_of.isoformat(),
            "contract": self.contract.to_dict(),
            "contract_fingerprint": self.contract.fingerprint,
            "calibrator": self.calibrator.to_dict(),
            "roles": self.split.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote.

        Raises:
            ContractMismatch: It was written in another format, has other keys, or the contract is
                not the one the fingerprint was taken of.
        """
        if data.get("format") != FORMAT:
            raise _unreadable(f"format {data.get('format')!r} where this program reads {FORMAT}")
        _require_keys(data, KEYS)
        _require_keys(data["calibrator"], ("margins", "probabilities"))
        _require_keys(data["roles"], ("fit", "calibrate", "test", "seed"))
        contract = FeatureContract.from_dict(data["contract"])
        if contract.fingerprint != data["contract_fingerprint"]:
            raise _unreadable(
                f"the contract is {contract.fingerprint}, not {data['contract_fingerprint']}"
            )

        return cls(
            population=data["population"],
            family=data["family"],
            as_of=date.fromisoformat(data["as_of"]),
            contract=contract,
            calibrator=Calibrator(
                tuple(data["calibrator"]["margins"]), tuple(data["calibrator"]["probabilities"])
            ),
            split=Split.from_dict(data["roles"]),
        )


def _require_keys(data: Mapping[str, Any], legal: Sequence[str]) -> None:
    """Refuse keys nobody reads, and the lack of any."""
    unknown, missing = sorted(set(data) - set(legal)), sorted(set(legal) - set(data))
    if unknown or missing:
        raise _unreadable(f"unknown keys {unknown}, missing keys {missing}")


def _unreadable(reason: str) -> ContractMismatch:
    """Build the error of a spec this program must not use."""
    return ContractMismatch(
        f"the model's spec.json cannot be read: {reason}",
        next_step="score with the program that trained the model, or `churn train`",
    )
