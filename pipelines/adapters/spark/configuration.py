"""What Spark is told before it begins: files for the driver, and the secret a cluster shares."""

import secrets
from pathlib import Path

from pipelines.adapters.local import private_files
from pipelines.sections import Spark

# Of the installation; `--properties-file` of whoever starts the cluster's master and workers.
CLUSTER = "cluster.conf"

# What a master and its workers need besides a secret. Masters take jobs over HTTP too unless told.
SHARED = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.master.rest.enabled": "false",
}
# Nobody looks at the driver, nothing of a job is kept, what spills to a disk is encrypted.
OF_THE_DRIVER = {
    "spark.app.name": "churn",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.io.encryption.enabled": "true",
    "spark.speculation": "false",
    "spark.sql.parquet.compression.codec": "zstd",
}
LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss} %p %c{1}: %m{nolookups}%n
"""


def cluster_file(home: Path) -> Path:
    """
    Return the owner's file of what master, workers and driver share, made where it is missing.

    Args:
        home: Folder of what the installation keeps for Spark; is made.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / CLUSTER
    with private_files.locked(home / f"{CLUSTER}.lock"):
        if not path.is_file():
            told = {**SHARED, "spark.authenticate.secret": secrets.token_hex(32)}
            private_files.write(path, _lines(told))

    return path


def write(settings: Spark, cluster: Path, folder: Path) -> None:
    """
    Write the driver's files into *folder*, which SPARK_CONF_DIR is to name.

    Args:
        settings: `[spark]` of churn.toml.
        cluster: As `cluster_file` made it. What it says never stands on a command line.
        folder: For its owner alone; is made.
    """
    folder.mkdir(mode=0o700)
    told = {
        **OF_THE_DRIVER,
        "spark.master": settings.master,
        "spark.driver.host": settings.driver_host,
        "spark.driver.bindAddress": settings.driver_host,
        "spark.executor.memory": settings.executor_memory,
        # It waits for others nearly all the time: a soon start matters more than a fast run.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
        f'"-Djava.io.tmpdir={folder}"',
    }
    private_files.write(folder / "spark-defaults.conf", cluster.read_text("utf-8") + _lines(told))
    private_files.write(folder / "log4j2.properties", LOGGING)


def _lines(told: dict[str, str]) -> str:
    """Return properties as Spark reads them."""
    return "".join(f"{name} {value}\n" for name, value in told.items())
