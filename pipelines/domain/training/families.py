"""The model families there are: a name here, and a module of the same name that fits and reads it."""

from typing import Final

FAMILIES: Final = ("logistic", "xgboost")
