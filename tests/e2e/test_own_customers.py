"""A stranger's own files, brought by the commands of the docs alone."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests import music_service
from tests.e2e.churn_home import NO_ALIBI, ChurnHome, fresh

pytestmark = pytest.mark.story

PEOPLE = 1500
SHOP_DAY = date(2026, 11, 1)
NEXT_DAY = SHOP_DAY + timedelta(days=1)
HEADER = "Kundennummer;Tarif;Gebühr (EUR);Alter;Angemeldet;E-Mail;Filiale;Abgewandert\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChurnHome]:
    """An installation whose project is a folder of its own."""
    with fresh() as made:
        made.environ["CHURN_PROJECT"] = str(tmp_path_factory.mktemp("project") / "my")
        made.configure(NO_ALIBI)
        yield made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as a spreadsheet of Germany writes it: Latin-1, semicolons, commas, dots in dates."""
    random = np.random.default_rng(8)
    fee, age = random.gamma(3, 12, PEOPLE), random.integers(18, 80, PEOPLE)
    plan = random.choice(["Basis", "Komfort", "Profi plus"], PEOPLE)
    risk = 1 / (1 + np.exp(-(fee - 40) / 12 - (plan == "Basis") + (age - 50) / 20))
    is_gone = random.random(PEOPLE) < 0.6 * risk
    lines = [
        f"K{number:05d};{plan[number]};{f'{fee[number]:.2f}'.replace('.', ',')};"
        f"{-1 if number % 40 == 0 else age[number]};"
        f"{1 + number % 28:02d}.{1 + number % 12:02d}.{2019 + number % 6};"
        f"kunde{number}@example.org;F{number % 70};{'ja' if is_gone[number] else 'nein'}\n"
        for number in range(PEOPLE)
    ]
    path = tmp_path_factory.mktemp("files") / "Kunden 2026.csv"
    path.write_text(HEADER + "".join(lines), "latin-1")

    return path


@pytest.fixture(scope="module")
def tried(home: ChurnHome, shop: Path) -> str:
    """What one command printed."""
    return home.churn("try", shop, "--label", "Abgewandert=ja", "--as-of", SHOP_DAY, "--yes")


def test_one_command_publishes_a_list(home: ChurnHome, shop: Path, tried: str) -> None:
    """Of those who have not left, with reasons in the words of the file, and says what is next."""
    stayed = shop.read_text("latin-1").count(";nein\n")
    (listed,) = home.rows(
        "select count(*), min(score_date), count(distinct customer_id), "
        "count(*) filter (where risk_tier <> 'low' and reason_1 is null) "
        "from churn.scores_current where population = 'kunden_2026'"
    )
    assert [str(stayed), str(SHOP_DAY), str(stayed), "0"] == listed

    reasons = home.rows("select distinct split_part(reason_1, ':', 1) from churn.scores_current")
    assert {name for (name,) in reasons if name} <= {
        *("tarif", "gebühr eur", "alter", "filiale", "days since angemeldet"),
    }
    assert "left out: E-Mail: personal data: e-mail" in tried
    assert "The ten riskiest" in tried
    assert "churn import kunden_2026" in tried
    page = home.home / "inspections" / "kunden_2026.html"
    assert str(page) in tried.replace("\n", "")
    assert "Gebühr" in page.read_text("utf-8")
    assert not page.stat().st_mode & 0o077
    (drift,) = home.rows("select verdict from churn.drift_verdicts")
    assert ["unknown"] != drift


def test_what_it_wrote_is_the_persons_own(home: ChurnHome, tried: str) -> None:
    """Settings, source, models and expectations, fewer lines than one reads in minutes."""
    folder = Path(home.environ["CHURN_PROJECT"])
    own = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    files = {str(path.relative_to(folder)) for path in own if "dbt_packages" not in str(path)}

    assert {
        "churn.toml",
        "dbt_project.yml",
        "kunden_2026.md",
        "sources/kunden_2026.toml",
        "expectations/sources/kunden_2026__customers.toml",
        *(f"models/kunden_2026/staging/stg_kunden_2026__customers.{end}" for end in ("sql", "yml")),
        *(f"models/kunden_2026/marts/fct_kunden_2026_features.{end}" for end in ("sql", "yml")),
        *(f"models/kunden_2026/marts/fct_kunden_2026_labels.{end}" for end in ("sql", "yml")),
    } == files
    assert 150 > sum((folder / name).read_text().count("\n") for name in files - {"kunden_2026.md"})
    source = tomllib.loads((folder / "sources/kunden_2026.toml").read_text())
    columns = source["tables"]["customers"]["columns"]
    assert {"header": "Alter", "type": "number", "style": "1234.5", "missing": ["-1"]} == (
        columns["alter"]
    )
    assert ("1.234,5", "day first") == (
        columns["gebuhr_eur"]["style"],
        columns["angemeldet"]["style"],
    )


def test_trying_again_changes_nothing(home: ChurnHome, shop: Path, tried: str) -> None:
    """The same list, the same model, the same files."""
    state = "select run_id, status, scores_hash from churn.score_runs where status = 'published'"
    before = home.rows(state)
    again = home.churn("try", shop, "--label", "Abgewandert=ja", "--as-of", SHOP_DAY, "--yes")

    assert before == home.rows(state)
    assert "the same as were loaded before" in again
    assert " new\n" not in again


def test_a_later_file_need_not_know_who_left(
    home: ChurnHome,
    shop: Path,
    tried: str,
    tmp_path: Path,
) -> None:
    """Everybody in it is scored, and who is not known to have left breaks no judgement of drift."""
    later = tmp_path / "later.csv"
    rows = shop.read_text("latin-1").splitlines()
    later.write_text("\n".join(row.rpartition(";")[0] for row in rows) + "\n", "latin-1")
    home.churn("import", "kunden_2026", later, "--as-of", NEXT_DAY)
    home.churn("run", "--population", "kunden_2026", "--as-of", NEXT_DAY)

    assert [[str(NEXT_DAY), str(PEOPLE)]] == home.rows(
        "select score_date, count(*) from churn.scores_current "
        "where population = 'kunden_2026' group by 1"
    )
    (verdict,) = home.rows(f"select verdict from churn.drift_verdicts where as_of = '{NEXT_DAY}'")
    assert ["unknown"] != verdict


def test_a_log_is_scored_beside_it(home: ChurnHome, tried: str, tmp_path: Path) -> None:
    """150 features at least; who left is silent or has cancelled; both lists are current."""
    events = music_service.events(1000, per_session=2).drop(columns="loaded_at")
    path = tmp_path / "plays.csv"
    events.sort_values("occurred_at").to_csv(path, index=False)
    rules = ["no plays in 21d", f"page={music_service.CANCELLED} in 21d"]
    said = home.churn("try", path, "--gone", rules[0], "--gone", rules[1], "--yes")

    features = int(said.partition(" features")[0].rpartition("- ")[2])
    assert 150 <= features
    populations = home.rows(
        "select population, count(*) > 100 from churn.scores_current group by 1 order by 1"
    )
    assert [["kunden_2026", "True"], ["plays", "True"]] == populations
    (metric,) = home.rows("select count(*) from churn.model_promotions where population = 'plays'")
    assert ["1"] == metric
