"""The process that Airflow's tasks hand their commands to, beside the other servers."""

import os
import sys
from pathlib import Path
from typing import Final

from pipelines.adapters.local.processes import Service

NAME: Final = "resident"
# Its commands call themselves `churn`, which those of a module run by -m would not.
COMMAND: Final = (
    sys.executable,
    "-P",
    "-c",
    "from pipelines.resident.keeper import main; main()",
)
# Names its socket, to it and to those who hand over.
ADDRESS: Final = "CHURN_RESIDENT"
# What fits into the address of a socket wherever we run.
LONGEST_ADDRESS: Final = 100


def environment(run: Path, environment: dict[str, str]) -> dict[str, str]:
    """
    Return an environment whose commands are handed over.

    It is the same environment, and every task runs its own command, where a socket in the run
    folder would have too long a name.
    """
    address = run / "resident.sock"
    if len(os.fsencode(address)) > LONGEST_ADDRESS:
        return environment

    return {**environment, ADDRESS: str(address)}


def service(environment: dict[str, str]) -> Service | None:
    """Return it as a process, if its environment has an address."""
    if ADDRESS not in environment:
        return None

    return Service(NAME, COMMAND, environment)


def answers(environment: dict[str, str]) -> bool:
    """Tell whether it listens."""
    return Path(environment[ADDRESS]).is_socket()
