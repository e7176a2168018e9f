"""A model that says what a list says, for tests that publish scores nobody computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Self

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Matrix, Vector
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.testing.models import MemoryModel


@dataclass(frozen=True)
class ListedModel(MemoryModel):
    """
    A model that knows customers by name, whatever their features.

    Attributes:
        listed: Churn probability by customer.
    """

    listed: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, model: MemoryModel, published: pa.Table) -> Self:
        """Return *model* as if it had made a list of `customer_id` and `churn_probability`."""
        ids, probabilities = (
            published[name].to_pylist() for name in ("customer_id", "churn_probability")
        )
        parts = {each.name: getattr(model, each.name) for each in fields(MemoryModel)}
        parts["spec"] = replace(model.spec, calibrator=Calibrator.line(1.0, 0.0))

        return cls(**parts, listed=dict(zip(ids, probabilities, strict=True)))

    @property
    def predictors(self) -> "ListedModel":  # type: ignore[override]  it tells all by name
        """What tells each customer."""
        return self

    def margins(self, matrix: Matrix, customer_ids: pa.Array) -> Vector:  # noqa: ARG002
        """Return `(n_customers,)` log-odds of what is listed."""
        told = np.array([self.listed[each] for each in customer_ids.to_pylist()])

        return np.asarray(np.log(told) - np.log1p(-told))
