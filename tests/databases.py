"""Databases on a server of the tests: empty, or a copy of one that was filled before."""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg.sql import SQL, Identifier

from pipelines.adapters.warehouse.connection import Warehouse


@contextlib.contextmanager
def created(server_url: str, name: str, *, template: str = "template0") -> Iterator[Warehouse]:
    """
    Have a database for the block, and drop it after.

    Args:
        server_url: `postgresql://…` of the server, without a database.
        name: Of the database.
        template: The database it begins as a copy of; nobody may be connected to that.
    """
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        create = SQL("create database {} template {}")
        connection.execute(create.format(Identifier(name), Identifier(template)))
        warehouse = Warehouse(f"{server_url}/{name}")
        try:
            yield warehouse
        finally:
            warehouse.engine.dispose()
            connection.execute(SQL("drop database {} with (force)").format(Identifier(name)))
