"""
Model families, one module each, named as churn.toml names it.

A family has `FILE`, the name of its file in a model's directory; `DEFAULTS`, parameters to begin
with, and `SPACE`, ranges to search in; `OutOfFold`, which judges parameters on folds; `fit` and
`read`. A category with many levels comes to all of them as a number, the effect of its level.
"""

import importlib
from types import ModuleType

from pipelines.domain.training.families import FAMILIES
from pipelines.errors import ContractMismatch


def family_module(family: str) -> ModuleType:
    """
    Import the module of one family, and of no other: XGBoost alone takes 0.9 s.

    Raises:
        ContractMismatch: There is no such family.
    """
    if family not in FAMILIES:
        raise ContractMismatch(
            f"there is no model family {family!r}; known are {', '.join(FAMILIES)}",
            next_step="name one of those in [training] families of churn.toml",
        )

    return importlib.import_module(f"{__name__}.{family}")
