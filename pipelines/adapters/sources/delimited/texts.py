"""Text of a file, in its encoding, with the ends of its lines as they are."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from pipelines.adapters.sources import streams
from pipelines.adapters.sources.refusals import refusal


@contextlib.contextmanager
def opened(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Have the text of *path* for the block; ImportRefused where it is not in *encoding*."""
    with streams.opened(path) as content:
        text = io.TextIOWrapper(content, encoding, newline="")
        try:
            yield text
        except UnicodeError:
            raise refusal(
                path,
                f"is not {encoding} to its end, as its first part is",
                "convert it, e.g. `iconv -f latin1 -t utf-8`, and look at the result",
            ) from None
