"""A folder of files, or a zip of several: those with the same columns are one table."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import structlog

from pipelines.adapters.sources import archives, files, streams
from pipelines.adapters.sources.delimited import headers
from pipelines.adapters.sources.refusals import refusal
from pipelines.domain.columns.names import names_a_person
from pipelines.domain.imports import lines
from pipelines.domain.ports.sources import RefusedRow, SourceTable

log = structlog.get_logger(__name__)

# Between words of the name of a file.
SEPARATOR = re.compile(r"[-_. ]+")
LETTER = re.compile(r"[^\W\d_]")
FEWEST_SHORTENED = 3
# Words about data, programs that read it, and pictures.
NO_TABLES = frozenset(
    {
        *(".md", ".rst", ".pdf", ".docx", ".pptx", ".html", ".htm", ".ipynb", ".py", ".r", ".sql"),
        *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".yml", ".yaml", ".toml"),
    }
)
ALIKE = "name the files one by one, or write them alike"


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """
    Several tables with the same columns, one after the other.

    Attributes:
        name: What their names have in common at the beginning, or that of the folder; without
            what the names of all tables of the folder have in common.
        origin: The folder as it was named, and the whole name.
        schema: Columns of all of them as the first orders them, in types that all go into.
        parts: In the order of their names.
    """

    name: str
    origin: str
    schema: pa.Schema
    parts: tuple[SourceTable, ...]

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one part after the other, as the port says; reasons name the part."""
        for part in self.parts:

            def named(row: RefusedRow, name: str = part.origin) -> None:
                refuse(RefusedRow(row.line, f"{row.reason} ({name})"))

            for batch in part.batches(named):
                try:
                    arrays = [batch.column(field.name).cast(field.type) for field in self.schema]
                except pa.ArrowException:
                    kinds = ", ".join(str(field) for field in self.schema)
                    raise refusal(part.origin, f"has values that are not {kinds}", ALIKE) from None
                made = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
                yield lines.numbered(made, lines.of(batch))


def opened(folder: Path, origin: str) -> list[SourceTable]:
    """
    Return the tables of the files of *folder*, hidden ones and folders in it left out.

    Args:
        folder: Where it lies; a zip of several files is a folder of all of them.
        origin: As it was named.

    Raises:
        ImportRefused: There is no file, one of them cannot be read, or two have the same columns
            of types that have nothing in common.
    """
    paths = archives.files(folder) if archives.is_folder(folder) else _files(folder)
    if not paths:
        raise refusal(folder, "holds no files", "name a folder with files, or one file")
    tables = [path for path in paths if not _is_beside(path)] or paths
    if len(tables) < len(paths):
        others = [path.name for path in paths if path not in tables]
        log.info("files_left_out", folder=str(folder), files=others, reason="no tables by name")
    paths = tables

    alike: dict[frozenset[str], list[SourceTable]] = {}
    for path in paths:
        for table in files.opened(path, f"{origin.rstrip('/')}/{path.relative_to(folder)}"):
            alike.setdefault(frozenset(table.schema.names), []).append(table)
    names = headers.unique(_common_name(folder, group) for group in alike.values())

    return [
        _joined(folder, short, f"{origin}#{name}", group)
        for short, name, group in zip(_shortened(names), names, alike.values(), strict=True)
    ]


def _files(folder: Path) -> list[Path]:
    """Return the files that lie in a folder, by name."""
    try:
        return sorted(
            path for path in folder.iterdir() if not path.name.startswith(".") and not path.is_dir()
        )
    except OSError as error:
        raise streams.unreadable(folder, error) from None


def _is_beside(path: Path) -> bool:
    """Tell whether a file is called as what lies beside the tables of an export, and is none."""
    return (
        path.suffix.lower() in NO_TABLES
        or path.stem.lower() in {"license", "licence", "readme"}
        # What Hadoop and Spark leave there.
        or path.name.startswith("_")
    )


def _common_name(folder: Path, group: list[SourceTable]) -> str:
    """Return how the tables of *group* are called together."""
    if len(group) == 1:
        return group[0].name
    signs = zip(*(table.name for table in group), strict=False)
    common = itertools.takewhile(lambda alike: len({*alike}) == 1, signs)

    return "".join(first for first, *_ in common).rstrip("0123456789-_. ") or _name(folder)


def _name(folder: Path) -> str:
    """Return the name of a folder, of a zip without its ending."""
    found = folder.resolve()

    return found.name if found.is_dir() else files.table_name(found)


def _shortened(names: Sequence[str]) -> list[str]:
    """
    Return names without the words that all of them begin or end with: of whom an export is.

    Two names may have in common what both are about, and so may all that speak of a customer.
    """
    split = [SEPARATOR.split(name) for name in names]
    begins, ends = _common(split), _common([[*reversed(words)] for words in split])
    short = [
        "_".join(words[begins : len(words) - ends]) if begins + ends < len(words) else ""
        for words in split
    ]
    is_clear = all(LETTER.search(name) for name in short) and len({*short}) == len(short)

    return short if len(names) >= FEWEST_SHORTENED and is_clear else [*names]


def _common(split: Sequence[Sequence[str]]) -> int:
    """Return how many words all of several names begin with, before one that names a customer."""
    alike = itertools.takewhile(lambda words: len({*words}) == 1, zip(*split, strict=False))

    return sum(1 for _ in itertools.takewhile(lambda words: not names_a_person(words[0]), alike))


def _joined(folder: Path, name: str, origin: str, group: list[SourceTable]) -> SourceTable:
    """Return the tables of *group* as one."""
    try:
        schema = pa.unify_schemas(
            [table.schema.remove_metadata() for table in group], promote_options="permissive"
        )
    except pa.ArrowException:
        first = group[0]
        other = next(table for table in group if table.schema != first.schema)
        raise refusal(
            folder,
            f"holds {len(group)} files with the same columns in types that do not go together, "
            f"such as {first.origin} and {other.origin}",
            ALIKE,
        ) from None

    return JoinedTable(name, origin, schema, tuple(group))
