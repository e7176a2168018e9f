"""The pages in docs/ that are generated, whole or in part, and how they stand in this checkout."""

from collections.abc import Mapping
from pathlib import Path

from docs.generate.blocks import filled, names
from docs.generate.channels import channels
from docs.generate.commands import commands
from docs.generate.exit_codes import exit_codes
from docs.generate.faults import faults
from docs.generate.features import features
from docs.generate.monitoring.boards import BOARDS
from docs.generate.monitoring.dashboards import dashboard
from docs.generate.night import picture
from docs.generate.roles import roles
from docs.generate.rooms import imports, rooms
from docs.generate.service_load import load_picture, service_load
from docs.generate.settings import settings
from pipelines.settings import ROOT
from tests.benchmarks import api_rates
from tests.faults import table

DOCS = ROOT / "docs"
FAULTS, LOAD = DOCS / "faults.json", DOCS / "service-load.json"
RULES = DOCS / "monitoring" / "rules.yml"
DASHBOARDS = DOCS / "monitoring" / "grafana" / "dashboards"
# A chart reads files of its own folder alone.
CHART_FILES = DOCS / "kubernetes" / "churn" / "files"


def generated() -> dict[Path, str]:
    """
    Return what every generated page has to hold, by its path.

    Raises:
        LookupError: A block is on no page or on two, or something in one is explained nowhere.
    """
    blocks = _blocks()
    pages = {path: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
    placed = [name for text in pages.values() for name in names(text)]
    if sorted(placed) != sorted(blocks):
        raise LookupError(f"blocks on pages: {sorted(placed)}; blocks generated: {sorted(blocks)}")
    made = {path: filled(text, blocks) for path, text in pages.items() if names(text)}
    made[DOCS / "night.svg"] = picture((DOCS / "night.txt").read_text("utf-8"))
    made[DOCS / "service-load.svg"] = load_picture(api_rates.read(LOAD))
    made[CHART_FILES / "rules.yml"] = RULES.read_text("utf-8")
    for each in BOARDS:
        for folder in (DASHBOARDS, CHART_FILES / "dashboards"):
            made[folder / f"{each.name}.json"] = dashboard(each)

    return made


def differing() -> list[Path]:
    """Return the pages that do not hold what they have to."""
    return [path for path, text in generated().items() if _read(path) != text]


def rewrite() -> list[Path]:
    """Write the pages that do not hold what they have to; return them."""
    pages = generated()
    changed = [path for path, text in pages.items() if _read(path) != text]
    for path in changed:
        path.write_text(pages[path], "utf-8")

    return changed


def _blocks() -> Mapping[str, str]:
    """Return the text of every block, by name."""
    return {
        "channels": channels(),
        "commands": commands(),
        "exit-codes": exit_codes(),
        "faults": faults(table.read(FAULTS)),
        "features": features(),
        "imports": imports(),
        "roles": roles(),
        "rooms": rooms(),
        "service-load": service_load(api_rates.read(LOAD)),
        "settings": settings(),
    }


def _read(path: Path) -> str | None:
    """Return the text of *path*, None where there is no such file."""
    return path.read_text("utf-8") if path.exists() else None
