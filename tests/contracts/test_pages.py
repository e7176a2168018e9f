"""Pages in a folder and in memory, held to the same contract."""

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


class TestReportFolder(PagesContract[ReportFolder]):
    """Text files."""

    @pytest.fixture
    def pages(self, tmp_path: Path) -> ReportFolder:
        """A folder that is not there yet."""
        return ReportFolder(tmp_path / "reports")

    def kept(self, pages: ReportFolder) -> dict[Path, str]:
        """Read every file."""
        return {path: path.read_text("utf-8") for path in pages.folder.iterdir()}
