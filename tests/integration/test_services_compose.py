"""docker-compose.yaml: legal, without a default secret, and the same processes as `make up`."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.adapters.local import airflow_server, mlflow_server, service_server
from pipelines.adapters.local.pages import app as pages_app
from pipelines.adapters.local.pages import server as pages_server
from pipelines.api.server import DRAIN_SECONDS
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.settings import ROOT

COMPOSE = ROOT / "docker-compose.yaml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CHECK = ROOT / ".venv" / "bin" / "check-jsonschema"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file, its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    assert len(loaded["services"]) >= 6

    return loaded


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.compose-spec", COMPOSE),
        *(("vendor.github-workflows", path) for path in WORKFLOWS),
        *(("custom.github-workflows-require-timeout", path) for path in WORKFLOWS),
    ],
)
def test_file_conforms_to_its_specification(schema: str, path: Path) -> None:
    """The compose file and the workflows are what their engines read; the schemas are local."""
    done = subprocess.run(
        [CHECK, "--builtin-schema", schema, path], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_commands_are_those_of_make_up(compose: dict[str, Any]) -> None:
    """The containers run what the adapters start as processes."""
    services = compose["services"]
    started = {
        **airflow_server.COMMANDS,
        "mlflow": mlflow_server.COMMAND,
        "migrate-airflow": airflow_server.MIGRATE,
    }

    assert {name: tuple(services[name]["command"]) for name in started} == started
    python, *pages = services["pages"]["command"]
    assert "/opt/churn/.venv/bin/python" == python
    assert [*pages_server.COMMAND, "--host", "0.0.0.0", "--port", "8090"] == pages


def test_the_service_is_that_of_make_up(compose: dict[str, Any]) -> None:
    """It listens where it is published, on this machine alone, and has the time to drain."""
    service = compose["services"]["service"]

    assert [*service_server.COMMAND, "--host", "0.0.0.0", "--port", "8500"] == service["command"]
    assert ["127.0.0.1:${SERVICE_PORT:-8500}:8500"] == service["ports"]
    assert f"8500{service_server.READY}'" in service["healthcheck"]["test"][-1]
    assert f"{DRAIN_SECONDS + 5}s" == service["stop_grace_period"]


def test_pages_are_those_the_night_writes(compose: dict[str, Any]) -> None:
    """Read from the volume that tasks write to, and no more; alerts name where people find them."""
    pages, scheduler = compose["services"]["pages"], compose["services"]["scheduler"]
    home = Path(scheduler["environment"]["CHURN_HOME"])

    assert pages_server.folders(home) == pages["environment"][pages_app.FOLDERS]
    assert [f"{scheduler['volumes'][0]}:ro"] == pages["volumes"]
    assert ["127.0.0.1:${PAGES_PORT:-8090}:8090"] == pages["ports"]
    assert "http://localhost:${PAGES_PORT:-8090}" in scheduler["environment"]["CHURN_PAGES_URL"]


def test_every_channel_is_handed_on(compose: dict[str, Any]) -> None:
    """To the tasks, which are what tells people."""
    environment = compose["services"]["scheduler"]["environment"]

    assert {} == {name: why for name, why in CHANNELS.items() if why not in environment}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        *((name, airflow_server.ENVIRONMENT) for name in airflow_server.COMMANDS),
        ("mlflow", mlflow_server.ENVIRONMENT),
    ],
)
def test_settings_are_those_of_make_up(
    compose: dict[str, Any], service: str, expected: dict[str, str]
) -> None:
    """What holds wherever a service runs holds in its container too."""
    environment = compose["services"][service]["environment"]

    assert {name: environment.get(name) for name in expected} == expected


def test_whatever_runs_our_commands_has_the_project_of_a_person(compose: dict[str, Any]) -> None:
    """Their folder is where the variable says, for nights, trainings and DAG files alike."""
    ours = {
        name: service
        for name, service in compose["services"].items()
        if "CHURN_HOME" in service.get("environment", {})
    }

    assert {"migrate-warehouse", "mlflow", *airflow_server.COMMANDS} <= {*ours}
    for name, service in ours.items():
        place = service["environment"]["CHURN_PROJECT"]
        assert f"${{CHURN_PROJECT:-./my}}:{place}" in service["volumes"], name


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    """A password, secret or key is named by the environment, or nothing starts."""
    variables = re.findall(r"\$\{(\w+)([^}]*)\}", COMPOSE.read_text("utf-8"))
    secret = {name: rest for name, rest in variables if re.search("PASSWORD|SECRET|KEY", name)}

    assert len(secret) == 10
    assert all(rest.startswith(":?") for rest in secret.values())
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(("PASSWORD", "SECRET", "_KEY")):
                assert value.startswith("${"), name


def test_every_server_is_watched(compose: dict[str, Any]) -> None:
    """What keeps running has a health check, and is published on this machine only."""
    servers = {
        name: service for name, service in compose["services"].items() if service["restart"] != "no"
    }

    assert set(servers) == {"postgres", "mlflow", "pages", "service", *airflow_server.COMMANDS}
    assert all(service["healthcheck"]["test"] for service in servers.values())
    ports = [port for service in servers.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_action_is_pinned_to_a_commit() -> None:
    """A tag can be moved to other code; a commit cannot."""
    used = [line for path in WORKFLOWS for line in re.findall(r"uses: (.*)", path.read_text())]

    assert len(used) >= 4
    assert [line for line in used if not re.search(r"@[0-9a-f]{40} # v\d", line)] == []
