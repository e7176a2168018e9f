"""The chart for Kubernetes: linted, rendered and validated strictly, without a cluster."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.adapters.local import airflow_server, mlflow_server
from pipelines.api.server import DRAIN_SECONDS
from pipelines.settings import ROOT

CHART = ROOT / "docs" / "kubernetes" / "churn"
PYTHON = ROOT / ".venv-kubernetes" / "bin" / "python"
SCRIPT = Path(__file__).with_name("helm_chart.py")
FULL: dict[str, Any] = {
    "nameOverride": "scores",
    "image": {
        "repository": "registry.example.com:5000/churn",
        "digest": f"sha256:{'a' * 64}",
        "pullSecrets": ["registry"],
    },
    "secrets": {"owner": {"name": "123", "key": "true"}},
    "config": {"configMap": "churn-toml"},
    "project": {"claim": "churn-state"},
    "service": {
        "tlsSecret": "churn-tls",
        "annotations": {"example.com/team": "retention"},
        "autoscaling": {"enabled": False},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "batch", "operator": "Exists"}],
    },
    "networkPolicy": {
        "callers": [{"namespaceSelector": {"matchLabels": {"name": "shop"}}}],
        "database": {"peers": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]},
        "identityProvider": {"enabled": True},
    },
    "monitoring": {
        "enabled": True,
        "labels": {"release": "prometheus"},
        "interval": "30s",
        "dashboards": {"enabled": True},
    },
}
BARE: dict[str, Any] = {
    "exporter": {"enabled": False},
    "migration": {"enabled": False},
    "networkPolicy": {"enabled": False},
}
# Those of the Prometheus Operator, of which Kubernetes knows no schema; looked at below.
FOREIGN = {"ServiceMonitor", "PrometheusRule"}

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason=".venv-kubernetes is not there; `make chart` makes it"
)


def asked(**given: Any) -> Any:
    """Return what comes of the chart."""
    done = subprocess.run(
        [PYTHON, SCRIPT, CHART],
        input=json.dumps(given),
        # Whoever asks a network finds none.
        env={"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr

    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["defaults", "full", "bare"])
def made(request: pytest.FixtureRequest) -> Any:
    """What comes of the chart with few values, with all, and with as little as can be."""
    return asked(values={"defaults": {}, "full": FULL, "bare": BARE}[request.param])


@pytest.fixture(scope="module")
def full() -> Any:
    """What comes of the chart with all values."""
    return asked(values=FULL)


def kinds(made: Any, kind: str) -> dict[str, Any]:
    """Return documents of a kind, by their component."""
    return {
        document["metadata"]["labels"]["app.kubernetes.io/component"]: document
        for document in made["documents"]
        if document["kind"] == kind
    }


def pods(made: Any) -> Iterator[tuple[str, Any]]:
    """Yield the pod of everything that makes some."""
    for document in made["documents"]:
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def test_lint_and_the_schemas_of_kubernetes_find_no_fault(made: Any) -> None:
    """Of any document, and no field that Kubernetes does not know."""
    assert [] == made["lint"]["errors"]
    assert [] == [each for each in made["lint"]["messages"] if each["severity"] > 1]
    assert set() == {*made["faults"]} - {f"{kind}: no schema" for kind in FOREIGN}
    assert {"Deployment", "Service", "PodDisruptionBudget"} <= {
        document["kind"] for document in made["documents"]
    }


def test_the_schema_would_find_a_field_that_is_misspelt(tmp_path: Path) -> None:
    """Else what it does not find says nothing."""
    shutil.copytree(CHART, tmp_path / "churn")
    path = tmp_path / "churn" / "templates" / "service.yaml"
    path.write_text(path.read_text("utf-8").replace("readinessProbe:", "readynessProbe:"), "utf-8")
    done = subprocess.run(
        [PYTHON, SCRIPT, tmp_path / "churn"], input="{}", capture_output=True, text=True, check=True
    )

    assert "readynessProbe" in str(json.loads(done.stdout)["faults"])


@pytest.mark.parametrize(
    "values",
    [
        {"servce": {}},
        {"service": {"replica": 3}},
        {"service": {"resources": {"limit": {}}}},
        {"service": {"resources": {"limits": None}}},
        {"image": {"digest": "sha256:abc"}},
        {"image": {"repository": "churn\nkind: Secret"}},
        {"secrets": {"owner": {"value": "postgresql://x:x@h/d"}}},
        {"secrets": {"service": {"name": "Not_A_Name"}}},
        {"networkPolicy": {"callers": [{"podselector": {}}]}},
        {"networkPolicy": {"callers": [{}]}},
        {"monitoring": {"interval": "15"}},
        {"service": {"port": 80}},
    ],
)
def test_values_that_are_not_legal_are_refused(values: dict[str, Any]) -> None:
    """A field that is misspelt first of all; it would be left out in silence."""
    assert "refused" in asked(values=values)


def test_every_container_may_do_little(made: Any) -> None:
    """Nobody is root, writes to its image, has a token, or takes all there is."""
    assert [*pods(made)]
    for name, pod in pods(made):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] >= 10_000, name
        assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"], name
        for container in pod["containers"]:
            allowed = container["securityContext"]
            assert allowed["readOnlyRootFilesystem"] is True, name
            assert allowed["allowPrivilegeEscalation"] is False, name
            assert {"drop": ["ALL"]} == allowed["capabilities"], name
            assert {"cpu", "memory"} == {*container["resources"]["limits"]}, name
            assert {"cpu", "memory"} == {*container["resources"]["requests"]}, name
            writable = [each for each in container["volumeMounts"] if not each.get("readOnly")]
            of = {volume["name"]: volume for volume in pod["volumes"]}
            assert all("sizeLimit" in of[each["name"]]["emptyDir"] for each in writable), name


def test_no_secret_is_rendered(full: Any) -> None:
    """Each is named, and read by who needs it: nobody has another's."""
    assert {} == kinds(full, "Secret")
    assert {"dashboards"} == {*kinds(full, "ConfigMap")}
    read = {}
    for name, pod in pods(full):
        (container,) = pod["containers"]
        for variable in container["env"]:
            if "valueFrom" in variable:
                secret = variable["valueFrom"]["secretKeyRef"]
                read[name, variable["name"]] = (secret["name"], secret["key"])
            else:
                assert "PASSWORD" not in variable["name"]
                assert "://" not in variable["value"]

    assert {
        ("scores-service", "CHURN_DATABASE_URL"): ("churn-database-service", "url"),
        ("scores-service", "CHURN_MLFLOW_URI"): ("churn-mlflow", "uri"),
        ("scores-exporter", "CHURN_DATABASE_URL"): ("churn-database-exporter", "url"),
        ("scores-migration", "CHURN_DATABASE_URL"): ("123", "true"),
        ("scores-migration", "CHURN_MLFLOW_URI"): ("churn-mlflow", "uri"),
    } == read


def test_the_service_is_asked_how_it_is_and_may_drain(made: Any) -> None:
    """By the routes it has for that, at the port it listens at."""
    pod = kinds(made, "Deployment")["service"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    port = container["ports"][0]
    has_tls = "--tls-key" in container.get("args", ())

    assert container["command"][-1] == str(port["containerPort"])
    for probe, path in {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }.items():
        assert {
            "path": path,
            "port": port["name"],
            "scheme": "HTTPS" if has_tls else "HTTP",
        } == container[probe]["httpGet"]
    waits = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > waits + DRAIN_SECONDS


def test_what_scales_has_no_number_of_its_own() -> None:
    """Else each upgrade would undo what the autoscaler did."""
    defaults, full = asked(), asked(values=FULL)

    assert "replicas" not in kinds(defaults, "Deployment")["service"]["spec"]
    assert {"service"} == {*kinds(defaults, "HorizontalPodAutoscaler")}
    assert 2 == kinds(full, "Deployment")["service"]["spec"]["replicas"]
    assert {} == kinds(full, "HorizontalPodAutoscaler")


def test_every_selector_finds_the_pods_it_is_for(full: Any) -> None:
    """Services, budgets, policies and monitors each those of one component."""
    templates = {
        document["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: document[
            "spec"
        ]["template"]["metadata"]["labels"]
        for document in full["documents"]
        if document["kind"] in {"Deployment", "Job"}
    }
    services = {name: each["metadata"]["labels"] for name, each in kinds(full, "Service").items()}

    assert {"service", "exporter", "migration"} == {*templates}
    for kind, found, path in (
        ("Service", templates, ("selector",)),
        ("PodDisruptionBudget", templates, ("selector", "matchLabels")),
        ("NetworkPolicy", templates, ("podSelector", "matchLabels")),
        ("ServiceMonitor", services, ("selector", "matchLabels")),
    ):
        documents = kinds(full, kind)
        assert documents, kind
        for component, document in documents.items():
            selector = document["spec"]
            for step in path:
                selector = selector[step]
            assert [component] == [
                name for name, labels in found.items() if selector.items() <= labels.items()
            ], kind


def test_policies_let_in_and_out_whom_they_name(full: Any) -> None:
    """And nobody else: each has both directions."""
    policies = kinds(full, "NetworkPolicy")
    ports = {
        name: [port["port"] for rule in each["spec"]["egress"] for port in rule["ports"]]
        for name, each in policies.items()
    }

    assert {
        "service": [53, 53, 5432, 5000, 443],
        "exporter": [53, 53, 5432],
        "migration": [53, 53, 5432, 5000],
    } == ports
    assert all(each["spec"]["policyTypes"] == ["Ingress", "Egress"] for each in policies.values())
    callers, monitors = policies["service"]["spec"]["ingress"]
    assert FULL["networkPolicy"]["callers"] == callers["from"]
    assert policies["exporter"]["spec"]["ingress"][0]["from"] == monitors["from"]
    assert "ingress" not in policies["migration"]["spec"]


def test_tables_are_migrated_before_anything_new_starts(made: Any) -> None:
    """By a hook, and may it be reached: so is its policy, before it."""
    weights = {
        document["kind"]: int(document["metadata"]["annotations"]["helm.sh/hook-weight"])
        for document in made["documents"]
        if "helm.sh/hook" in document["metadata"].get("annotations", {})
    }

    assert weights in ({}, {"Job": 0, "NetworkPolicy": -5})


def test_prometheus_finds_both_and_has_the_rules(full: Any, tmp_path: Path) -> None:
    """The same rules, about jobs of the names they have here."""
    monitors = kinds(full, "ServiceMonitor")
    ports = {name: each["spec"]["ports"] for name, each in kinds(full, "Service").items()}
    rules = kinds(full, "PrometheusRule")["monitoring"]

    assert {"service", "exporter"} == {*monitors}
    for name, monitor in monitors.items():
        (endpoint,) = monitor["spec"]["endpoints"]
        assert [endpoint["port"]] == [port["name"] for port in ports[name]]
        assert [{"targetLabel": "job", "replacement": f"churn-{name}"}] == endpoint["relabelings"]
        assert "prometheus" == monitor["metadata"]["labels"]["release"]
    ours = yaml.safe_load((ROOT / "docs" / "monitoring" / "rules.yml").read_text("utf-8"))
    assert ours == rules["spec"]
    jobs = yaml.safe_load((ROOT / "docs" / "monitoring" / "prometheus.yml").read_text("utf-8"))
    assert [job["job_name"] for job in jobs["scrape_configs"]] == [
        f"churn-{name}" for name in ("service", "exporter")
    ]


def test_grafana_finds_the_dashboards(full: Any) -> None:
    """The same as Compose's, each a file."""
    found = kinds(full, "ConfigMap")["dashboards"]
    folder = ROOT / "docs" / "monitoring" / "grafana" / "dashboards"

    assert "1" == found["metadata"]["labels"]["grafana_dashboard"]
    assert {
        f"churn-{path.name}": json.loads(path.read_text("utf-8")) for path in folder.glob("*")
    } == {name: json.loads(text) for name, text in found["data"].items()}


def test_the_image_is_that_of_compose_and_variables_too() -> None:
    """What every container of ours is told about telemetry holds here."""
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))
    there = compose["services"]["service"]
    made = asked()
    (container,) = kinds(made, "Deployment")["service"]["spec"]["template"]["spec"]["containers"]
    env = {each["name"]: each.get("value") for each in container["env"]}

    assert there["image"] == container["image"]
    assert there["command"] == container["command"]
    silent = [name for name, value in there["environment"].items() if value in ("true", "false")]
    assert len(silent) == 5
    assert {name: there["environment"][name] for name in silent} == {
        name: env.get(name) for name in silent
    }


def test_values_for_other_charts_are_of_the_same_installation() -> None:
    """One image, one claim, one folder of artefacts; every secret is named."""
    airflow, mlflow = (
        yaml.safe_load((CHART.parent / f"{name}-values.yaml").read_text("utf-8"))
        for name in ("airflow", "mlflow")
    )
    ours = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    version = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))["appVersion"]
    env = {each["name"]: each["value"] for each in airflow["env"]}
    theirs = {each["name"]: each.get("value") for each in mlflow["env"]}

    for image in (airflow["images"]["airflow"], mlflow["image"]):
        assert {"repository": ours["image"]["repository"], "tag": version} == image
    assert airflow_server.ENVIRONMENT == {
        name: env.get(name) for name in airflow_server.ENVIRONMENT
    }
    # How many workers is an option of that chart.
    expected = {k: v for k, v in mlflow_server.ENVIRONMENT.items() if k != "MLFLOW_WORKERS"}
    assert expected == {name: theirs.get(name) for name in expected}
    assert 1 == mlflow["server"]["value_options"]["workers"]
    assert f"--app-name={mlflow['server']['value_options']['app_name']}" == "=".join(
        mlflow_server.COMMAND[-2:]
    )
    (claim,) = {
        ours["artifacts"]["claim"],
        *(each["persistentVolumeClaim"]["claimName"] for each in airflow["volumes"]),
        *(each["persistentVolumeClaim"]["claimName"] for each in mlflow["extraVolumes"]),
    }
    assert "churn-state" == claim
    (mount,) = mlflow["extraVolumeMounts"]
    assert f"file://{mount['mountPath']}" == mlflow["mlflow"]["defaultArtifactRoot"]
    assert ours["artifacts"]["subPath"] == mount["subPath"]
    named = {each["secretName"] for each in airflow["secret"]} | {
        each["valueFrom"]["secretKeyRef"]["name"] for each in mlflow["env"] if "valueFrom" in each
    }
    assert {each["name"] for each in ours["secrets"].values()} >= named - {"churn-airflow"}
