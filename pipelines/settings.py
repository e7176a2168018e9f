"""What a person may set: churn.toml for the business, the environment for addresses and secrets."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import SecretStr, ValidationError, model_validator

from pipelines.domain.addresses import is_address
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.drift.limits import EARLIER_DAYS, USUAL_DAYS, DriftLimits
from pipelines.domain.gates.limits import GateLimits
from pipelines.domain.loop.limits import LoopLimits
from pipelines.domain.nights.outcome_limits import OutcomeLimits
from pipelines.errors import ConfigError
from pipelines.sections import (
    Alerts,
    Business,
    Imports,
    Name,
    Population,
    Promoting,
    Reasons,
    Retention,
    Section,
    Service,
    Spark,
    Training,
    Warehouse,
)
from pipelines.tiers_table import Tiers

ROOT = Path(__file__).resolve().parent.parent
# Where people's own files are, unless CHURN_PROJECT says otherwise; no part of the checkout.
PROJECT = ROOT / "my"

# What an address in the environment may begin with, and looks like.
ADDRESSES = {
    "database_url": (("postgresql",), "postgresql://user:password@host:port/churn"),
    "mlflow_uri": (("http", "https"), "http://host:port"),
    "pages_url": (("http", "https"), "http://host:port"),
}

# What pydantic calls a key that nobody reads: in a model, and in a dataclass.
UNKNOWN_KEY = {"extra_forbidden", "unexpected_keyword_argument"}
# Keys that files written for an earlier version may have, and what to write in their place.
REPLACED = {"drift.score_mean_change_pct": "write score_mean_sd = 0.05, in standard deviations"}


class Settings(Section):
    """
    Everything one command needs to know.

    Attributes:
        root: The checkout: dbt_project, expectations, sql and dags are below it.
        home: State of this installation: the embedded PostgreSQL, artefacts, logs.
        project: What people own beside the checkout: their churn.toml, sources, models and
            expectations; it need not exist.
        database_url: `postgresql://…` of the warehouse; None means the embedded PostgreSQL.
        mlflow_uri: MLflow server; None means its database beside the warehouse.
        pages_url: Where people read the pages of nights, if not where `churn up` serves them.
        channel_addresses: Channel of alerts to its address; a channel without one is not used.
    """

    root: Path
    home: Path
    project: Path = PROJECT
    database_url: SecretStr | None = None
    mlflow_uri: SecretStr | None = None
    pages_url: SecretStr | None = None
    channel_addresses: Mapping[str, SecretStr] = {}
    warehouse: Warehouse = Warehouse()
    imports: Imports = Imports()
    tiers: Tiers
    reasons: Reasons = Reasons()
    spark: Spark = Spark()
    populations: dict[Name, Population]
    business: Business = Business()
    training: Training = Training()
    promotion: Promoting = Promoting()
    drift: DriftLimits
    outcomes: OutcomeLimits = OutcomeLimits()
    loop: LoopLimits = LoopLimits()
    gates: GateLimits = GateLimits()
    retention: Retention = Retention()
    alerts: Alerts = Alerts()
    service: Service = Service()

    @model_validator(mode="after")
    def _keeps_what_nights_look_back_on(self) -> "Settings":
        """Refuse to forget what a night still compares with."""
        gates = ("[gates] history_days", self.gates.history_days)
        horizons = [
            (f"horizon and gap of [populations.{name}]", item.horizon_days + item.gap_days)
            for name, item in self.populations.items()
        ]
        looked_at = {
            "scores_days": [gates, *horizons],
            "gate_results_days": [
                gates,
                ("drift compares NULLs of sources with so many nights", USUAL_DAYS),
            ],
            "drift_checks_days": [
                ("[drift] training_every_days", self.drift.training_every_days),
                ("drift looks for nights that drifted before in so many", EARLIER_DAYS),
            ],
        }
        faults = [
            f"retention.{key} is {kept} and has to be at least {days}: {why}"
            for key, reasons in looked_at.items()
            for why, days in reasons
            if (kept := getattr(self.retention, key)) < days
        ]
        if faults:
            raise ValueError("; ".join(faults))

        return self

    def population(self, name: str) -> Population:
        """Return the population called *name*, or refuse with the list of those there are."""
        if name not in self.populations:
            known = ", ".join(sorted(self.populations))
            raise ConfigError(
                f"there is no population {name!r}; churn.toml has: {known}",
                next_step="name one of those with --population, or make it of a SOURCE: "
                "churn new NAME SOURCE",
            )

        return self.populations[name]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """
    Read churn.toml and the environment.

    Args:
        environ: Stands in for the process environment.

    Raises:
        ConfigError: The file is missing, is not TOML, or holds a key or value that is not legal.
    """
    environ = os.environ if environ is None else environ
    path = _house(environ)
    project = _project(environ)
    own = project / "churn.toml"

    data = _read(path)
    origin = str(path)
    if own.exists():
        data = _over(data, _read(own))
        origin = f"{own} over {path}"
    data["project"] = project
    data["root"] = ROOT
    data["home"] = _home(environ)
    for key in ADDRESSES:
        data[key] = _address(key, environ)
    data["channel_addresses"] = {
        name: environ[variable] for name, variable in CHANNELS.items() if environ.get(variable)
    }

    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(_fault(dict(item)) for item in error.errors())
        raise ConfigError(
            f"{origin}: {error.error_count()} setting(s) refused: {faults}",
            next_step=f"edit {origin.partition(' ')[0]}",
        ) from None


def house_populations(environ: Mapping[str, str] | None = None) -> Mapping[str, object]:
    """Return the populations that are in churn.toml without a person's own."""
    populations = _read(_house(os.environ if environ is None else environ)).get("populations", {})

    return populations if isinstance(populations, dict) else {}


def _house(environ: Mapping[str, str]) -> Path:
    """Return the churn.toml that a person's own is laid over."""
    return Path(environ.get("CHURN_CONFIG") or ROOT / "churn.toml")


def _read(path: Path) -> dict[str, Any]:
    """Read a file of settings as it is written."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist", next_step="set CHURN_CONFIG to a churn.toml"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}",
            next_step="set CHURN_CONFIG to a churn.toml",
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not UTF-8 text, first at byte {error.start}", next_step=f"edit {path}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", next_step=f"edit {path}") from None


def _over(house: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the house with a person's own laid over them, table by table."""
    laid = dict(house)
    for key, value in own.items():
        below = laid.get(key)
        laid[key] = (
            _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
        )

    return laid


def _home(environ: Mapping[str, str]) -> Path:
    """Return the state folder, if it is one that can be written or created."""
    home = Path(environ.get("CHURN_HOME") or ROOT / "var").absolute()
    try:
        nearest = next(folder for folder in (home, *home.parents) if folder.exists())
        fault = None if nearest.is_dir() else f"{nearest} is a file"
        if fault is None and not os.access(nearest, os.W_OK | os.X_OK):
            fault = f"{nearest} cannot be written"
        if fault is None and os.geteuid() == 0 and nearest == home and not _is_roots(home):
            fault = f"it is uid {home.stat().st_uid}'s, and root follows nothing another user laid"
    except OSError as error:
        fault = str(error.strerror)
    if fault is not None:
        raise ConfigError(
            f"the state folder {home} cannot be used: {fault}",
            next_step="run the command as its owner, or set CHURN_HOME to a folder of yours",
        )

    return home


def _project(environ: Mapping[str, str]) -> Path:
    """Return the folder of a person's own files, which root takes from nobody else."""
    project = Path(environ.get("CHURN_PROJECT") or PROJECT).absolute()
    if os.geteuid() == 0 and project.exists() and not _is_roots(project):
        raise ConfigError(
            f"the project {project} cannot be used: it is uid {project.stat().st_uid}'s, and root "
            "follows nothing another user laid",
            next_step="run the command as its owner, or set CHURN_PROJECT to a folder of yours",
        )

    return project


def _is_roots(folder: Path) -> bool:
    """Tell whether a folder, and the link that leads to it if it is one, are root's own."""
    return {folder.lstat().st_uid, folder.stat().st_uid} == {0}


def _address(key: str, environ: Mapping[str, str]) -> str | None:
    """Return an address of the environment, or refuse it without repeating it."""
    variable = f"CHURN_{key.upper()}"
    value = environ.get(variable) or None
    schemes, example = ADDRESSES[key]
    if value is not None and not is_address(value, schemes):
        raise ConfigError(
            f"{variable} is not {example}",
            next_step=f"set {variable}; percent-encode what is not a letter in user or password",
        )

    return value


def _fault(error: dict[str, Any]) -> str:
    """Say what is wrong with one key, and for one that nobody reads what to write instead."""
    location = [part for part in error["loc"] if isinstance(part, str)]
    name = ".".join(location)
    if error["type"] not in UNKNOWN_KEY:
        # What holds across tables has no place of its own, and names them itself.
        return ": ".join(filter(None, [name, error["msg"].removeprefix("Value error, ")]))

    if name in REPLACED:
        return f"{name} is no longer read; {REPLACED[name]}, or leave the line out"

    return f"{name} is unknown; legal here: {', '.join(_legal_keys(location[:-1]))}"


def _legal_keys(location: list[str]) -> list[str]:
    """Return the keys churn.toml may have in the table at *location*."""
    table: Any = Settings
    for key in location:
        # In a table of tables, such as [populations], each key is a name of its own.
        is_named = get_origin(table) is dict
        table = get_args(table)[1] if is_named else get_type_hints(table)[key]
    if is_dataclass(table):
        return sorted(field.name for field in fields(table))
    types = {name: get_type_hints(table)[name] for name in table.model_fields}
    # Folders, addresses and secrets come from the environment, not from the file.
    outside = {Path, SecretStr}

    return sorted(name for name, kind in types.items() if not outside & {kind, *get_args(kind)})
