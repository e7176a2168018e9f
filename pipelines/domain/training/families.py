"""The model families there are, each fitted and read by a module of that name in the adapters."""

from typing import Final

FAMILIES: Final = ("logistic", "xgboost")
