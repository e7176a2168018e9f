"""Connections that have asked about nobody, before anybody waits for what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow

from pipelines.adapters.service import doorkeeper, now, predictions, published
from pipelines.adapters.service.pool import Connection, asked

Question = tuple[str, Mapping[str, Any]]

ASKABLE: Final = """
select population
from churn.online_functions
where fault is null and population = any(%(populations)s)
order by population
"""
OF_NOBODY: Final[Sequence[Question]] = (
    *doorkeeper.OF_NOBODY,
    *published.OF_NOBODY,
    *predictions.OF_NOBODY,
)


@dataclass
class Warmth:
    """
    What every connection of the service is asked before it serves, and again now and then.

    PostgreSQL reads a function and plans its SQL once a session, and again after a table it reads
    was analysed or the function was made anew. Of a night's SQL that takes 70 ms and more, of all
    that is asked here, once it is planned, two.

    Attributes:
        populations: Of churn.toml; those are asked about whose features can be asked of now.
    """

    populations: Sequence[str]

    async def __call__(self, connection: Connection) -> None:
        """
        Ask a connection everything of nobody.

        What cannot be asked is left out here: whoever asks it of somebody is told.

        Raises:
            psycopg.Error: The connection is lost.
        """
        askable = (ASKABLE, {"populations": [*self.populations]})
        for row in await _asked(connection, askable):
            await _asked(connection, now.of_nobody(row["population"]))
        for question in OF_NOBODY:
            await _asked(connection, question)


async def _asked(connection: Connection, question: Question) -> list[DictRow]:
    """Ask one thing, prepared from now on; nothing where it cannot be."""
    try:
        return await asked(connection, *question, is_prepared=True)
    except psycopg.Error:
        if connection.broken:
            raise
        return []
