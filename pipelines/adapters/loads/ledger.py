"""An entry of raw.loads, the ledger of what was loaded."""

import json

import pyarrow as pa

from pipelines.domain.imports.loads import Load

TABLE = "loads"


def entry(load: Load) -> pa.Table:
    """Return *load* as the row of the ledger; its number and time are the database's."""
    return pa.table(
        {
            "source": [load.source],
            "fingerprint": [load.fingerprint],
            "rows": pa.array([load.rows], pa.int64()),
            "details": pa.array([json.dumps(dict(load.details), default=str)], pa.json_()),
        }
    )
