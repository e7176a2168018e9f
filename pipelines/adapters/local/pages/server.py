"""The process that serves pages: its command, its settings and its login."""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.adapters.local import private_files
from pipelines.adapters.local.pages import app
from pipelines.adapters.local.processes import Service

NAME = "pages"
# docker-compose.yaml repeats it, and a test compares.
COMMAND = (
    *("-m", "uvicorn", "--factory", "pipelines.adapters.local.pages.app:create_app"),
    *("--no-access-log", "--no-server-header", "--log-level", "warning"),
)


def service(*, home: Path, port: int, environment: dict[str, str]) -> Service:
    """Return the server as a process; its password is in its environment."""
    return Service(
        name=NAME,
        command=(sys.executable, *COMMAND, "--host", "127.0.0.1", "--port", str(port)),
        environment={**environment, app.PASSWORD: password(home), app.FOLDERS: folders(home)},
    )


def folders(home: Path) -> str:
    """Return what is handed out of a state folder."""
    return os.pathsep.join(str(home / name) for name in ("reports", "data_docs"))


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


def shown(url: str) -> str:
    """Return an address as people may see it: without user and password."""
    parts = urlsplit(url)

    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
