"""What a person may set: churn.toml for the business, the environment for addresses and secrets."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from pipelines.domain.addresses import is_address
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.errors import ConfigError
from pipelines.sections import (
    Alerts,
    Drift,
    Gates,
    Name,
    Population,
    Section,
    Tiers,
    Training,
    Warehouse,
)

ROOT = Path(__file__).resolve().parent.parent

# What an address in the environment may begin with, and looks like.
ADDRESSES = {
    "database_url": (("postgresql",), "postgresql://user:password@host:port/churn"),
    "mlflow_uri": (("http", "https"), "http://host:port"),
}


class Settings(Section):
    """
    Everything one command needs to know.

    Attributes:
        root: The checkout: dbt_project, expectations, sql and dags are below it.
        home: State of this installation: the embedded PostgreSQL, artefacts, logs.
        database_url: `postgresql://…` of the warehouse; None means the embedded PostgreSQL.
        mlflow_uri: MLflow server; None means its database beside the warehouse.
        channel_addresses: Channel of alerts to its address; a channel without one is not used.
    """

    root: Path
    home: Path
    database_url: SecretStr | None = None
    mlflow_uri: SecretStr | None = None
    channel_addresses: Mapping[str, SecretStr] = {}
    warehouse: Warehouse = Warehouse()
    tiers: Tiers
    populations: dict[Name, Population]
    training: Training = Training()
    drift: Drift
    gates: Gates = Gates()
    alerts: Alerts = Alerts()

    def population(self, name: str) -> Population:
        """Return the population called *name*, or refuse with the list of those there are."""
        if name not in self.populations:
            known = ", ".join(sorted(self.populations))
            raise ConfigError(
                f"there is no population {name!r}; churn.toml has: {known}",
                next_step="name one of those with --population",
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
    path = Path(environ.get("CHURN_CONFIG") or ROOT / "churn.toml")

    try:
        data = tomllib.loads(path.read_text("utf-8"))
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
            f"{path}: {error.error_count()} setting(s) refused: {faults}",
            next_step=f"edit {path}",
        ) from None


def _home(environ: Mapping[str, str]) -> Path:
    """Return the state folder, if it is one that can be written or created."""
    home = Path(environ.get("CHURN_HOME") or ROOT / "var").absolute()
    try:
        nearest = next(folder for folder in (home, *home.parents) if folder.exists())
        fault = None if nearest.is_dir() else f"{nearest} is a file"
        if fault is None and not os.access(nearest, os.W_OK | os.X_OK):
            fault = f"{nearest} cannot be written"
    except OSError as error:
        fault = str(error.strerror)
    if fault is not None:
        raise ConfigError(
            f"the state folder {home} cannot be used: {fault}",
            next_step="set CHURN_HOME to a folder that can be written",
        )

    return home


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
    """Say what is wrong with one key, and for an unknown key which ones are legal."""
    location = [part for part in error["loc"] if isinstance(part, str)]
    name = ".".join(location)
    if error["type"] != "extra_forbidden":
        return f"{name}: {error['msg'].removeprefix('Value error, ')}"

    return f"{name} is unknown; legal here: {', '.join(_legal_keys(location[:-1]))}"


def _legal_keys(location: list[str]) -> list[str]:
    """Return the keys of the section at *location*."""
    sections: dict[str, type[Section]] = {
        "warehouse": Warehouse,
        "tiers": Tiers,
        "populations": Population,
        "training": Training,
        "drift": Drift,
        "gates": Gates,
        "alerts": Alerts,
    }
    if location:
        return sorted(sections[location[0]].model_fields)

    return sorted(sections)
