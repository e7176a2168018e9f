"""Addresses of databases as people write them, with a table or a query."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_plus

import sqlalchemy as sa

from pipelines.adapters.sources.refusals import refusal
from pipelines.errors import ImportRefused

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+_]*)://")
END_OF_ENCODED = re.compile(r"[&#]")
QUERY = re.compile(r"[?&]query=")
EXAMPLE = "write it as postgresql://user:password@host:5432/database#schema.table"
# A file of SQLite named from the folder one is in.
RELATIVE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)(?P<file>[^?#]+)")
POSTGRESQL = {"postgresql", "postgres", "postgresql+psycopg"}


@dataclass(frozen=True, slots=True)
class Address:
    """
    One database, and what of it.

    Attributes:
        url: Where it is, with the login.
        table: `table` or `schema.table`; None for all.
        query: A select instead.
    """

    url: sa.URL = field(repr=False)
    table: str | None = None
    query: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The address without password, options and query, all of which may hold secrets."""
        scheme = self.url.drivername.removesuffix("+psycopg")

        return self.url.set(drivername=scheme, query={}).render_as_string(hide_password=True)


def is_database(source: str) -> bool:
    """Tell whether *source* is an address and no path."""
    return SCHEME.match(source) is not None


def from_anywhere(origin: str) -> str:
    """Return an origin that names the same file of SQLite from any folder; others as they are."""
    found = RELATIVE.match(origin)
    if found is None:
        return origin

    return f"{found['scheme']}{Path(found['file']).resolve()}{origin[found.end() :]}"


def parsed(source: str) -> Address:
    """
    Return what *source* says.

    Args:
        source: `scheme://…` with `#table`, `#schema.table` or `?query=select …`. The query may be
            url-encoded; with a space in it, it is taken as it is, to its end.

    Raises:
        ImportRefused: It is no address, which is not repeated: it may hold a password.
    """
    rest, query = _without_query(source)
    address, mark, table = rest.rpartition("#")
    # Else the # is one of the password.
    is_table = bool(mark) and "@" not in table
    if is_table and query is not None:
        raise _refused(source, "names both a table and a query", "leave out one of them")
    if is_table and not table:
        raise _refused(source, "ends in # and names no table", EXAMPLE)

    return Address(address_of(address if is_table else rest), table if is_table else None, query)


def address_of(url: str) -> sa.URL:
    """
    Return *url* parsed; `postgresql://` means psycopg.

    Raises:
        ImportRefused: It is no address.
    """
    try:
        made = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # their messages repeat it
        raise _refused(url, "is no address of a database", EXAMPLE) from None
    if "@" in (made.host or ""):
        raise _refused(
            url, "has a password that is not encoded", "write its @ as %40, its / as %2F"
        )
    if made.drivername in POSTGRESQL:
        return made.set(drivername="postgresql+psycopg")

    return made


def _without_query(source: str) -> tuple[str, str | None]:
    """Return *source* without its query, and the query."""
    found = QUERY.search(source)
    if not found:
        return source, None
    before, written = source[: found.start()], source[found.end() :]
    if not re.search(r"\s", written):
        encoded = END_OF_ENCODED.split(written, maxsplit=1)[0]
        rest = written[len(encoded) :]
        written = unquote_plus(encoded)
        before += rest.replace("&", found.group()[0], 1) if rest.startswith("&") else rest
    if not written.strip():
        raise _refused(source, "has an empty query", "write it as ?query=select …")

    return before, written


def _refused(source: str, fault: str, next_step: str) -> ImportRefused:
    """Return the refusal of an address of which only the scheme is shown."""
    scheme = SCHEME.match(source)

    return refusal(f"the source {scheme.group() if scheme else ''}…", fault, next_step)
