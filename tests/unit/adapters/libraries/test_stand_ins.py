"""What is put in the place of modules while a library is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = "import charts, engines\nfrom engines import Snowflake\nbar = lambda: charts.BAR\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold a library, and the two modules it imports."""
    (tmp_path / "library.py").write_text(LIBRARY)
    (tmp_path / "charts.py").write_text("BAR = 'a bar'\n")
    (tmp_path / "engines.py").write_text("Snowflake = 'the real one'\n")

    return tmp_path


def told(folder: Path, *lines: str) -> list[str]:
    """Return what a Python prints that imports the library with stand-ins, then does *lines*."""
    program = (
        f"import sys; sys.path.insert(0, {str(folder)!r})",
        "from pipelines.adapters.libraries.stand_ins import Empty, Later, in_place_of",
        "with in_place_of(Later('charts'), Empty('engines')):",
        "    import library",
        *lines,
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program)], capture_output=True, text=True, check=True
    )

    return done.stdout.splitlines()


def test_nothing_that_stands_in_is_left_behind(folder: Path) -> None:
    """Whoever imports one of the names after gets the real module."""
    found = told(
        folder,
        "print(sorted({'charts', 'engines'} & {*sys.modules}))",
        "import engines; print(engines.Snowflake)",
    )

    assert ["[]", "the real one"] == found


def test_what_comes_later_comes_when_it_is_used(folder: Path) -> None:
    """The library has the module it imported, from the first use on."""
    found = told(folder, "print(library.bar(), 'charts' in sys.modules)")

    assert ["a bar True"] == found


def test_what_is_left_out_says_so_when_it_is_used(folder: Path) -> None:
    """It can be named, and nothing can be made of it."""
    found = told(
        folder, "try: library.Snowflake()", "except ImportError as error: print(error, error.name)"
    )

    assert ["engines was left out, and Snowflake with it Snowflake"] == found


def test_what_is_imported_already_stays(folder: Path) -> None:
    """Nothing stands in for a module that is there."""
    found = told(
        folder,
        "import engines",
        "with in_place_of(Empty('engines')):",
        "    from engines import Snowflake",
        "print(Snowflake, 'engines' in sys.modules)",
    )

    assert ["the real one True"] == found
