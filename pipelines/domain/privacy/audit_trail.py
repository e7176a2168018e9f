"""The audit trail: what was done to the past by hand, each row chained to the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.errors import AuditBroken


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """
    One entry of churn.audit_log: something done to the past.

    Attributes:
        audit_id: 1, 2, 3 … without gaps.
        happened_at: When, by the database's clock.
        actor: Database user who did it.
        command: The `churn` command that did it.
        subject: What it was done to; never a customer.
        details: Counts and the like.
        sha256: Checksum of this entry and of the one before, hexadecimal.
        is_intact: Whether the entry is what was written, where it was written.
    """

    audit_id: int
    happened_at: datetime
    actor: str
    command: str
    subject: str
    details: Mapping[str, Any]
    sha256: str
    is_intact: bool


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """
    Every entry of churn.audit_log.

    Attributes:
        entries: Oldest first.
    """

    entries: tuple[AuditEntry, ...]

    @property
    def sha256(self) -> str:
        """Checksum of the last entry, which stands for all of them; empty without one."""
        return self.entries[-1].sha256 if self.entries else ""

    def refuse_broken(self) -> None:
        """Raise AuditBroken if an entry was changed, taken out or put in."""
        broken = [entry.audit_id for entry in self.entries if not entry.is_intact]
        if broken:
            raise AuditBroken(
                f"{len(broken)} of {len(self.entries)} entries of churn.audit_log are not what was "
                f"written, first entry {broken[0]}",
                next_step="compare it with the last backup, and ask who may act as the owner of "
                "churn.audit_log",
            )
