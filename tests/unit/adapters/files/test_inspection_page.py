"""The page of what was found."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.adapters.files import inspection_page
from pipelines.domain.inspection.report import Inspection
from pipelines.errors import ImportRefused
from pipelines.steps.data.inspect import inspect
from pipelines.testing.sources import MemorySourceTable

ATTACK = "<script>alert(1)</script>"


def inspection() -> Inspection:
    """Look at a table whose name, columns and values are markup and escapes."""
    rows = pa.table(
        {
            f"plan{ATTACK}": [ATTACK, "\x1b[31mred", "basic", "basic"],
            "churn": ["1", "0", "0", "0"],
        }
    )

    return inspect(
        sources=[MemorySourceTable(rows, name=f"people{ATTACK}")],
        as_of=date(2026, 11, 1),
        label=None,
        most_rows=100,
    )


def test_whatever_is_brought_is_text_on_the_page() -> None:
    """No markup of a name or value is the page's own, and no control character is in it."""
    page = inspection_page.rendered(inspection())

    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert "<script" not in page
    assert "\x1b" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


def test_it_is_written_whole(tmp_path: Path) -> None:
    """Over the one before, and nothing is left beside it."""
    path = tmp_path / "page.html"
    path.write_text("earlier")
    inspection_page.save(inspection(), path)

    assert path.read_text().endswith("</html>\n") or path.read_text().endswith("</html>")
    assert ["page.html"] == [found.name for found in tmp_path.iterdir()]


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(ImportRefused, match="cannot be written: No such file or directory"):
        inspection_page.save(inspection(), tmp_path / "none" / "page.html")
