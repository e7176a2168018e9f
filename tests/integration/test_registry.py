"""Models in MLflow, on a real PostgreSQL and over a real MLflow server."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import pyarrow as pa
import pytest
import requests
from mlflow import MlflowClient

from pipelines.adapters.local import mlflow_login, mlflow_server
from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.models import mlflow_versions
from pipelines.adapters.models.mlflow_versions import NotTold
from pipelines.adapters.models.registry import Registry
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import by_customer
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.promotion import Promotion
from pipelines.domain.training.training_set import TrainingSet
from pipelines.errors import ArtefactDamaged, RegistryUnavailable
from pipelines.testing.contracts.models.customers import trained

DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def database(server_url: str) -> str:
    """A database for MLflow, empty."""
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute("create database registry_test")

    return f"{server_url}/registry_test"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State folder of the module."""
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def registry(database: str, home: Path) -> Registry:
    """A registry straight on the database."""
    return Registry(database, mlflow_server.artefacts(home), home / "models")


@pytest.fixture(scope="module")
def directory(
    home: Path, made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> Path:
    """A model directory."""
    rows = TrainingSet.of(
        made_up_customers([DAY], rows=3000).to_batches(),
        made_up_contract,
        by_customer([DAY], seed=1),
    )
    package = trained(Trainer(), rows, population="any", family="xgboost")
    model_directory.write(package, home / "written")

    return home / "written"


def _register(registry: Registry, directory: Path, population: str) -> ModelVersion:
    version = registry.register_directory(
        directory,
        population=population,
        params={"rounds": 10},
        metrics={"auc": 0.8},
        tags={"family": "xgboost", "data_fingerprint": "abc"},
        as_of=DAY,
    )
    registry.set_alias(version, "champion")

    return version


def test_what_is_registered_comes_back(registry: Registry, directory: Path) -> None:
    """One run with its numbers and pictures, one version, one alias, the same bytes."""
    _register(registry, directory, "first")
    version = registry.champion("first")
    assert version is not None

    assert ("churn-first", 1) == (version.name, version.version)
    assert version == registry.numbered("first", 1)
    assert registry.version("first", "challenger") is None
    assert {"family": "xgboost", "data_fingerprint": "abc", "as_of": "2026-01-01"} == {
        name: version.tags[name] for name in ("family", "data_fingerprint", "as_of")
    }
    run = registry.client.get_run(version.run_id)
    assert ("FINISHED", {"rounds": "10"}) == (run.info.status, run.data.params)
    assert {"auc": 0.8} == run.data.metrics
    plots = [item.path for item in registry.client.list_artifacts(version.run_id, "plots")]
    assert ["plots/calibration.png", "plots/importance.png", "plots/roc.png"] == plots

    cards = {item.path for item in registry.client.list_artifacts(version.run_id)}
    assert {"model", "model_card.html", "model_card.md", "plots"} == cards

    loaded = registry.load(version)
    assert directory != loaded.path
    assert model_directory.manifest_sha256(directory) == model_directory.manifest_sha256(
        loaded.path
    )


def test_a_version_is_read_without_mlflow_as_mlflow_tells_it(
    registry: Registry, directory: Path, database: str
) -> None:
    """What is not there, or no longer stored as it was, is left to MLflow to say."""
    version = _register(registry, directory, "read")
    registry.set_alias(version, "challenger")

    assert version == mlflow_versions.numbered(database, "churn-read", 1)
    assert version == mlflow_versions.aliased(database, "churn-read", "challenger")
    registry.drop_alias(version, "challenger")
    assert mlflow_versions.aliased(database, "churn-read", "challenger") is None
    with pytest.raises(RegistryUnavailable, match="name=churn-read, version=2"):
        registry.numbered("read", 2)
    assert registry.version("never", "champion") is None
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("alter table model_version_tags rename column value to text")
        try:
            _is_not_told(database, "churn-read", 1)
        finally:
            connection.execute("alter table model_version_tags rename column text to value")
    registry.client.delete_model_version("churn-read", "1")
    for place, name, number in (
        (database, "churn-read", 1),
        (database, "churn-never", 1),
        ("http://127.0.0.1:9", "churn-read", 1),
    ):
        _is_not_told(place, name, number)


def _is_not_told(place: str, name: str, number: int) -> None:
    """Expect that MLflow has to be asked."""
    with pytest.raises(NotTold):
        mlflow_versions.numbered(place, name, number)


def test_a_run_says_what_it_is_and_learned_from(registry: Registry, directory: Path) -> None:
    """The card, also with the version; its rows by digest, snapshots and columns, not by one."""
    version = _register(registry, directory, "told")
    card = (directory / "model_card.md").read_text()
    run = registry.client.get_run(version.run_id)

    assert card == run.data.tags["mlflow.note.content"]
    assert card == registry.client.get_model_version("churn-told", "1").description
    (found,) = run.inputs.dataset_inputs
    assert "churn-told" == found.dataset.name
    training = json.loads((directory / "training.json").read_text())
    assert training["data_fingerprint"] == found.dataset.digest
    assert "2026-01-01" in found.dataset.source
    columns = json.loads(found.dataset.schema)["mlflow_colspec"]
    assert {"fee_eur", "plan"} <= {column["name"] for column in columns}
    assert not {"customer_id", "churn_probability"} & {column["name"] for column in columns}


def test_what_was_tried_is_a_run_a_family(registry: Registry, directory: Path) -> None:
    """Below that of the training: the trials as steps, the best of them as parameters."""
    version = _register(registry, directory, "tried")
    run = registry.client.get_run(version.run_id)
    below = registry.client.search_runs(
        [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{version.run_id}'"
    )
    trials = json.loads((directory / "trials.json").read_text())["xgboost"]

    assert [("FINISHED", "xgboost")] == [
        (each.info.status, each.data.tags["family"]) for each in below
    ]
    steps = registry.client.get_metric_history(below[0].info.run_id, "auc")
    assert [trial["auc"] for trial in trials] == [step.value for step in steps]
    assert {name: str(value) for name, value in trials[0]["parameters"].items()} == (
        below[0].data.params
    )


def test_a_card_too_long_for_mlflow_is_cut_at_a_line(
    registry: Registry, directory: Path, tmp_path: Path
) -> None:
    """It says where the rest is."""
    copy = tmp_path / "model"
    shutil.copytree(directory, copy)
    (copy / "model_card.md").write_text("a line of twenty-four….\n" * 300)
    version = _register(registry, copy, "long")
    found = registry.client.get_model_version("churn-long", str(version.version)).description

    assert len(found) <= 5000
    first, *_, last = found.strip().split("\n")
    assert ("a line of twenty-four….", "… the rest is in model_card.html of its run.") == (
        first,
        last,
    )


def test_anybody_can_load_it_as_a_plain_mlflow_model(
    registry: Registry,
    directory: Path,
    made_up_customers: Callable[..., pa.Table],
    made_up_contract: FeatureContract,
) -> None:
    """`mlflow.pyfunc.load_model` gives the scores we give, and no pickle is involved."""
    _register(registry, directory, "plain")
    version = registry.champion("plain")
    assert version is not None
    import mlflow  # noqa: PLC0415  after the registry has set its environment

    mlflow.set_tracking_uri(registry.tracking_uri.replace("postgresql:", "postgresql+psycopg:"))
    model = mlflow.pyfunc.load_model("models:/churn-plain@champion")
    rows = made_up_customers([DAY], rows=200, seed=9).select(list(made_up_contract.names))

    np.testing.assert_array_equal(
        registry.load(version).probabilities(rows),
        model.predict(rows.to_pandas())["churn_probability"].to_numpy(),
    )
    assert list(made_up_contract.names) == sorted(
        model.metadata.get_input_schema().input_names(), key=made_up_contract.names.index
    )
    with pytest.raises(mlflow.exceptions.MlflowException, match="fee_eur"):
        model.predict(rows.to_pandas().drop(columns="fee_eur"))
    stored = list(_artifacts(registry, version.run_id).rglob("*"))
    assert stored
    assert not [path for path in stored if path.suffix in {".pkl", ".pickle", ".skops"}]


def test_a_damaged_copy_is_fetched_again_and_a_damaged_store_refused(
    registry: Registry, directory: Path
) -> None:
    """Where both are damaged the file is named, and of it only an empty lock stays in the cache."""
    _register(registry, directory, "damaged")
    version = registry.champion("damaged")
    assert version is not None
    cached = registry.download(version)
    whole = (cached / "booster.ubj").read_bytes()
    (cached / "booster.ubj").write_bytes(whole + b"x")

    assert registry.load(version).spec.family == "xgboost"
    assert whole == (cached / "booster.ubj").read_bytes()

    shutil.rmtree(cached)
    (stored,) = _artifacts(registry, version.run_id).rglob("booster.ubj")
    stored.write_bytes(whole + b"x")
    with pytest.raises(ArtefactDamaged, match=r"damaged.*: booster\.ubj is not what was written"):
        registry.load(version)
    assert [".partial.lock"] == [path.name for path in cached.parent.iterdir()]

    stored.with_name("MANIFEST.sha256").write_text("")
    with pytest.raises(ArtefactDamaged, match=r"MANIFEST\.sha256 is not what was written"):
        registry.load(version)

    shutil.rmtree(_artifacts(registry, version.run_id))
    with pytest.raises(ArtefactDamaged, match="cannot be read"):
        registry.load(version)


@pytest.mark.parametrize("scheme", ["http", "postgresql"])
def test_a_dead_registry_says_so_within_seconds(scheme: str, tmp_path: Path) -> None:
    """Not after the four minutes MLflow would take."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"{scheme}://churn:secret@127.0.0.1:{probe.getsockname()[1]}/mlflow"
    began = time.monotonic()

    with pytest.raises(RegistryUnavailable) as refused:
        Registry(uri, tmp_path, tmp_path).champion("subscribers")

    assert time.monotonic() - began < 20
    assert "secret" not in refused.value.message


def test_the_champion_is_who_is_on_record(
    database: str, home: Path, directory: Path, registry: Registry
) -> None:
    """Whatever MLflow's alias says; of a checksum that is another, or a version, it is refused."""
    first, second = (_register(registry, directory, "recorded") for _ in range(2))
    registry.set_alias(second, "champion")
    decision = Promotion(
        population="recorded",
        as_of=DAY,
        champion_version=None,
        challenger_version=first.version,
        is_promoted=True,
        reason="r",
        manifest_sha256=first.manifest_sha256,
    )

    def on_record(decision: Promotion | None) -> Registry:
        return Registry(
            database, mlflow_server.artefacts(home), home / "models", lambda _: decision
        )

    assert first == on_record(decision).champion("recorded")
    assert first == on_record(replace(decision, manifest_sha256=None)).champion("recorded")
    assert on_record(None).champion("recorded") is None
    with pytest.raises(ArtefactDamaged, match="is not the one that became champion"):
        on_record(replace(decision, manifest_sha256="0" * 64)).champion("recorded")
    with pytest.raises(RegistryUnavailable):
        on_record(replace(decision, challenger_version=9)).champion("recorded")


@pytest.fixture(scope="module")
def server(database: str, home: Path, registry: Registry) -> Iterator[str]:
    """An MLflow server on the same database and artefacts, as `make up` starts it."""
    assert registry.champion("nobody") is None  # the tables are there
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    service = mlflow_server.service(
        home=home, database_url=database, port=port, environment={**os.environ, "PATH": path}
    )
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            service.command,
            env=dict(service.environment),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://{mlflow_login.USER}:{mlflow_server.password(home)}@127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None, (home / "server.log").read_text()[-2000:]
                time.sleep(0.2)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


# Reads a file, moves an alias, writes where the writer says, asks by other protocols.
ATTACKS = (
    ("GET", "api/2.0/mlflow/experiments/search?max_results=9"),
    ("POST", "api/2.0/mlflow/experiments/create"),
    ("POST", "ajax-api/2.0/mlflow/experiments/create"),
    ("GET", "get-artifact?path=password&run_uuid=0"),
    ("GET", "model-versions/get-artifact?path=x&name=n&version=1"),
    ("POST", "api/2.0/mlflow/registered-models/alias"),
    ("POST", "api/2.0/mlflow/model-versions/create"),
    ("PUT", "api/2.0/mlflow-artifacts/artifacts/x"),
    ("POST", "graphql"),
    ("POST", "v1/traces"),
    ("GET", "gateway/"),
    ("GET", "static-files/../password"),
    ("GET", "//health"),
    ("GET", "health/"),
    ("GET", "health/..;/version"),
    ("GET", "version"),
    ("GET", ""),
)


@pytest.mark.parametrize(("method", "path"), ATTACKS)
def test_nobody_without_the_login_is_answered(server: str, method: str, path: str) -> None:
    """Neither with no credential nor with one that is nearly right; the page itself neither."""
    login, _, host = server.removeprefix("http://").rpartition("@")
    user, password = login.split(":")
    wrong = [None, (user, password[:-1]), ("admin", password), (user, ""), (user, f"{password} ")]
    for auth in wrong:
        sent = requests.Request(method, f"http://{host}/", auth=auth, json={"name": "x"}).prepare()
        sent.url = f"http://{host}/{path}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.send(sent, timeout=30, allow_redirects=False)
        assert 401 == answer.status_code
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert "log in as churn" in answer.text


def test_the_login_is_its_owners(server: str, home: Path) -> None:
    """Its file is 0600, it is on no command line, and asked for again it is the same."""
    path = mlflow_server.password_file(home)
    assert 0o600 == path.stat().st_mode & 0o777
    assert mlflow_server.password(home) == path.read_text()
    assert len(path.read_text()) >= 32
    lines = [
        " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])
    ]
    assert any("churn-login" in line for line in lines)
    assert not [line for line in lines if path.read_text() in line]


@pytest.mark.parametrize("place", ["file://{}", "{}", "http://127.0.0.1:9{}", "sftp://h{}"])
def test_the_login_reads_no_file_that_is_no_artefact(
    server: str, tmp_path: Path, place: str
) -> None:
    """Wherever an experiment says its artefacts lie, none is read, listed or written there."""
    (tmp_path / "password").write_text("canary")
    client = MlflowClient(server)
    made = _asked(
        server,
        "POST",
        "api/2.0/mlflow/experiments/create",
        json={"name": f"attack {place}", "artifact_location": place.format(tmp_path)},
    )
    if made.ok:
        run = client.create_run(made.json()["experiment_id"]).info.run_id
        answers = [
            _asked(server, method, f"{path}run_uuid={run}&path=password")
            for method, path in (
                ("GET", "get-artifact?"),
                ("GET", "api/2.0/mlflow/artifacts/list?"),
                ("POST", "ajax-api/2.0/mlflow/upload-artifact?"),
            )
        ]
        assert all(not answer.ok for answer in answers)
        assert "canary" not in "".join(answer.text for answer in answers)
    assert ["password"] == [path.name for path in tmp_path.iterdir()]
    assert "canary" == (tmp_path / "password").read_text()


def test_a_link_among_artefacts_is_not_followed(server: str, tmp_path: Path) -> None:
    """What lies there is handed out; what a link there leads to is not."""
    (tmp_path / "password").write_text("canary")
    client = MlflowClient(server)
    run = client.create_run(client.create_experiment("honest"))
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    folder.mkdir(parents=True)
    (folder / "plot.txt").write_text("a plot")
    (folder / "link").symlink_to(tmp_path / "password")
    (folder / "folder").symlink_to(tmp_path)
    get = f"get-artifact?run_uuid={run.info.run_id}&path="

    assert "a plot" == _asked(server, "GET", f"{get}plot.txt").text
    for path in ("link", "folder/password"):
        answer = _asked(server, "GET", get + path)
        assert not answer.ok
        assert "canary" not in answer.text


def test_a_server_serves_what_the_database_holds(
    server: str, home: Path, directory: Path, registry: Registry
) -> None:
    """Registered over HTTP, read over HTTP and from the database alike."""
    remote = Registry(server, None, home / "remote")
    _register(remote, directory, "remote")

    version = remote.champion("remote")
    assert version is not None
    assert version == registry.champion("remote")
    assert remote.load(version).spec == registry.load(version).spec
    assert remote.champion("nobody") is None


def _asked(server: str, method: str, path: str, **sent: Any) -> requests.Response:
    """Return what the server answers somebody with the login."""
    login, _, host = server.removeprefix("http://").rpartition("@")
    user, _, password = login.partition(":")
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (user, password)
        return session.request(method, f"http://{host}/{path}", timeout=30, **sent)


def _artifacts(registry: Registry, run_id: str) -> Path:
    """Return where MLflow keeps the files of a run."""
    return Path(registry.client.get_run(run_id).info.artifact_uri.removeprefix("file://"))
