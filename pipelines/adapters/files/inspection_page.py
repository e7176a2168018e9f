"""What was found in somebody's tables, as one HTML page that needs no other file."""

from pathlib import Path

import jinja2

from pipelines.domain.cells import visible
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.leakage.probe import LEAK_AUC
from pipelines.errors import ImportRefused

TEMPLATE = Path(__file__).with_name("inspection_page.html")


def save(inspection: Inspection, path: Path) -> None:
    """
    Write the page whole, over one that was there.

    Raises:
        ImportRefused: The file cannot be written.
    """
    text = rendered(inspection)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ImportRefused(
            f"{path} cannot be written: {error.strerror}", next_step="name another file for --page"
        ) from None


def rendered(inspection: Inspection) -> str:
    """Return the page; whatever tables and columns are called, it is text there and no markup."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["visible"] = lambda value: visible(str(value))
    environment.filters["count"] = "{:,}".format
    template = environment.from_string(TEMPLATE.read_text("utf-8"))

    return template.render(inspection.to_dict(), leak_auc=LEAK_AUC)
