"""What churn.toml and the environment may say, and how the rest is refused."""

from pathlib import Path

import pytest

from pipelines import settings
from pipelines.domain.scoring.tiers import Size
from pipelines.errors import ConfigError


def write(folder: Path, change: str, to: str) -> dict[str, str]:
    """Return an environment whose churn.toml is ours with one change."""
    text = (settings.ROOT / "churn.toml").read_text("utf-8")
    assert change in text
    path = folder / "churn.toml"
    path.write_text(text.replace(change, to, 1), "utf-8")

    return {"CHURN_CONFIG": str(path), "CHURN_HOME": str(folder)}


def test_the_file_of_the_repository_is_legal() -> None:
    """The churn.toml people start from loads, with the population of the demo."""
    loaded = settings.load({})

    assert {"subscribers"} == set(loaded.populations)
    assert settings.ROOT / "var" == loaded.home


@pytest.mark.parametrize(
    ("change", "to", "expected"),
    [
        ("[drift]", "[drift]\npvalue = 1", r"drift\.pvalue is unknown; legal here: .*p_value"),
        (
            "[drift]",
            "[drift]\nscore_mean_change_pct = 5.0",
            r"drift\.score_mean_change_pct is no longer read; write score_mean_sd = 0\.05, in",
        ),
        (
            "[tiers]",
            "[teirs]\n[tiers]",
            "teirs is unknown; legal here: "
            "alerts, business, drift, gates, imports, loop, outcomes, populations, promotion, "
            "reasons, retention, service, spark, tiers, training, warehouse$",
        ),
        (
            "horizon_days = 30",
            "horizont_days = 30",
            r"populations\.subscribers\.horizont_days is unknown; legal here: .*horizon_days",
        ),
        (
            "fail_below = 0.8,",
            "fail_blow = 0.8,",
            r"gates\.source_rows\.fail_blow is unknown; legal here: fail_above, fail_below",
        ),
        ("history_days", "history", r"gates\.history is unknown; legal here: .*history_days"),
        ("p_value = 0.001", "p_value = 1", r"drift: p_value is 1 and has to be above 0 and below"),
        ("sample_rows = 20000", "sample_rows = 'x'", r"drift\.sample_rows: Input should be"),
        ("warn = 5.0", "warn = 500", r"gates\.tier_share: warn is 500 and has to be above 0 and"),
        ("medium = 0.30", "medium = 30", r"tiers: medium is 30 and has to be above 0 and below 1"),
        ("medium = 0.30", "medium = 0.9", r"tiers: medium < high < critical must hold"),
        ("medium = 0.30", "medium = 0.6", r"tiers: medium and high begin at the same 0\.6"),
        ("medium = 0.30", "medium = 'x'", r"tiers: medium is no number; legal here: actions"),
        ("medium = 0.30", "medum = 0.30", r"tiers: medum has a threshold and no action"),
        ("[tiers.actions]", "[tiers.action]", r"tiers: action is no number; legal here: actions"),
        (
            "critical = 0.80",
            "critical = { customers = 0 }",
            "tiers: critical has customers = 0, and it takes 1 at least",
        ),
        (
            "critical = 0.80",
            "critical = { percent = 101.0 }",
            "tiers: critical has percent = 101, and that has to be above 0 and at most 100",
        ),
        (
            "critical = 0.80",
            "critical = { customers = 5, percent = 1.0 }",
            "tiers: critical has to have either customers or percent",
        ),
        ("critical = 0.80", "critical = { customer = 5 }", "tiers: critical is no number; legal"),
        (
            "high = 0.60",
            "high = { customers = 5 }",
            "tiers: medium < high < critical must hold, and they are low, medium, critical, high: "
            "tiers with a size are above those with a threshold",
        ),
        ("hold_log_odds = 0.0", "hold_log_odds = 3", "tiers: hold_log_odds is 3 and has to be"),
        ('low = "none"', "", r"tiers: exactly one tier, .* no threshold; here: none"),
        ('low = "none"', "low = 1", r"tiers\.actions\.low: Input should be a valid string"),
        (
            'families = ["logistic", "xgboost"]',
            'families = ["logistic", "forest"]',
            r"training\.families: there is no family 'forest'; legal here: logistic, xgboost",
        ),
        (
            'raw_schema = "raw"',
            """raw_schema = 'raw; drop schema raw'""",
            r"warehouse\.raw_schema: String should match pattern",
        ),
        (
            '"fct_churn_labels"',
            """'fct_churn_labels"'""",
            r"populations\.subscribers\.label_model: String should match pattern",
        ),
        ("logs_days = 30", "log_days = 30", r"retention\.log_days is unknown; legal here: alerts_"),
        ("logs_days = 30", "logs_days = 0", r"retention\.logs_days: .* greater than or equal to 1"),
        (
            "gate_results_days = 400",
            "gate_results_days = 59",
            r"retention\.gate_results_days is 59 and has to be at least 60: drift compares",
        ),
        (
            "history_days = 28",
            "history_days = 500",
            r"retention\.scores_days is 400 and has to be at least 500: \[gates\] history_days; "
            r"retention\.gate_results_days is 400 and has to be at least 500: \[gates\] history_",
        ),
        (
            "scores_days = 400",
            "scores_days = 29",
            r"retention\.scores_days is 29 and has to be at least 30: horizon and gap of \[pop",
        ),
        (
            "drift_checks_days = 400",
            "drift_checks_days = 6",
            r"retention\.drift_checks_days is 6 and has to be at least 7: \[drift\] training_every",
        ),
        (
            "drift_checks_days = 400",
            "drift_checks_days = 27",
            r"drift_checks_days is 27 and has to be at least 28: drift looks for nights",
        ),
        (
            "offer_cost = 10.0",
            "offer_cost = 200.0",
            r"business: offer_cost is 200 and has to be below customer_lifetime_value, 200",
        ),
        ("[drift]", "[drift", "is not TOML"),
    ],
)
def test_an_illegal_setting_is_named(tmp_path: Path, change: str, to: str, expected: str) -> None:
    """A refusal names the key, and for an unknown one the legal keys."""
    with pytest.raises(ConfigError, match=expected):
        settings.load(write(tmp_path, change, to))


@pytest.mark.parametrize(
    ("change", "to", "names", "begin"),
    [
        ("", "", ("low", "medium", "high", "critical"), [0.3, 0.6, 0.8]),
        (
            "medium = 0.30\nhigh = 0.60\n",
            "",
            ("low", "medium", "high", "critical"),
            [0.3, 0.6, 0.8],
        ),
        ("high = 0.60", "high = 0.7", ("low", "medium", "high", "critical"), [0.3, 0.7, 0.8]),
        (
            "[tiers.actions]",
            "severe = 0.9\n[tiers.actions]\nsevere = 'call today'",
            ("low", "medium", "high", "critical", "severe"),
            [0.3, 0.6, 0.8, 0.9],
        ),
    ],
)
def test_tiers_are_those_with_an_action(
    tmp_path: Path, change: str, to: str, names: tuple[str, ...], begin: list[float]
) -> None:
    """Medium, high and critical have usual thresholds; any other tier needs one of its own."""
    tiers = settings.load(write(tmp_path, change, to)).tiers

    assert names == tiers.names
    assert begin == [*tiers.thresholds.values()]


def test_tiers_may_have_a_size_instead_of_a_threshold(tmp_path: Path) -> None:
    """In the order they are written, above those that have one."""
    sized = "high = { percent = 5.0 }\ncritical = { customers = 50 }\n"
    tiers = settings.load(write(tmp_path, "high = 0.60\ncritical = 0.80\n", sized)).tiers

    assert ("low", "medium", "high", "critical") == tiers.names
    assert {"medium": 0.3} == tiers.thresholds
    assert {"high": Size(percent=5.0), "critical": Size(customers=50)} == tiers.sizes
    assert ("high", "critical") == tiers.top


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """CHURN_CONFIG has to exist."""
    with pytest.raises(ConfigError, match="does not exist"):
        settings.load({"CHURN_CONFIG": str(tmp_path / "none.toml")})


def test_secrets_do_not_show() -> None:
    """The representation of the settings hides addresses that carry passwords."""
    loaded = settings.load({"CHURN_DATABASE_URL": "postgresql://a:s3cret@h/d"})

    assert "s3cret" not in repr(loaded)


def test_a_channel_has_an_address_where_its_variable_says_something() -> None:
    """By name, hidden, in the order of the list; empty means not configured."""
    environ = {
        "CHURN_SLACK_WEBHOOK_URL": "https://hooks.example/s3cret",
        "CHURN_SMTP_URL": "smtp://me:s3cret@mail",
    }
    loaded = settings.load(environ)

    assert ["email", "slack"] == list(loaded.channel_addresses)
    assert ["smtp://me:s3cret@mail", "https://hooks.example/s3cret"] == [
        address.get_secret_value() for address in loaded.channel_addresses.values()
    ]
    assert "s3cret" not in repr(loaded)
    assert {} == settings.load(dict.fromkeys(environ, "")).channel_addresses


def test_an_unknown_population_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """The refusal lists the populations of churn.toml, and says how one is made."""
    own = "[populations.bank]\nfeature_model = 'f'\nlabel_model = 'l'\nsources = []\n"
    (tmp_path / "churn.toml").write_text(own)
    with pytest.raises(ConfigError, match="has: bank, subscribers") as refused:
        settings.load({"CHURN_PROJECT": str(tmp_path)}).population("nobody")

    assert "churn new NAME SOURCE" in refused.value.next_step


@pytest.mark.parametrize("key", settings.REPLACED)
def test_what_stands_in_the_place_of_an_old_key_is_legal(key: str) -> None:
    """No old key is legal again, and each name that is written instead is."""
    table, _, name = key.partition(".")
    legal = settings._legal_keys([table])
    advice = settings.REPLACED[key].split()

    assert name not in legal
    assert [word for word in advice if word in legal]
