"""
JSON Lines: an object a line, its keys the columns, its values as they are written.

What is in an object inside of it has columns of its own, `device.os`; a list is its JSON.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.adapters.sources import batches
from pipelines.adapters.sources.batches import TextRow
from pipelines.adapters.sources.delimited import encodings, headers, texts
from pipelines.adapters.sources.refusals import refusal
from pipelines.domain.ports.sources import RefusedRow

LOOKED_AT_CHARACTERS = 10_000_000
LONGEST_LINE = 16_000_000


class _Members(list[tuple[str, object]]):
    """What a JSON object holds, in its order, keys that repeat too."""


# Numbers stay as they are written: an id of twenty digits is no float.
DECODER = json.JSONDecoder(
    object_pairs_hook=_Members, parse_float=str, parse_int=str, parse_constant=str
)


@dataclass(frozen=True, slots=True)
class JsonTable:
    """
    A JSON Lines file; every column is text, and what is null or not there is NULL.

    Attributes:
        path: Where it lies.
        name: What people call it.
        origin: As it was named.
        schema: The keys of its first 10 million characters, in the order first met.
        encoding: What it is written in.
    """

    path: Path
    name: str
    origin: str
    schema: pa.Schema
    encoding: str

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """
        Yield its rows, as the port says.

        Raises:
            ImportRefused: It is damaged, or a key is new.
        """
        yield from batches.converted(self._rows(refuse), self.schema, refuse)

    def _rows(self, refuse: Callable[[RefusedRow], None]) -> Iterator[TextRow]:
        """Yield the lines that are objects."""
        places = {name: place for place, name in enumerate(self.schema.names)}
        for line, characters, members in _objects(self.path, self.encoding):
            if isinstance(members, str):
                refuse(RefusedRow(line, members))
                continue
            values: list[str | None] = [None] * len(places)
            for key, value in members:
                if key not in places:
                    raise refusal(
                        self.path,
                        f"has a key on line {line} that none of its first "
                        f"{LOOKED_AT_CHARACTERS:,} characters has: {key}",
                        "write every key into the first object, null where it has no value",
                    )
                values[places[key]] = value
            yield TextRow(line, values, characters)


def opened(path: Path, name: str, origin: str) -> JsonTable:
    """
    Return the table of *path*, of which the beginning is looked at.

    Raises:
        ImportRefused: It is damaged, or holds no object.
    """
    encoding = encodings.chosen(path)
    keys: dict[str, None] = {}
    looked_at = 0
    for _, characters, members in _objects(path, encoding):
        looked_at += characters
        if looked_at > LOOKED_AT_CHARACTERS and keys:
            break
        if not isinstance(members, str):
            keys.update(dict.fromkeys(key for key, _ in members))
    if not keys:
        raise refusal(path, "holds no object with a key", "name a file with an object a line")
    if headers.unique(keys) != list(keys):
        raise refusal(
            path,
            "has keys that are blank, or the same but for space",
            "give every key a name of its own",
        )

    return JsonTable(path, name, origin, pa.schema([(key, pa.string()) for key in keys]), encoding)


def _objects(
    path: Path, encoding: str
) -> Iterator[tuple[int, int, list[tuple[str, str | None]] | str]]:
    """Yield line, length, and the members of each line that is not blank, or what is wrong."""
    with texts.opened(path, encoding) as text:
        line = 0
        while written := text.readline(LONGEST_LINE + 1):
            line += 1
            if len(written) > LONGEST_LINE:
                raise refusal(
                    path,
                    f"is no table: line {line} is longer than {LONGEST_LINE:,} characters",
                    "write an object a line: `jq -c '.[]' FILE > FILE.jsonl`",
                )
            if written.strip():
                yield line, len(written), _members(written.strip())


def _members(written: str) -> list[tuple[str, str | None]] | str:
    """Return keys and values of one object as text, or what is wrong with it."""
    try:
        read = DECODER.decode(written)
        if not isinstance(read, _Members):
            return "is no JSON object"
        members = [*_flat(read, "")]
    except (ValueError, RecursionError):
        return "is not JSON"
    if len({key for key, _ in members}) < len(members):
        return "has a key twice"

    return members


def _flat(members: _Members, outer: str) -> Iterator[tuple[str, str | None]]:
    """Yield keys and values, of objects inside with the key of the object before them."""
    for key, value in members:
        if isinstance(value, _Members):
            yield from _flat(value, f"{outer}{key}.")
        elif isinstance(value, list):
            yield outer + key, json.dumps(_plain(value), ensure_ascii=False)
        else:
            yield outer + key, _as_text(value)


def _plain(value: object) -> object:
    """Return what is in a list as JSON writes it; numbers are texts, as they were written."""
    if isinstance(value, _Members):
        return {key: _plain(held) for key, held in value}
    if isinstance(value, list):
        return [_plain(held) for held in value]

    return value


def _as_text(value: object) -> str | None:
    """Return one value as it is written."""
    if isinstance(value, bool):
        return "true" if value else "false"

    return None if value is None else str(value)
