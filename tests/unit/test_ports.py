"""Every port is said once, has a double, and both it and an adapter are held to one contract."""

import ast
import functools
import importlib
import inspect
import pkgutil
from collections import Counter
from dataclasses import fields, is_dataclass
from types import ModuleType

import pytest

from pipelines import testing
from pipelines.domain import ports
from pipelines.settings import ROOT
from pipelines.testing import contracts

SUITE = "Contract"


def modules(package: ModuleType) -> list[ModuleType]:
    """Return every module below *package*."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")

    return [importlib.import_module(module.name) for module in found]


def classes(package: ModuleType) -> list[type]:
    """Return every class that is written below *package*."""
    return [
        item
        for module in modules(package)
        for item in vars(module).values()
        if isinstance(item, type) and item.__module__ == module.__name__
    ]


@functools.cache
def trees(folder: str) -> list[tuple[str, ast.Module]]:
    """Return every module below a folder of ours, by name, as it is written."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    assert paths

    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in paths]


def bases(written: ast.ClassDef) -> set[str]:
    """Return the names a class is derived from, without what stands in brackets."""
    plain = (base.value if isinstance(base, ast.Subscript) else base for base in written.bases)

    return {base.attr if isinstance(base, ast.Attribute) else ast.unparse(base) for base in plain}


def members(port: type) -> set[str]:
    """Return what a port asks for."""
    return {name for name in vars(port) if not name.startswith("_")}


def offers(double: type) -> set[str]:
    """Return what a class has: methods, properties and fields."""
    named = {field.name for field in fields(double)} if is_dataclass(double) else set()

    return named | {name for name in dir(double) if not name.startswith("_")}


def parameters(function: object) -> list[tuple[str, object, object]]:
    """Return name, kind and default of each parameter."""
    assert callable(function)
    found = inspect.signature(function).parameters.values()

    return [(item.name, item.kind, item.default) for item in found]


PORTS = {item.__name__: item for item in classes(ports) if getattr(item, "_is_protocol", False)}
DOUBLES = [item for item in classes(testing) if not item.__module__.startswith(contracts.__name__)]
SUITES = {item.__name__ for item in classes(contracts) if item.__name__.endswith(SUITE)}


def test_there_are_ports() -> None:
    """What follows is about some."""
    assert len(PORTS) > 20


@pytest.mark.parametrize("name", PORTS)
def test_a_port_has_one_double_with_its_signatures(name: str) -> None:
    """It can be passed wherever the port is asked for, by whatever arguments."""
    port = PORTS[name]
    (double,) = [item for item in DOUBLES if members(port) <= offers(item)]
    asked = {name: getattr(port, name) for name in members(port)}
    methods = {name: method for name, method in asked.items() if inspect.isfunction(method)}

    assert double.__name__.startswith("Memory")
    assert {name: parameters(method) for name, method in methods.items()} == {
        name: parameters(getattr(double, name)) for name in methods
    }


def test_a_port_has_one_suite_and_a_suite_one_port() -> None:
    """Called after it."""
    assert {f"{name}{SUITE}" for name in PORTS} == SUITES


@pytest.mark.parametrize("name", PORTS)
def test_a_suite_runs_against_the_double_and_an_adapter(name: str) -> None:
    """In tests/contracts, as a class each that pytest collects."""
    runs = [
        node.name
        for _, tree in trees("tests/contracts")
        for node in tree.body
        if isinstance(node, ast.ClassDef) and f"{name}{SUITE}" in bases(node)
    ]

    assert [] == [run for run in runs if not run.startswith("Test")]
    assert 1 == sum(run.startswith("TestMemory") for run in runs)
    assert len(runs) >= 2


def test_a_protocol_is_declared_once_and_by_no_step() -> None:
    """Who needs a collaborator takes its port."""
    declared = [
        (node.name, module)
        for module, tree in trees("pipelines")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "Protocol" in bases(node)
    ]
    counts = Counter(name for name, _ in declared)
    rooms = ("pipelines/steps/", "pipelines/wiring/", "pipelines/cli/", "pipelines/adapters/")

    assert {*PORTS} <= {*counts}
    assert [] == [name for name, count in counts.items() if count > 1]
    assert [] == [(name, module) for name, module in declared if module.startswith(rooms)]
