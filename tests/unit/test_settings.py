"""What churn.toml and the environment may say, and how the rest is refused."""

from pathlib import Path

import pytest

from pipelines import settings
from pipelines.errors import ConfigError


def write(folder: Path, change: str, to: str) -> dict[str, str]:
    """Return an environment whose churn.toml is ours with one change."""
    text = (settings.ROOT / "churn.toml").read_text("utf-8")
    assert change in text
    path = folder / "churn.toml"
    path.write_text(text.replace(change, to, 1), "utf-8")

    return {"CHURN_CONFIG": str(path), "CHURN_HOME": str(folder)}


def test_the_file_of_the_repository_is_legal() -> None:
    """The churn.toml people start from loads, with its three populations."""
    loaded = settings.load({})

    assert {"subscribers", "telco", "retail"} == set(loaded.populations)
    assert settings.ROOT / "var" == loaded.home


@pytest.mark.parametrize(
    ("change", "to", "expected"),
    [
        ("[drift]", "[drift]\npvalue = 1", r"drift\.pvalue is unknown; legal here: .*p_value"),
        ("[tiers]", "[teirs]\n[tiers]", r"teirs is unknown; legal here: .*tiers"),
        (
            "horizon_days = 30",
            "horizont_days = 30",
            r"populations\.subscribers\.horizont_days is unknown; legal here: .*horizon_days",
        ),
        ("medium = 0.30", "medium = 30", r"tiers\.medium: Input should be less than 1"),
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
        ("[drift]", "[drift", "is not TOML"),
    ],
)
def test_an_illegal_setting_is_named(tmp_path: Path, change: str, to: str, expected: str) -> None:
    """A refusal names the key, and for an unknown one the legal keys."""
    with pytest.raises(ConfigError, match=expected):
        settings.load(write(tmp_path, change, to))


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


def test_an_unknown_population_is_refused_with_those_there_are() -> None:
    """The refusal lists the populations of churn.toml."""
    with pytest.raises(ConfigError, match="retail, subscribers, telco"):
        settings.load({}).population("nobody")
