"""Files for their owner alone, such as passwords, in a folder of our own."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write *text* whole or not at all, over what was there; no link is followed."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    partial.replace(path)
