"""docker-compose.yaml: legal, without a default secret, and the same processes as `make up`."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer.main import get_command

from pipelines.adapters.local import airflow_server, mlflow_login, mlflow_server, service_server
from pipelines.adapters.local.pages import app as pages_app
from pipelines.adapters.local.pages import server as pages_server
from pipelines.api.server import DRAIN_SECONDS
from pipelines.cli.command import app
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.settings import ROOT

COMPOSE = ROOT / "docker-compose.yaml"
MONITORING = ROOT / "docs" / "monitoring"
SETTINGS = ROOT / "docs" / "settings.md"
SETUP = ROOT / "sql" / "setup"
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


def test_every_command_of_ours_exists(compose: dict[str, Any]) -> None:
    """With every option it is started with."""
    commands = get_command(app).commands
    started = [
        service["command"][1:]
        for service in compose["services"].values()
        if service.get("command", [""])[0] == "churn"
    ]

    assert ["exporter", "migrate", "serve"] == sorted(name for name, *_ in started)
    for name, *rest in started:
        commands[name].make_context(name, rest)  # an option that is not there raises


def test_everything_that_is_mounted_from_here_exists(compose: dict[str, Any]) -> None:
    """And every volume that is no file of ours is declared."""
    mounted = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith("${")
    ]
    of_ours = [place for place in mounted if place.startswith("./")]

    assert len(of_ours) >= 5
    assert [] == [place for place in of_ours if not (ROOT / place).exists()]
    assert {*mounted} - {*of_ours} == {*compose["volumes"]}


def test_every_variable_is_one_that_somebody_reads(compose: dict[str, Any]) -> None:
    """Settings, servers of ours, or what makes the users; and the head names each secret."""
    text = COMPOSE.read_text("utf-8")
    known = {
        *re.findall(r"^\| `(CHURN_\w+)`", SETTINGS.read_text("utf-8"), re.MULTILINE),
        *(
            name
            for path in SETUP.glob("*.psql")
            for name in re.findall(r"\b\w+_PASSWORD\b", path.read_text("utf-8"))
        ),
        *(mlflow_login.PASSWORD, pages_app.PASSWORD, pages_app.FOLDERS),
    }
    handed = {
        name
        for service in compose["services"].values()
        for name in service.get("environment", {})
        if name.startswith("CHURN_")
    }
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))

    assert {"CHURN_HOME", "CHURN_DATABASE_URL", "CHURN_OWNER_PASSWORD"} < handed
    assert set() == handed - known
    assert set() == {*re.findall(r"\$\{(\w+):\?", text)} - {*re.findall(r"\w+", head)}


def test_prometheus_asks_the_service_and_the_exporter(compose: dict[str, Any]) -> None:
    """By the names and ports they have here, with the jobs and rules that were tested."""
    services = compose["services"]
    ours = yaml.safe_load((MONITORING / "prometheus-compose.yml").read_text("utf-8"))
    theirs = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    places = []
    for config in (ours, theirs):
        for job in config["scrape_configs"]:
            ((place,),) = [each.pop("targets") for each in job["static_configs"]]
            places.append((place, job["job_name"]))

    assert theirs == ours
    for place, job in places[:2]:
        host, port = place.split(":")
        assert "--port" in services[host]["command"]
        assert [services[host]["command"][-1], f"churn-{host}"] == [port, job]
    prometheus = services["prometheus"]
    mounted = dict(volume.split(":")[:2] for volume in prometheus["volumes"])
    assert "/etc/prometheus/rules.yml" == mounted["./docs/monitoring/rules.yml"]
    config = mounted["./docs/monitoring/prometheus-compose.yml"]
    assert f"--config.file={config}" in prometheus["command"]
    assert f"--storage.tsdb.path={mounted['prometheus']}" in prometheus["command"]


def test_the_exporter_has_no_login_but_its_own(compose: dict[str, Any]) -> None:
    """That of a user who reads sums, whom a service makes that ends before it starts."""
    exporter, watcher = compose["services"]["exporter"], compose["services"]["watcher"]
    secrets = re.findall(r"\$\{(\w+):\?", " ".join(exporter["environment"].values()))

    assert ["CHURN_WATCH_PASSWORD"] == secrets
    assert {"watcher": {"condition": "service_completed_successfully"}} == exporter["depends_on"]
    assert "CHURN_WATCH_PASSWORD" in watcher["environment"]
    script = watcher["command"][-1].removeprefix("--file=/setup/")
    user = urlsplit(exporter["environment"]["CHURN_DATABASE_URL"].split("${")[0]).netloc
    assert user.rstrip(":") in (SETUP / script).read_text("utf-8")


def test_grafana_shows_our_dashboards_to_who_logs_in(compose: dict[str, Any]) -> None:
    """From the Prometheus of this file; nobody else sees anything, and nothing is sent home."""
    grafana = compose["services"]["grafana"]
    environment = grafana["environment"]
    folder = MONITORING / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text("utf-8"))[
        "datasources"
    ]
    (provider,) = yaml.safe_load((folder / "dashboards" / "churn.yml").read_text("utf-8"))[
        "providers"
    ]
    mounted = dict(volume.split(":")[:2] for volume in grafana["volumes"])

    assert "http://prometheus:9090" == source["url"]
    assert "9090" == compose["services"]["prometheus"]["ports"][0].rpartition(":")[2]
    shown = mounted["./docs/monitoring/grafana/dashboards"]
    assert shown == provider["options"]["path"]
    first = Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert shown == str(first.parent)
    assert (MONITORING / "grafana" / "dashboards" / first.name).exists()
    for name in ("AUTH_ANONYMOUS_ENABLED", "USERS_ALLOW_SIGN_UP", "ANALYTICS_REPORTING_ENABLED"):
        assert "false" == environment[f"GF_{name}"]
    assert environment["GF_SECURITY_ADMIN_PASSWORD"].startswith("${CHURN_GRAFANA_PASSWORD:?")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_can_read_its_config() -> None:
    """As promtool finds."""
    done = subprocess.run(
        ["promtool", "check", "config", "prometheus-compose.yml"],
        cwd=MONITORING,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr


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

    assert len(secret) == 13
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

    assert set(servers) == {
        *("postgres", "mlflow", "pages", "service", "exporter", "prometheus", "grafana"),
        *airflow_server.COMMANDS,
    }
    assert all(service["healthcheck"]["test"] for service in servers.values())
    ports = [port for service in servers.values() for port in service.get("ports", [])]
    assert len(ports) == 6
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_action_is_pinned_to_a_commit() -> None:
    """A tag can be moved to other code; a commit cannot."""
    used = [line for path in WORKFLOWS for line in re.findall(r"uses: (.*)", path.read_text())]

    assert len(used) >= 4
    assert [line for line in used if not re.search(r"@[0-9a-f]{40} # v\d", line)] == []
