"""The process that answers programs between two nights: `churn serve` beside the other servers."""

import sys
from pathlib import Path
from typing import Final

from pipelines.adapters.local.processes import Service

NAME: Final = "service"
COMMAND: Final = ("churn", "serve")
READY: Final = "/health/ready"


def service(*, port: int, environment: dict[str, str]) -> Service:
    """Return it as a process; the installation is the one its environment names."""
    command, *options = COMMAND

    return Service(
        name=NAME,
        command=(
            *(str(Path(sys.executable).parent / command), *options),
            *("--host", "127.0.0.1", "--port", str(port)),
        ),
        environment=environment,
    )
