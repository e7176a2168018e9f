"""The process of alibi-detect: it answers one question after another until nobody can ask."""

import contextlib
import json
import os
import select
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from pipelines.adapters import scratch
from pipelines.errors import ServiceFailed

WORKER = Path(__file__).with_name("alibi_worker.py")
TIMEOUT_SECONDS = 300

# Nothing of ours reaches the process, no password either, and nothing leaves the machine.
ENVIRONMENT = {
    "DO_NOT_TRACK": "true",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Ten thousand rows need no second thread, and on a busy machine threads that wait for each
    # other took minutes of the trees.
    "OMP_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True)
class AlibiProcess:
    """
    A process that was started, and its folder.

    Importing its libraries is most of an answer, so that it stays for the next question. It ends
    when its input does, which the death of ours brings about too.

    Attributes:
        python: Interpreter of its environment.
        folder: Its only one, readable by its owner alone; what is compared is handed over in it.
        process: The process.
        cleanup: Ends it, and removes the folder.
    """

    python: Path
    folder: Path
    process: subprocess.Popen[str]
    cleanup: contextlib.ExitStack

    @classmethod
    def started(cls, python: Path, samples: Path) -> "AlibiProcess":
        """Start one with a folder in *samples*; ServiceFailed where that is not possible."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(scratch.folder(samples, "drift"))
            folders = {"HOME": str(folder), "TMPDIR": str(folder), "MPLCONFIGDIR": str(folder)}
            errors = stack.enter_context((folder / "stderr").open("w", encoding="utf-8"))
            try:
                process = subprocess.Popen(
                    # -P: our modules beside the worker must not stand before its libraries.
                    [python, "-P", WORKER],
                    env={**kept, **ENVIRONMENT, **folders},
                    cwd=folder,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                )
            except OSError as error:
                raise _failed(python, f"did not start: {error}") from None
            stack.callback(_end, process)

            return cls(python, folder, process, stack.pop_all())

    def ask(self, question: str, files: Sequence[Path]) -> None:
        """
        Have it answer *question* about two files in a third; its banners stay unread.

        Raises:
            ServiceFailed: It ended, or did not answer in time.
        """
        stdin, stdout = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        with contextlib.suppress(BrokenPipeError):  # it has ended, and its error says why
            stdin.write(json.dumps([question, *map(str, files)]) + "\n")
            stdin.flush()
        if not select.select([stdout], [], [], TIMEOUT_SECONDS)[0]:
            raise _failed(self.python, f"did not answer within {TIMEOUT_SECONDS} s")
        if not stdout.readline():
            code = self.process.wait()
            told = (self.folder / "stderr").read_text("utf-8", errors="replace")
            last = (told.strip().splitlines() or ["no message"])[-1]
            raise _failed(self.python, f"ended with exit code {code}: {last}")


def _end(process: subprocess.Popen[str]) -> None:
    """End a process, whatever it is at."""
    process.kill()
    with contextlib.suppress(BrokenPipeError), process:  # a question it has not read is lost
        pass


def _failed(python: Path, reason: str) -> ServiceFailed:
    """Return the error that names the way out."""
    return ServiceFailed(
        f"alibi-detect ({python}) {reason}",
        next_step='make setup, or set engine = "scipy" under [drift] in churn.toml',
    )
