"""Sources are streamed: how large a file is does not say how much memory it takes."""

import subprocess
import sys
from pathlib import Path

import pytest

MEASURED = """
import resource, sys
from pipelines.adapters.sources import source
(table,) = source.opened(sys.argv[1])
print(sum(len(batch) for batch in table.batches(lambda row: None)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
LINE = (
    "{n},customer {n},2026-11-20 12:00:00,{n}.25,basic plan with a name that is somewhat long,DE\n"
)


@pytest.mark.slow
def test_a_csv_of_300_megabytes_is_read_in_less_than_400(tmp_path: Path) -> None:
    """Every row of it, by a process that has nothing else to do."""
    path = tmp_path / "large.csv"
    rows = 0
    with path.open("w") as written:
        written.write("id,name,seen_at,fee,plan,country\n")
        while written.tell() < 300_000_000:
            written.write("".join(LINE.format(n=n) for n in range(rows, rows + 50_000)))
            rows += 50_000

    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True
    )
    found, peak_mb = (int(line) for line in ran.stdout.split())

    assert rows == found
    assert peak_mb < 400
