"""The model spec: contract, usual values, calibrator and split that travel with a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.features.usual import Value
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.errors import ContractMismatch

# What this program writes; in 1 probabilities were interpolated, and models learned from two parts;
# in 2 no values were usual, and every feature was a reason of its own.
FORMAT = 3
READABLE = (1, 2, 3)
KEYS = (
    "format",
    "population",
    "family",
    "as_of",
    "contract",
    "contract_fingerprint",
    "calibrator",
    "roles",
    "origins",
    "is_cross_fitted",
    "usual",
)
KEYS_OF = {1: KEYS[:-3], 2: KEYS[:-1], 3: KEYS}


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
        split: Which snapshots and customers it learned from, and which it was tested on.
        origins: The snapshot each model of a fold can judge, in the order of the folds; none where
            they can judge a share of the customers each.
        is_cross_fitted: Whether customers are scored by models of the folds.
        usual: What most customers have, by feature; empty for a model from before it was kept.
    """

    population: str
    family: str
    as_of: date
    contract: FeatureContract
    calibrator: Calibrator
    split: Split
    origins: tuple[date, ...] = ()
    is_cross_fitted: bool = False
    usual: Mapping[str, Value] = field(default_factory=dict)

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
            "origins": [day.isoformat() for day in self.origins],
            "is_cross_fitted": self.is_cross_fitted,
            "usual": dict(self.usual),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote.

        Raises:
            ContractMismatch: It was written in another format, has other keys, or the contract is
                not the one the fingerprint was taken of.
        """
        if data.get("format") not in READABLE:
            legal = f"{', '.join(map(str, READABLE[:-1]))} and {READABLE[-1]}"
            raise _unreadable(f"format {data.get('format')!r} where this program reads {legal}")
        is_old = data["format"] == 1
        _require_keys(data, KEYS_OF[data["format"]])
        _require_keys(
            data["roles"],
            ("fit", "calibrate", "test", "seed") if is_old else ("learn", "test", "seed"),
        )
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
            calibrator=Calibrator.from_dict(data["calibrator"]),
            split=Split.from_dict(data["roles"]),
            origins=tuple(date.fromisoformat(day) for day in data.get("origins", ())),
            is_cross_fitted=data.get("is_cross_fitted", False),
            usual=data.get("usual", {}),
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
