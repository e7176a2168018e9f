"""
Write the generated pages, or with `--check` compare them with what is checked in.

Run as `make docs`; `make check` compares.
"""

import sys
from collections.abc import Sequence

from docs.generate.pages import differing, rewrite
from pipelines.settings import ROOT


def main(arguments: Sequence[str]) -> int:
    """Return 1 where a page differs from what it has to hold, else 0."""
    if [*arguments] == ["--check"]:
        pages = [str(path.relative_to(ROOT)) for path in differing()]
        if pages:
            sys.stderr.write(f"not what the generator makes: {', '.join(pages)}; run `make docs`\n")
        return int(bool(pages))
    for path in rewrite():
        sys.stdout.write(f"{path.relative_to(ROOT)} written\n")

    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
