"""Rows for Spark are files of a bounded size, and scores are taken whole or not at all."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.adapters.spark import exchange
from pipelines.adapters.spark.exchange import Exported
from pipelines.adapters.spark.job import TIER_BEFORE
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.errors import ConfigError, ServiceFailed
from pipelines.testing.contracts.scores.lists import batch


def rows(*sizes: int) -> list[pa.RecordBatch]:
    """Return batches of so many customers, numbered on."""
    table = pa.table({"customer_id": [f"c{n:03d}" for n in range(sum(sizes))]})
    starts = [sum(sizes[:number]) for number in range(len(sizes))]

    return [
        pa.RecordBatch.from_arrays(
            [table["customer_id"].combine_chunks()[at : at + size]], ["customer_id"]
        )
        for at, size in zip(starts, sizes, strict=True)
    ]


@pytest.mark.parametrize(
    ("sizes", "files"),
    [
        ((), []),
        ((0, 0), []),
        ((3,), [3]),
        ((4,), [4]),
        ((5,), [4, 1]),
        ((1, 0, 2, 6, 3), [4, 4, 4]),
        ((13,), [4, 4, 4, 1]),
    ],
)
def test_a_file_has_as_many_rows_as_asked(
    tmp_path: Path, sizes: tuple[int, ...], files: list[int]
) -> None:
    """Whatever the batches are; the last one what is left, and none has none."""
    exported = exchange.export(rows(*sizes), tmp_path / "rows", file_rows=4, tiers_before=None)
    found = [pq.read_table(file) for file in sorted((tmp_path / "rows").iterdir())]

    assert Exported(sum(sizes), len(files)) == exported
    assert files == [table.num_rows for table in found]
    expected = [name for each in rows(*sizes) for name in each[0].to_pylist()]
    assert expected == [name for table in found for name in table["customer_id"].to_pylist()]
    assert 0o700 == (tmp_path / "rows").stat().st_mode & 0o777


def test_the_tier_of_the_list_before_goes_with_its_customer(tmp_path: Path) -> None:
    """NULL of who was not in it; nobody else is asked for it later."""
    exchange.export(
        rows(2, 1), tmp_path / "rows", file_rows=10, tiers_before=lambda _: {"c001": "high"}
    )

    (file,) = (tmp_path / "rows").iterdir()
    assert [None, "high", None] == pq.read_table(file)[TIER_BEFORE].to_pylist()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With what it is, and where else to put it."""
    (tmp_path / "file").touch()

    with pytest.raises(ServiceFailed, match="cannot be written") as caught:
        exchange.export(rows(1), tmp_path / "file" / "rows", file_rows=1, tiers_before=None)
    assert "[spark]" in caught.value.next_step


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720])
def test_a_folder_others_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    """They could put other scores in place of those that Spark wrote."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(mode)

    with pytest.raises(ConfigError, match="others may write to it") as caught:
        exchange.require_ours(folder)
    assert "[spark]" in caught.value.next_step


def test_a_folder_of_ours_is_made(tmp_path: Path) -> None:
    """For its owner alone; one as /tmp is will do, where nobody touches what is another's."""
    exchange.require_ours(tmp_path / "made" / "here")
    assert 0o700 == (tmp_path / "made" / "here").stat().st_mode & 0o777
    (tmp_path / "made").chmod(0o1777)
    exchange.require_ours(tmp_path / "made")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="Not a directory"):
        exchange.require_ours(tmp_path / "file" / "here")


def written(folder: Path, probabilities: list[dict[str, float]], *, is_done: bool) -> Path:
    """Write scores as Spark does, a file a dictionary."""
    folder.mkdir()
    for number, each in enumerate(probabilities):
        pq.write_table(pa.Table.from_batches([batch(each)]), folder / f"part-{number}.parquet")
    if is_done:
        (folder / exchange.DONE).touch()

    return folder


def test_scores_come_back_as_they_were_written(tmp_path: Path) -> None:
    """All of them, as SCHEMA."""
    given = [{"c1": 0.1, "c2": 1 / 3}, {"c3": 0.9}]
    found = [*exchange.scores(written(tmp_path / "scores", given, is_done=True), 3)]

    assert {SCHEMA} == {each.schema for each in found}
    assert [0.1, 1 / 3, 0.9] == [p for each in found for p in each["churn_probability"].to_pylist()]


@pytest.mark.parametrize(("is_done", "expected"), [(False, 1), (True, 2), (True, 0)])
def test_less_than_all_of_them_is_none(tmp_path: Path, is_done: bool, expected: int) -> None:
    """A job that did not say it was done, and a part that is missing or too many."""
    folder = written(tmp_path / "scores", [{"c1": 0.1}], is_done=is_done)

    with pytest.raises(ServiceFailed, match=f"1 scores of {expected} customers"):
        exchange.scores(folder, expected)
