"""MLflow: one run and one registered version per training, and aliases that say what they are."""

import contextlib
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.adapters import scratch
from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.models import mlflow_client, mlflow_versions, runs
from pipelines.adapters.models.cache import RESTORE, ModelCache
from pipelines.adapters.models.directory import LoadedModel
from pipelines.adapters.models.mlflow_versions import NotTold
from pipelines.adapters.models.runs import DATA, MODEL, STORED
from pipelines.domain.addresses import without_login
from pipelines.domain.scoring.versions import MANIFEST_TAG, Alias, ModelVersion
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.promotion import Promotion
from pipelines.errors import ArtefactDamaged

# The tag of a run that MLflow shows as its description.
NOTE = "mlflow.note.content"


@dataclass(frozen=True)
class Registry:
    """
    Registered models named `churn-<population>`.

    Attributes:
        tracking_uri: `postgresql://…/mlflow` or `http://…`.
        artifacts: Where the files of a run are kept; None leaves that to a server.
        cache: Where downloaded models are kept, each under its version and checksum.
        promoted: Returns the decision that made the champion of a population, or None; without it
            MLflow's alias is believed.
    """

    tracking_uri: str = field(repr=False)
    artifacts: Path | None
    cache: Path
    promoted: Callable[[str], Promotion | None] | None = None

    def __post_init__(self) -> None:
        """Tell MLflow how to behave, before anything imports it."""
        mlflow_client.prepare()

    @functools.cached_property
    def client(self) -> Any:  # noqa: ANN401  MLflow's types are not looked at
        """
        The MLflow client.

        Raises:
            RegistryUnavailable: The database or server does not answer.
        """
        return mlflow_client.connect(self.tracking_uri)

    def champion(self, population: str) -> ModelVersion | None:
        """
        Return the version that scores *population*, or None.

        Raises:
            ArtefactDamaged: MLflow has another checksum of it than was recorded.
            RegistryUnavailable: MLflow does not know it, or does not answer.
        """
        if self.promoted is None:
            return self.version(population, "champion")
        decision = self.promoted(population)
        if decision is None:
            return None
        version = self.numbered(population, decision.challenger_version)
        if decision.manifest_sha256 not in {None, version.manifest_sha256}:
            raise ArtefactDamaged(
                f"{version} is not the one that became champion: its checksum in MLflow is not "
                "what was recorded then",
                next_step=f"find out who wrote to MLflow; then churn rollback-model --population "
                f"{population}, or train again",
            )

        return version

    def kept_champion(self, population: str) -> ModelVersion | None:
        """Return what our database says was promoted, if its files are here, without MLflow."""
        decision = None if self.promoted is None else self.promoted(population)
        if decision is None or decision.manifest_sha256 is None:
            return None
        tags = {MANIFEST_TAG: decision.manifest_sha256}
        version = ModelVersion(_model(population), decision.challenger_version, "", tags)

        return version if ModelCache(self.cache).has(version) else None

    def version(self, population: str, alias: Alias) -> ModelVersion | None:
        """Return the version *alias* means now, or None."""
        with contextlib.suppress(NotTold):
            return mlflow_versions.aliased(self.tracking_uri, _model(population), alias)
        client = self.client
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  after the environment

        with mlflow_client.answering(self.tracking_uri):
            try:
                found = client.get_model_version_by_alias(_model(population), alias)
            except MlflowException as error:
                # The model is unknown, or the alias is.
                if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                    return None
                raise

        return _version(found)

    def numbered(self, population: str, number: int) -> ModelVersion:
        """Return one version by its number."""
        with contextlib.suppress(NotTold):
            return mlflow_versions.numbered(self.tracking_uri, _model(population), number)
        with mlflow_client.answering(self.tracking_uri):
            return _version(self.client.get_model_version(_model(population), str(number)))

    def set_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean *version*."""
        with mlflow_client.answering(self.tracking_uri):
            self.client.set_registered_model_alias(version.name, alias, str(version.version))

    def drop_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean nothing."""
        with mlflow_client.answering(self.tracking_uri):
            self.client.delete_registered_model_alias(version.name, alias)

    def load(self, version: ModelVersion) -> LoadedModel:
        """
        Return the model of *version*, every byte checked.

        Raises:
            ArtefactDamaged: It is not what was registered.
            RegistryUnavailable: It is not in the cache and MLflow does not answer.
        """
        return model_directory.load(self.download(version))

    def download(self, version: ModelVersion) -> Path:
        """
        Return the model directory of *version* on this machine.

        It is compared with the checksum in MLflow's database, which lies apart from the files.

        Raises:
            ArtefactDamaged: What is stored is not what was registered.
        """
        registered = version.manifest_sha256
        if registered is None:
            raise ArtefactDamaged(
                f"{version} has no tag {MANIFEST_TAG}: something else registered it",
                next_step="churn rollback-model, or churn train and churn promote",
            )

        return ModelCache(self.cache).directory(
            version, registered, functools.partial(self._fetch, version)
        )

    def register(self, package: ModelPackage, *, params: Mapping[str, Any]) -> ModelVersion:
        """
        Write a model directory, record its training as one run and it as the next version.

        Args:
            package: What the directory is written from.
            params: Hyperparameters and sizes of the training set.
        """
        with (
            mlflow_client.answering(self.tracking_uri),
            scratch.folder(self.cache, "training") as folder,
        ):
            directory = folder / DATA
            model_directory.write(package, directory)

            return self.register_directory(
                directory,
                population=package.spec.population,
                as_of=package.spec.as_of,
                params=params,
                metrics=package.metrics(),
                tags=package.tags(),
            )

    def register_directory(
        self,
        directory: Path,
        *,
        population: str,
        as_of: date,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
    ) -> ModelVersion:
        """
        Record a model directory as the next version.

        Args:
            directory: As `model_directory.write` leaves it. Not modified.
            population: Its name in churn.toml.
            as_of: The date it was trained at.
            params: Hyperparameters and sizes of the training set.
            metrics: Its evaluation, by name.
            tags: Shown with run and version.
        """
        client = self.client
        from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415  after the environment

        known = {
            **tags,
            "as_of": as_of.isoformat(),
            MANIFEST_TAG: model_directory.manifest_sha256(directory),
        }
        with mlflow_client.answering(self.tracking_uri):
            run = client.create_run(
                self._experiment(population), run_name=f"{as_of} {tags.get('family', '')}".strip()
            )
            run_id, now = run.info.run_id, run.info.start_time
            try:
                client.log_batch(
                    run_id,
                    metrics=[Metric(name, value, now, 0) for name, value in metrics.items()],
                    params=[Param(name, str(value)) for name, value in params.items()],
                    tags=[RunTag(name, value) for name, value in known.items()],
                )
                runs.log_files(client, run_id, directory, self.cache)
                runs.log_dataset(client, run_id, directory, _model(population))
                runs.log_trials(client, run, directory)
                card = runs.description(directory)
                client.set_tag(run_id, NOTE, card)
                registered = self._next_version(population, run, known, card)
            except BaseException:
                client.set_terminated(run_id, "FAILED")
                raise
            client.set_terminated(run_id)

        return _version(registered)

    def _experiment(self, population: str) -> str:
        """Return the id of the population's experiment, created where it is missing."""
        name = _model(population)
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        if self.artifacts is None:
            return str(self.client.create_experiment(name))
        folder = (self.artifacts / name).absolute()
        folder.mkdir(parents=True, exist_ok=True)

        return str(self.client.create_experiment(name, artifact_location=folder.as_uri()))

    def _next_version(
        self,
        population: str,
        run: Any,  # noqa: ANN401  MLflow's types are not looked at
        tags: Mapping[str, str],
        card: str,
    ) -> Any:  # noqa: ANN401  MLflow's types are not looked at
        """Register the files of *run* as the next version."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  after the environment

        name = _model(population)
        try:
            self.client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

        return self.client.create_model_version(
            name,
            source=f"{run.info.artifact_uri}/{MODEL}",
            run_id=run.info.run_id,
            tags=dict(tags),
            description=card,
        )

    def _fetch(self, version: ModelVersion, folder: Path) -> Path:
        """Copy the stored model directory of *version* below *folder*; return where it is."""
        client = self.client
        from mlflow.exceptions import MlflowException  # noqa: PLC0415  after the environment

        try:
            return Path(client.download_artifacts(version.run_id, STORED, str(folder)))
        except (MlflowException, OSError) as error:
            raise ArtefactDamaged(
                f"the files of {version} cannot be read: "
                f"{without_login(str(error), self.tracking_uri)}",
                next_step=RESTORE,
            ) from None


def _model(population: str) -> str:
    """Return the name of a population's registered model, and of its experiment."""
    return f"churn-{population}"


def _version(found: Any) -> ModelVersion:  # noqa: ANN401  MLflow's types are not looked at
    """Return MLflow's version as ours."""
    return ModelVersion(found.name, int(found.version), found.run_id, dict(found.tags))
