"""A training on a file nobody has loaded, by command."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.e2e import commands

ROWS = 1500


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A csv of German make: customers, and a column that knows who left."""
    random = np.random.default_rng(7)
    fee = random.integers(50, 400, ROWS) / 10
    has_left = random.random(ROWS) < 1 / (1 + np.exp(-0.15 * (fee - 32)))
    lines = ["Kundennummer;Preis;Tarif;Kündigungsgrund;weg"]
    for number in range(ROWS):
        price = "k.A." if number % 50 == 0 else str(fee[number]).replace(".", ",")
        reason = ("Preis", "Umzug")[number % 2] if has_left[number] else ""
        plan = ("Basis", "Profi", "?")[number % 3]
        left = "ja" if has_left[number] else "nein"
        lines.append(f"K{number:05d};{price};{plan};{reason};{left}")
    path = tmp_path / "kunden.csv"
    path.write_bytes("\n".join(lines).encode("cp1252"))

    return path


def benchmark(home: Path, *words: object) -> CompletedProcess[str]:
    """Run the command; it needs no database."""
    environ = {**os.environ, "CHURN_HOME": str(home)}

    return commands.run(["benchmark", *map(str, words)], environ)


def test_a_file_is_trained_on_and_judged_beside_other_models(file: Path, tmp_path: Path) -> None:
    """JSON says how good it is and what was left out; nothing is started and nothing kept."""
    home = tmp_path / "home"
    done = benchmark(
        *(home, "--data", file, "--label", "weg", "--ignore", "Kündigungsgrund", "--json")
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert ["preis", "tarif"] == told["features"]
    assert {"Kündigungsgrund": "left out with --ignore"} == told["left_out"]
    assert 0.72 < told["auc"] < 0.85
    assert 0.4 < told["log_loss"] < 0.65
    assert 0.8 < told["calibration_slope"] < 1.2
    assert {"HistGradientBoosting", "RandomForest", "XGBoost"} == {*told["rivals"]}
    assert told["auc"] > max(rival["auc"] for rival in told["rivals"].values()) - 0.01
    assert ROWS == sum(part["rows"] for part in told["counts"].values())
    assert not (home / "postgres").exists()


def test_a_column_that_knows_who_left_ends_it(file: Path, tmp_path: Path) -> None:
    """With exit code 24, its name and what leaves it out."""
    done = benchmark(tmp_path / "home", "--data", file, "--label", "weg", "--positive", "ja")

    assert 24 == done.returncode
    assert "Kündigungsgrund is filled for 100 % of those who left" in done.stderr
    assert "--ignore" in done.stderr


def test_every_column_that_knows_it_is_named(file: Path, tmp_path: Path) -> None:
    """For programs, too; a person may answer for a column."""
    lines = file.read_text("cp1252").splitlines()
    random = np.random.default_rng(8)
    coin = random.random(ROWS) < 0.5
    has_left = np.array([line.endswith(";ja") for line in lines[1:]])
    refund = np.where(has_left & (random.random(ROWS) < 0.3), random.integers(5, 90, ROWS), 0)
    wider = [
        f"{line};{first:d};{second:d};{amount}"
        for line, first, second, amount in zip(
            lines[1:], coin, coin ^ has_left, refund, strict=True
        )
    ]
    leaky = file.with_name("leaky.csv")
    leaky.write_text("\n".join([f"{lines[0]};a;b;Erstattung", *wider]), "cp1252")
    words = (tmp_path / "home", "--data", leaky, "--label", "weg", "--json")
    done = benchmark(*words)

    assert 24 == done.returncode, done.stderr
    told = json.loads(done.stdout)["error"]
    assert [["Kündigungsgrund"], ["Erstattung"], ["a", "b"]] == [
        leak["columns"] for leak in told["leaks"]
    ]
    assert 24 == told["exit_code"]
    assert "--accept" in told["next_step"]
    for name in ("Kündigungsgrund", "Erstattung", "a and b"):
        assert name in done.stderr

    answered = benchmark(
        *words, "--ignore", "Kündigungsgrund,b", "--accept", "Erstattung=paid every month"
    )
    assert 0 == answered.returncode, answered.stderr
    assert {"a", "erstattung"} < {*json.loads(answered.stdout)["features"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--label", "gone"), "no table has a column 'gone'"),
        (("--label", "weg=vielleicht"), "tells nobody from anybody else"),
        (("--label", "weg", "--key", "id"), "no column 'id'"),
        (("--label", "weg", "--time", "Preis"), "Preis"),
        (("--label", "weg", "--ignore", "Grund"), "no column 'Grund'"),
    ],
)
def test_what_the_file_does_not_have_is_refused(
    file: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """By name, with the exit code of a file that cannot be used."""
    done = benchmark(tmp_path / "home", "--data", file, *words)

    assert 20 == done.returncode, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
