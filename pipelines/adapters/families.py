"""The model families there are: modules with FILE, `fit` and `read`."""

import importlib
from types import ModuleType

from pipelines.errors import ContractMismatch

FAMILIES = {"logistic": "logistic", "xgboost": "boosted_trees"}


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

    return importlib.import_module(f"pipelines.adapters.{FAMILIES[family]}")
