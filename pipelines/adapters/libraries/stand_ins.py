"""
Modules that stand in for others while a library is imported that may want them and need not.

A library imports everything it could be used for. What is put in the place of a module is gone
after: whoever imports that later finds the real one, and so does the library where it is `Later`.
"""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """A module that is imported by the first who takes something out of it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever is in it
        """Import the real module, and return what it has of that name."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

        return getattr(importlib.import_module(self.__name__), name)


class Empty(ModuleType):
    """A module that has a class of whatever name is asked of it, which cannot be made one of."""

    def __getattr__(self, name: str) -> type:
        """Return a class of that name."""
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*_: object, **__: object) -> None:
            raise ImportError(f"{self.__name__} was left out, and {name} with it", name=name)

        return type(name, (), {"__init__": refuse})


@contextlib.contextmanager
def in_place_of(*modules: ModuleType) -> Iterator[None]:
    """Have *modules* found in the block by who imports their names, unless the real ones are."""
    ours = [module for module in modules if module.__name__ not in sys.modules]
    sys.modules.update({module.__name__: module for module in ours})
    try:
        yield
    finally:
        for module in ours:
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]
