"""
Files of two folders, handed out behind a login: the pages of nights, and the pages of gates.

uvicorn calls `create_app` in a process of its own; what it needs is in the environment.
"""

import asyncio
import mimetypes
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from pipelines.adapters.local.mlflow_login import ALIVE, App, Receive, Scope, Send, behind_login

USER = "churn"
PASSWORD = "CHURN_PAGES_PASSWORD"  # noqa: S105  the variable's name
FOLDERS = "CHURN_PAGES_FOLDERS"  # separated as a PATH is
MISSING = b"there is no such page\n"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Pages of gates name scripts and styles all over the web: here they fetch and run nothing.
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)


def create_app() -> App:
    """
    Return the server behind its login.

    Raises:
        RuntimeError: There is no password, or one that could be guessed, or no folder.
    """
    password = os.environ.get(PASSWORD, "")
    if len(password) < 16:
        raise RuntimeError(f"{PASSWORD} is not set to a password of at least 16 characters")
    folders = [Path(name) for name in os.environ.get(FOLDERS, "").split(os.pathsep) if name]
    if not folders:
        raise RuntimeError(f"{FOLDERS} names no folder")

    return behind_login(handed_out(folders), f"{USER}:{password}", realm="pages of nights")


def handed_out(folders: Sequence[Path]) -> App:
    """
    Return a server of the files below some folders, each under its own name; no folder is listed.

    Args:
        folders: What is handed out. A file whose links lead outside of them is not there.
    """
    roots = {folder.name: folder for folder in folders}

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        is_asked = scope["method"] in {"GET", "HEAD"}
        path = _file(roots, scope["path"]) if is_asked else None
        if is_asked and scope["path"] == ALIVE:
            status, kind, content = 200, "text/plain", b"OK\n"
        elif path is None:
            status, kind, content = (404 if is_asked else 405), "text/plain", MISSING
        else:
            status, kind = 200, mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            content = await asyncio.to_thread(path.read_bytes)
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        headers = [
            (b"content-type", f"{kind}{charset}".encode()),
            (b"content-length", str(len(content)).encode()),
            *HEADERS,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else content
        await send({"type": "http.response.body", "body": body})

    return serve


def _file(roots: dict[str, Path], asked: str) -> Path | None:
    """Return the file an address names, or None where it is none of ours to hand out."""
    name, _, rest = unquote(asked).lstrip("/").partition("/")
    root = roots.get(name)
    if root is None or "\0" in rest:
        return None
    try:
        root, path = root.resolve(), (root / rest).resolve()
        is_ours = path.is_relative_to(root) and path.is_file() and path.suffix != ".partial"
    except (OSError, RuntimeError):  # a name too long, or links that lead to each other
        return None

    return path if is_ours else None


async def _live(receive: Receive, send: Send) -> None:
    """Start and end with the process."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
