"""Who is left out of a load, and what counts as an intact trail."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from pipelines.domain.privacy.audit_trail import AuditEntry, AuditTrail
from pipelines.domain.privacy.erasure import Erasure, customer_sha256, without_erased
from pipelines.errors import AuditBroken

ROWS = pa.table({"customer_id": ["a", None, "b", "a", "é"], "n": [1, 2, 3, 4, 5]})


def test_erased_customers_are_left_out_and_nobody_else() -> None:
    """Every row of theirs goes; rows without a customer stay."""
    erased = {customer_sha256("a"), customer_sha256("é"), customer_sha256("not there")}

    assert [2, 3] == without_erased(ROWS, erased)["n"].to_pylist()
    assert ROWS.equals(without_erased(ROWS, set()))


def test_a_table_without_rows_stays_one() -> None:
    """Nothing to leave out is no fault."""
    assert 0 == without_erased(ROWS.slice(0, 0), {customer_sha256("a")}).num_rows


def test_what_was_done_is_said_in_one_line() -> None:
    """Rows, lists and the entry of the trail; a second time begins with the date of the first."""
    done = "3 rows removed, 2 lists corrected (entry 7 of churn audit)"
    rows = {"raw.customers": 1, "raw.invoices": 2}

    assert done == str(Erasure(rows, lists=2, erased_before=None, audit_id=7))
    again = Erasure(rows, lists=2, erased_before=date(2026, 11, 1), audit_id=7)
    assert f"erased before, on 2026-11-01; now {done}" == str(again)


def entry(audit_id: int, *, is_intact: bool = True) -> AuditEntry:
    """Make one entry."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)

    return AuditEntry(audit_id, moment, "me", "prune", "scores", {}, f"sha{audit_id}", is_intact)


def test_a_broken_trail_is_refused_with_its_first_fault() -> None:
    """The size of the fault and where it begins."""
    AuditTrail(()).refuse_broken()
    AuditTrail((entry(1), entry(2))).refuse_broken()
    assert "sha2" == AuditTrail((entry(1), entry(2))).sha256

    broken = AuditTrail((entry(1), entry(3, is_intact=False), entry(4, is_intact=False)))
    with pytest.raises(AuditBroken, match=r"2 of 3 entries .* first entry 3"):
        broken.refuse_broken()
