"""What a population would be made of, said before anything is written."""

from typing import TYPE_CHECKING

from pipelines.cli import output
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.wiring.populations import Proposal

EFFECTS = {
    "new": "new",
    "same": "as it is",
    "renewed": "renewed",
    "extended": "added to",
    "kept": "kept, for you have changed it; below is what would be written",
}


def show(proposal: "Proposal", found: Installation) -> None:
    """Say what a population is made of, and what becomes of each file."""
    from pipelines.domain.scaffolds.summary import summary  # noqa: PLC0415  pandas, for this alone

    for section in summary(proposal.population):
        output.title(section.title)
        for item in section.items:
            output.item(item)
    output.title(f"in {found.settings.project}")
    output.table(
        ["file", ""], [(change.path, EFFECTS[change.effect]) for change in proposal.changes]
    )
    for change in proposal.changes:
        if change.difference and change.effect != "new":
            output.stdout.print(change.difference, markup=False)
