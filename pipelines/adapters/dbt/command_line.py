"""
dbt's command line, which parses the project only where there is no manifest of it.

Knows nothing of the pipeline. Usage: `command_line.py MANIFEST WORD…`, with the words of `dbt`.
MANIFEST is the `partial_parse.msgpack` of the same project, schemas and variables after its own
sha256 of 32 bytes, or does not exist. Without words, they are waited for once everything is
imported and read: a line of stdin, a list in JSON. Where none comes, there is nothing to do.
"""

import gc
import hashlib
import json
import sys
from pathlib import Path

# Without collecting garbage a call is 13 % cheaper, and it ends before it matters.
gc.disable()

from dbt.cli.main import cli  # noqa: E402
from dbt.contracts.graph.manifest import Manifest  # noqa: E402
from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: E402


def read(path: Path) -> Manifest | None:
    """Read what was parsed before; None where there is nothing, or what there is is damaged."""
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        return None
    manifest = Manifest.from_msgpack(content[32:], decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()

    return manifest


if __name__ == "__main__":
    manifest = read(Path(sys.argv[1]))
    words = sys.argv[2:] or json.loads(sys.stdin.readline() or "[]")
    if words:
        cli(words, obj={"manifest": manifest})
