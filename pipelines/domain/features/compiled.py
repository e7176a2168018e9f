"""The SQL a night has built its features with, as it can be asked again of one customer."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """
    A feature model as it was compiled, and what it reads, down to tables of sources.

    Attributes:
        table: The feature table it builds.
        query: Its SQL; dates of the run stand between marks (see `as_ofs.sql`).
        models: What it reads of other models: by the name SQL has for each, its own SQL. Each reads
            none but those before it, and sources.
        sources: Tables of sources it reads, itself or by its models: by the name SQL has for each,
            schema and table.
        dates: Dates the run has built, ISO.
    """

    table: str
    query: str
    models: Mapping[str, str]
    sources: Mapping[str, tuple[str, str]]
    dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """
    What was built.

    Attributes:
        compiled: Feature models that were, by their tables.
    """

    compiled: Mapping[str, CompiledModel]
