"""Forget a customer: their rows go everywhere, and they do not come back."""

import contextlib
from collections.abc import Collection, Sequence

import structlog

from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.records import Erasures
from pipelines.domain.privacy.erasure import Erasure

log = structlog.get_logger(__name__)


def erase(
    *,
    customer_id: str,
    populations: Sequence[str],
    imports: Collection[str],
    store: Erasures,
    locks: Locks,
) -> Erasure:
    """
    Remove every row of one customer and leave a tombstone that later loads and builds respect.

    Doing it again is harmless: it removes what came back since. The id is never logged.

    Args:
        customer_id: As the raw tables have it.
        populations: Every population; nobody may be writing their lists.
        imports: Every declared population; whoever imports its records has ended, too.
        store: Every table that knows customers.
        locks: One writer of each kind.

    Raises:
        RunLocked: A build, a load or a writer of lists is at work; nothing is changed.
        CustomerUnknown: Nobody of this id is or was there; nothing is changed.
    """
    names = [
        "dbt build",
        "load of demo customers",
        *(f"import of {source}" for source in sorted(imports)),
        *(f"writer of {population}" for population in sorted(populations)),
    ]
    with contextlib.ExitStack() as held:
        for name in names:
            held.enter_context(locks.lock(name))
        erased = store.erase(
            customer_id,
            lambda table, rows: log.info("erasing", table=table, rows=rows),
        )
    log.info(
        "erased",
        rows=sum(erased.rows.values()),
        lists=erased.lists,
        audit_id=erased.audit_id,
        is_again=erased.erased_before is not None,
    )

    return erased
