"""One installation of ours, used through its command."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines import settings
from pipelines.adapters.local import postgres
from pipelines.wiring import data, servers
from pipelines.wiring.database_roles import ROLE_OF
from pipelines.wiring.installation import Installation
from tests import few_trials
from tests.e2e import commands

# Nights of tests have dates of their own, whatever the clock of the machine says.
os.environ["CHURN_FUTURE"] = "true"

CHURN = Path(sys.executable).parent / "churn"
# XGBoost and what explains it take two seconds of every process that scores.
LOGISTIC = {'families = ["logistic", "xgboost"]': 'families = ["logistic"]'}
# Lines of our churn.toml with which a few customers are enough to train on, and soon.
SMALL = {
    "minimum_churners = 50": "minimum_churners = 5",
    "bootstrap_resamples = 200": "bootstrap_resamples = 20",
    **LOGISTIC,
}
# For Airflows whose nights are not of today: the list of today would be missing.
UNWATCHED = {'deadline = "06:00"': '# deadline = "06:00"'}
# For nights that are not about drift: alibi-detect takes three seconds, most of it to be imported.
NO_ALIBI = {'engine = "auto"': 'engine = "scipy"'}


@dataclass
class ChurnHome:
    """
    One state folder and the environment its commands run in.

    Attributes:
        home: CHURN_HOME.
        environ: Variables besides those of this process.
        is_started_anew: Start a Python for each command, as people do, and fork none.
        owner: Number of the user who runs the commands, each started anew; None is ourselves.
    """

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    is_started_anew: bool = False
    owner: int | None = None

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run one command and return how it ended."""
        environ = {**os.environ, "CHURN_HOME": str(self.home), **self.environ}
        words = [*map(str, arguments)]
        if not self.is_started_anew and self.owner is None:
            return commands.run(words, environ)

        return subprocess.run(
            [CHURN, *words],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=3000,
            user=self.owner,
            group=self.owner,
            extra_groups=None if self.owner is None else [],
        )

    def churn(self, *arguments: object) -> str:
        """Run one command that has to succeed; return what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"churn {arguments}\n{done.stdout}\n{done.stderr}"

        return done.stdout

    def up_mlflow(self) -> str:
        """Start the MLflow server; return its address as CHURN_MLFLOW_URI takes it."""
        told = self.churn("up", "--only", "mlflow")
        found = re.search(r"http://(\S+)  \(login (\S+) / (\S+)\)", told)
        assert found is not None
        server, user, password = found.groups()

        return f"http://{user}:{password}@{server}"

    def rows(self, query: str) -> list[list[str]]:
        """Return the rows of a query as `churn sql --csv` prints them, without a process."""
        environ = {"CHURN_HOME": str(self.home), **self.environ}
        answer = data.ask(Installation(settings.load(environ), ROLE_OF["sql"]), query)

        return [["" if value is None else str(value) for value in row] for row in answer.rows]

    def configure(self, replacements: Mapping[str, str]) -> None:
        """Use our churn.toml for tests with some lines changed."""
        text = few_trials.text()
        for before, after in replacements.items():
            assert text.count(before) == 1
            text = text.replace(before, after)
        path = self.home / "churn.toml"
        path.write_text(text, "utf-8")
        self.environ["CHURN_CONFIG"] = str(path)


@contextlib.contextmanager
def fresh() -> Iterator[ChurnHome]:
    """Make an empty, migrated installation; everything it started is ended."""
    with tempfile.TemporaryDirectory(prefix="churn-e2e-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with ended(home, is_removed=True):
            postgres.start(home, is_durable=False)
            data.migrate(Installation(settings.load({"CHURN_HOME": str(home)})))
            yield ChurnHome(home)


@contextlib.contextmanager
def ended(home: Path, *, is_removed: bool = False) -> Iterator[None]:
    """End whatever the block starts in *home*, its database last; remove that if asked to."""
    try:
        yield
    finally:
        installation = Installation(settings.load({"CHURN_HOME": str(home)}))
        servers.down(installation, is_removed=is_removed)
