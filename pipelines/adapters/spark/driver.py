"""
Spark's driver, a process of its own environment: a job in, a folder of scores and an answer out.

Usage: `python -m pipelines.adapters.spark.driver JOB ANSWER CODE`, with SPARK_CONF_DIR naming the
folder of spark-defaults.conf, and a pipe as standard input. The driver ends as soon as that is
closed, so that it never outlives who has started it, however that ended.

CODE is our package as a zip, which the workers get from the driver. The answer is JSON: `{}` where
all is well, or `{"refusal": [class, message, next step]}`, or `{"failure": words}` that name no
value of a row.
"""

import functools
import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from pipelines.adapters.models.directory import MANIFEST
from pipelines.adapters.spark import executor
from pipelines.adapters.spark.job import Job
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.errors import ChurnError, ServiceFailed

SPARK_TYPES = {pa.string(): "string", pa.float64(): "double"}
COLUMNS = ", ".join(f"{field.name} {SPARK_TYPES[field.type]}" for field in SCHEMA)
REFUSAL = re.compile(f"{executor.MARK}(.*?){executor.END}", re.DOTALL)
# Where a worker has failed otherwise; and Spark names its own faults in brackets.
PLACE = re.compile(r"RuntimeError: (\w+ at \S+:\d+)")
CONDITION = re.compile(r"\[([A-Z][A-Z_.]+)\]")


def main(job_path: str, answer_path: str, code: str) -> None:
    """Do what the job says."""
    threading.Thread(target=_end_with_our_starter, daemon=True).start()
    job = Job.from_json(Path(job_path).read_text("utf-8"))
    try:
        score(job, code)
        answer: dict[str, Any] = {}
    except ChurnError as error:
        answer = {"refusal": json.loads(executor.refusal(error))}
    except Exception as error:
        print(error, file=sys.stderr)  # noqa: T201  the log
        answer = _told(str(error), type(error).__name__)
    partial = Path(f"{answer_path}.partial")
    partial.write_text(json.dumps(answer), "utf-8")
    partial.rename(answer_path)


def score(job: Job, code: str) -> None:
    """Score every row of *job* into its folder, by the package in the zip *code*."""
    session = _session()
    try:
        session.sparkContext.addPyFile(code)
        _wait_for_workers(session, job.wait_seconds)
        models = {
            each.manifest_sha256: _files(Path(each.folder))
            for each in (job.model, job.before)
            if each is not None
        }
        part = functools.partial(
            executor.scored_files, job=job.to_json(), models=session.sparkContext.broadcast(models)
        )
        # Workers read the files themselves: by way of Spark's rows it takes much longer.
        files = [(str(path),) for path in sorted(Path(job.rows).iterdir())]
        tasks = session.sparkContext.parallelize(files, len(files))
        rows = session.createDataFrame(tasks, f"{executor.PATH} string")
        rows.mapInArrow(part, COLUMNS).write.parquet(job.scores)
    finally:
        session.stop()


def _session() -> SparkSession:
    """Begin, as SPARK_CONF_DIR says; who does not know a cluster's secret cannot."""
    try:
        return SparkSession.builder.getOrCreate()
    except Exception as error:
        print(error, file=sys.stderr)  # noqa: T201  the log
        raise ServiceFailed(
            f"Spark did not begin ({type(error).__name__}): there is no Java 17 or 21, or the "
            "cluster takes us for strangers",
            next_step="start master and workers with --properties-file spark/cluster.conf of this "
            "installation, see docs/scale.md; logs/spark.log has what Spark says",
        ) from None


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files of a model directory: those its manifest names, and the manifest."""
    lines = (folder / MANIFEST).read_text("ascii").splitlines()
    names = [line.partition("  ")[2] for line in lines]

    return {name: (folder / name).read_bytes() for name in [MANIFEST, *names]}


def _wait_for_workers(session: SparkSession, seconds: int) -> None:
    """Refuse a cluster of which nobody takes part; Spark itself would wait for ever."""
    context = session.sparkContext
    if (context.master or "").startswith("local"):
        return
    status = context._jsc.sc()
    deadline = time.monotonic() + seconds
    while status.getExecutorMemoryStatus().size() < 2:  # the driver is one of them
        if time.monotonic() > deadline:
            raise ServiceFailed(
                f"no worker of {context.master} took part within {seconds} s",
                next_step="start workers, or free cores and memory of those that run; their state "
                "is on the page of Spark's master",
            )
        time.sleep(0.2)


def _told(text: str, kind: str) -> dict[str, Any]:
    """Return an answer from what Spark says: a refusal of ours, or its own name of a fault."""
    found = REFUSAL.search(text)
    if found is not None:
        return {"refusal": json.loads(found[1])}
    known = PLACE.search(text) or CONDITION.search(text)

    return {"failure": f"{kind}: {known[1]}" if known else kind}


def _end_with_our_starter() -> None:
    """Wait until standard input is closed, and end at once; Spark's JVM ends with us."""
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
