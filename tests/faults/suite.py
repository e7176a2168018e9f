"""
Every fault, in lanes: the business is made once, and each module of tests disturbs copies.

Writes docs/faults.json and docs/faults.md when all of them held.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docs.generate import pages
from pipelines.cli.output import configure_logging
from pipelines.settings import ROOT
from tests import once
from tests.e2e import at_rest
from tests.faults import table, template
from tests.faults.conftest import TEMPLATE
from tests.faults.table import Told
from tests.faults.told import JSON

LANES = 3  # one of them mostly waits for Airflow
SECONDS_A_TEST = 1800  # thirty kills in one test, on a machine that may have other work
# The longest first, so that the lanes end together.
FIRST = (
    "test_faults_airflow",
    "test_faults_sources",
    "test_killed_at_random",
    "test_times",
    "test_faults_models",
)


def run(module: Path, home: Path, told: Path) -> bool:
    """Run the faults of one module on copies of the business in *home*; return whether all held."""
    started = time.monotonic()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow"),
            *("-p", "no:cacheprovider", "-o", f"timeout={SECONDS_A_TEST}", str(module)),
        ],
        cwd=ROOT,
        env={**os.environ, TEMPLATE: str(home), JSON: str(told)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    has_held = done.returncode == 0
    seconds = time.monotonic() - started
    say(f"{module.stem:<24} {'held' if has_held else 'DID NOT HOLD':<12} {seconds:4.0f} s")
    if not has_held:
        say(done.stdout)

    return has_held


def say(text: str) -> None:
    """Print at once, whichever lane it comes from."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run everything; return the exit code."""
    configure_logging()
    started = time.monotonic()
    modules = sorted(
        (ROOT / "tests" / "faults").glob("test_*.py"),
        key=lambda path: (FIRST.index(path.stem) if path.stem in FIRST else len(FIRST), path),
    )
    with once.lasting() as folder:
        home = once.made(folder, "business", at_rest.made)
        template.made(home)
        say(f"the business was made in {time.monotonic() - started:.0f} s")
        files = [folder / f"{module.stem}.json" for module in modules]
        homes = [home] * len(modules)
        lanes = ThreadPoolExecutor(LANES)
        try:
            have_held = list(lanes.map(run, modules, homes, files))
        finally:  # after Ctrl-C those that have begun end by the same signal
            lanes.shutdown(cancel_futures=True)
        lines: list[Told] = [line for path in files if path.exists() for line in table.read(path)]

    together = table.together(lines)
    say("\n".join(table.text(together)))
    minutes = (time.monotonic() - started) / 60
    if not all(have_held):
        say(f"{have_held.count(False)} of {len(modules)} modules had a fault that did not hold")
        return 1
    table.write(pages.FAULTS, together)
    pages.rewrite()
    say(f"all {len(together)} kinds of fault held, in {minutes:.1f} minutes: docs/faults.md")

    return 0


if __name__ == "__main__":
    sys.exit(main())
