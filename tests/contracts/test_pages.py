"""Pages in a folder and in memory, held to the same contract."""

import re
from pathlib import Path

import pytest

from pipelines.adapters.files.report_folder import ReportFolder
from pipelines.testing.contracts.nights.pages import PagesContract
from pipelines.testing.nights import MemoryPages


class TestMemoryPages(PagesContract[MemoryPages]):
    """The double."""

    @pytest.fixture
    def pages(self) -> MemoryPages:
        """No page yet."""
        return MemoryPages()

    def kept(self, pages: MemoryPages) -> dict[Path, str]:
        """Look at what it holds."""
        return pages.kept

    def drawn(self, pages: MemoryPages) -> dict[str, str]:
        """Look at what it holds."""
        return {path.name: f"{page.population} {page.as_of}" for path, page in pages.drawn.items()}


class TestReportFolder(PagesContract[ReportFolder]):
    """Text files."""

    @pytest.fixture
    def pages(self, tmp_path: Path) -> ReportFolder:
        """A folder that is not there yet."""
        return ReportFolder(tmp_path / "reports")

    def kept(self, pages: ReportFolder) -> dict[Path, str]:
        """Read every file."""
        return {path: path.read_text("utf-8") for path in pages.folder.iterdir()}

    def drawn(self, pages: ReportFolder) -> dict[str, str]:
        """Read the title of every file; nobody but its owner may."""
        found = {}
        for path in pages.folder.glob("*.html"):
            assert 0o600 == path.stat().st_mode & 0o777
            title = re.search(r"<title>(\w+), night of ([\d-]+): ", path.read_text("utf-8"))
            assert title is not None
            found[path.name] = f"{title[1]} {title[2]}"

        return found
