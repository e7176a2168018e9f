"""
Spark's driver without Spark: the same job, workers' code and answer, in one process.

Called as the interpreter of Spark's environment would be: `-m MODULE JOB ANSWER CODE`. It imports
our package from CODE alone, so that what is not in it is missed here and not on a cluster.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

CODE = sys.argv[-1]
sys.path.insert(0, CODE)

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from pipelines.adapters.spark import executor  # noqa: E402
from pipelines.adapters.spark.exchange import DONE  # noqa: E402
from pipelines.adapters.spark.job import Job  # noqa: E402


@dataclass(frozen=True)
class Broadcast:
    """What Spark hands to its workers."""

    value: dict[str, dict[str, bytes]]


def main(job_path: str, answer_path: str) -> None:
    """Score every file of the job into one of its own, the last one first."""
    job = Job.from_json(Path(job_path).read_text("utf-8"))
    models = {
        each.manifest_sha256: {path.name: path.read_bytes() for path in Path(each.folder).iterdir()}
        for each in (job.model, job.before)
        if each is not None
    }
    folder = Path(job.scores)
    folder.mkdir()
    answer: dict[str, object] = {}
    try:
        for number, file in enumerate(sorted(Path(job.rows).iterdir(), reverse=True)):
            told = [pa.RecordBatch.from_pydict({executor.PATH: [str(file)]})]
            scored = executor.scored_files(told, job=job.to_json(), models=Broadcast(models))
            pq.write_table(pa.Table.from_batches(scored), folder / f"part-{number:05d}.parquet")
        (folder / DONE).touch()
    except RuntimeError as error:
        text = str(error).removeprefix(executor.MARK).removesuffix(executor.END)
        answer = {"refusal": json.loads(text)}
    Path(answer_path).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    assert str(executor.__file__).startswith(CODE)
    main(*sys.argv[-3:-1])
