"""The process that serves pages: its command, its settings and its login."""

import os
import secrets
import sys
from pathlib import Path

from pipelines.adapters.local import private_files
from pipelines.adapters.local.pages import app
from pipelines.adapters.local.processes import Service

NAME = "pages"
FACTORY = "pipelines.adapters.local.pages.app:create_app"


def service(*, home: Path, port: int, environment: dict[str, str]) -> Service:
    """Return the server as a process; its password is in its environment."""
    command = (
        *(sys.executable, "-m", "uvicorn", "--factory", FACTORY),
        *("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--no-server-header"),
        *("--log-level", "warning"),
    )
    folders = [home / "reports", home / "data_docs"]

    return Service(
        name=NAME,
        command=command,
        environment={
            **environment,
            app.PASSWORD: password(home),
            app.FOLDERS: os.pathsep.join(map(str, folders)),
        },
    )


def password(home: Path) -> str:
    """Return the password of the server of *home*, made when it is first asked for."""
    path = password_file(home)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private_files.write(path, secrets.token_urlsafe(24))

    return path.read_text("utf-8")


def password_file(home: Path) -> Path:
    """Return where the password is kept, for its owner alone."""
    return home / "pages" / "password"


def address(url: str, population: str) -> str:
    """Return where the newest page of a population is, on a server at *url*."""
    return f"{url}/reports/{population}-latest.html"
