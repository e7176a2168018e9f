"""`churn new` on a terminal: what it asks, and what becomes of answers."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import csv

from tests import loyalty_cards, several_tables

CHURN = Path(sys.executable).parent / "churn"
SECONDS = 60
CTRL_C = b"\x03"


def talk(
    folder: Path, *words: object, answers: Sequence[tuple[str, str | bytes]]
) -> tuple[int, str]:
    """
    Run a command on a terminal of its own; return how it ended, and all that was on the screen.

    Args:
        folder: Where its project and its state are.
        words: The command.
        answers: What is waited for on the screen, after what was answered before, and what is typed
            then.
    """
    environ = {
        **os.environ,
        "CHURN_HOME": str(folder / "home"),
        "CHURN_PROJECT": str(folder / "my"),
        "TERM": "dumb",
        "COLUMNS": "200",
    }
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [CHURN, *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509  its terminal
    )
    os.close(theirs)
    screen, seen, rest = "", 0, [*answers]
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end:
            if rest and rest[0][0] in screen[seen:]:
                seen = len(screen)
                typed = rest.pop(0)[1]
                os.write(ours, typed if isinstance(typed, bytes) else f"{typed}\n".encode())
            if not select.select([ours], [], [], 0.1)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                screen += os.read(ours, 65536).decode(errors="replace")
            except OSError:
                break
    finally:
        if process.poll() is None and time.monotonic() >= end:
            process.kill()
        code = process.wait(timeout=60)
        os.close(ours)
    assert not rest, f"never asked: {rest[0][0]}\n{screen}"

    return code, screen


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """A file with a row a customer."""
    random = np.random.default_rng(3)
    has_left = random.random(400) < 0.3
    file = tmp_path / "customers.csv"
    pd.DataFrame(
        {
            "account": [f"A{number:04d}" for number in range(400)],
            "fee": (random.gamma(4, 8, 400) + 8 * has_left).round(2),
            "state": np.where(has_left, "gone", "here"),
            "colour": random.choice(["red", "blue"], 400),
        }
    ).to_csv(file, index=False)

    return file


def test_a_table_is_asked_for_its_key_and_who_left(customers: Path, tmp_path: Path) -> None:
    """A wrong answer is told with the reason and asked again; what was right need not be typed."""
    code, screen = talk(
        tmp_path,
        *("new", "shop", customers),
        answers=[
            ("--key COLUMN", "acount"),
            ("--label COLUMN=VALUE", "state=gone"),
            ("--drop COLUMN", "colour"),
            ("--accept COLUMN=reason", ""),
            ("--key COLUMN [acount]", "account"),
            ("--label COLUMN=VALUE [state=gone]", ""),
            ("--drop COLUMN, with commas [colour]", ""),
            ("--accept COLUMN=reason", ""),
            ("Write this?", "y"),
        ],
    )

    assert 0 == code, screen
    assert "acount" in screen.partition("not so:")[2]
    assert "next: churn import shop" in screen
    declared = (tmp_path / "my" / "sources" / "shop.toml").read_text("utf-8")
    assert '"account", type = "text"' in declared
    assert "colour = " not in declared.partition("[tables.customers.dropped]")[0]


def test_a_log_is_asked_for_its_times_and_what_leaving_is(tmp_path: Path) -> None:
    """And who is scored, and when a row was known."""
    file = tmp_path / "purchases.csv"
    loyalty_cards.purchases(120, begin=pd.Timestamp("2026-01-01").date(), days=200).to_csv(
        file, index=False
    )
    code, screen = talk(
        tmp_path,
        *("new", "bakery", file),
        answers=[
            ("--key COLUMN", "card"),
            ("--time COLUMN", ""),
            ("--known COLUMN", ""),
            ("--gone RULE", "purchases"),
            ("--eligible", ""),
            ("--drop COLUMN", ""),
            ("--accept COLUMN=reason", "shop"),
            ("--accept COLUMN=reason", ""),
            ("--key COLUMN [card]", ""),
            ("--time COLUMN", ""),
            ("--known COLUMN", ""),
            ("--gone RULE", "no purchases in 21d"),
            ("--eligible", "purchases in 28d"),
            ("--drop COLUMN", ""),
            ("--accept COLUMN=reason", ""),
            ("Write this?", "y"),
        ],
    )

    assert 0 == code, screen
    assert "'shop' is accepted, and nothing says why" in screen
    assert "no row in 21 days" in screen
    assert "with a row in the last 28 days" in screen
    assert (tmp_path / "my" / "models" / "bakery").is_dir()


def test_several_tables_are_asked_for_what_leaving_is(tmp_path: Path) -> None:
    """By a rule, or by a column of one of them; options that were given are not asked for."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, table in several_tables.tables().items():
        csv.write_csv(table, folder / f"{name}.csv")
    code, screen = talk(
        tmp_path,
        *("new", "saas", folder, "--drop", "accounts.plan"),
        answers=[
            ("--gone RULE", "no orders in 5y"),
            ("--key COLUMN", ""),
            ("--time TABLE.COLUMN", ""),
            ("--known TABLE.COLUMN", ""),
            ("--eligible", ""),
            ("--accept COLUMN=reason", ""),
            ("not so:", CTRL_C),
        ],
    )

    assert 0 != code
    assert "--drop" not in screen.partition("not so:")[0]
    assert not (tmp_path / "my").exists()


def test_nothing_is_left_where_somebody_stops(customers: Path, tmp_path: Path) -> None:
    """By Ctrl-C while a question is open, or by saying no at the end."""
    stopped, screen = talk(
        tmp_path, "new", "shop", customers, answers=[("--key", ""), ("--label", CTRL_C)]
    )
    assert 0 != stopped, screen
    assert "Traceback" not in screen
    assert not (tmp_path / "my").exists()

    said_no, screen = talk(
        tmp_path,
        *("new", "shop", customers, "--key", "account", "--label", "state=gone"),
        answers=[("--drop", ""), ("--accept", ""), ("Write this?", "n")],
    )
    assert 0 == said_no, screen
    assert "nothing was written" in screen
    assert not (tmp_path / "my").exists()
