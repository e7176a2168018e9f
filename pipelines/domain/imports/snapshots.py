"""Which of several snapshots of a table holds on a day, and what contradicts that."""

from collections.abc import Sequence

from pipelines.domain.imports.loads import Load
from pipelines.domain.imports.sieve import Sieve
from pipelines.errors import ImportRefused


def same(sieve: Sieve, earlier: Sequence[Load]) -> Load | None:
    """
    Return the earlier load that makes a snapshot needless, because it holds on its day, or None.

    Args:
        sieve: Through which the snapshot went.
        earlier: Loads of its table.

    Raises:
        ImportRefused: Another snapshot is known on that day, or the same one later.
    """
    table, origin = sieve.table, sieve.quarantine.origin
    day = sieve.known_at.date().isoformat()
    alike = [load for load in earlier if load.details["content"] == sieve.fingerprint]
    others = [load for load in earlier if load.details["known_on"] == day and load not in alike]
    if others:
        raise ImportRefused(
            f"{origin}: another snapshot of {table.raw_table} with {others[0].rows:,} rows is "
            f"already known on {day}; nothing was loaded",
            next_step=f"give another date: `churn import {table.population} --as-of YYYY-MM-DD`",
        )
    before = [load for load in earlier if load.details["known_on"] <= day]
    latest = max(before, key=lambda load: str(load.details["known_on"]), default=None)
    if latest is not None and latest in alike:
        return latest
    later = [load for load in alike if load.details["known_on"] > day]
    if later:
        known_later = later[0].details["known_on"]
        raise ImportRefused(
            f"{origin} was loaded before as known on {known_later}, so its {later[0].rows:,} rows "
            f"cannot be used as of {sieve.as_of}; nothing was changed",
            next_step=f"use an as_of after {known_later}",
        )

    return None
