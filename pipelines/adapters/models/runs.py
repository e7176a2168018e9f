"""What a training leaves in its run of MLflow: model, card, data, and what was tried."""

import json
import shutil
import warnings
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.adapters import scratch
from pipelines.adapters.models import directory as model_directory

# MLflow's folder for the files of a pyfunc model, and ours in it.
MODEL = "model"
DATA = "churn_model"
STORED = f"{MODEL}/data/{DATA}"
# What MLflow's database takes as the description of a version.
MOST_LETTERS = 5000
CUT = "\n\n… the rest is in model_card.html of its run.\n"


def log_files(client: Any, run_id: str, directory: Path, cache: Path) -> None:  # noqa: ANN401
    """
    Store a directory as an MLflow model, and what people look at where a run shows it.

    Args:
        client: MLflow's.
        run_id: Of the run.
        directory: As `model_directory.write` leaves it. Not modified.
        cache: Where files are staged.
    """
    import mlflow.pyfunc  # noqa: PLC0415  only a training needs it

    with scratch.folder(cache, "registration") as folder, warnings.catch_warnings():
        # Golden rows are in the directory, and would be personal data in MLflow's example.
        warnings.filterwarnings("ignore", message=".*An input example was not provided")
        staged = folder / DATA
        shutil.copytree(directory, staged)
        # Requirements that are named are not guessed, which takes 7 s.
        mlflow.pyfunc.save_model(
            path=str(folder / MODEL),
            loader_module="pipelines.adapters.pyfunc",
            data_path=str(staged),
            signature=_signature(directory),
            pip_requirements=[
                f"{name}=={installed(name)}" for name in ("mlflow", "numpy", "pandas", "pyarrow")
            ],
        )
        client.log_artifacts(run_id, str(folder / MODEL), MODEL)
    for picture in sorted(directory.glob("*.png")):
        client.log_artifact(run_id, str(picture), "plots")
    for card in (model_directory.CARD, model_directory.CARD_PAGE):
        if (directory / card).exists():
            client.log_artifact(run_id, str(directory / card))


def log_dataset(client: Any, run_id: str, directory: Path, name: str) -> None:  # noqa: ANN401
    """
    Say which rows a run learned from: their snapshots, counts, columns and digest, and no row.

    Args:
        client: MLflow's.
        run_id: Of the run.
        directory: As `model_directory.write` leaves it. Not modified.
        name: What the data are called.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag  # noqa: PLC0415  after the environment

    training = json.loads((directory / "training.json").read_text("utf-8"))
    columns = [{"name": each.name, "type": str(each.type)} for each in _columns(directory)]
    dataset = Dataset(
        name=name,
        digest=training["data_fingerprint"],
        source_type="warehouse",
        source=json.dumps({"snapshots": training["roles"]}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps(training["counts"]),
    )
    client.log_inputs(
        run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]
    )


def log_trials(client: Any, run: Any, directory: Path) -> None:  # noqa: ANN401  MLflow's types
    """
    Record a run below *run* for each family that was searched, its trials as steps of `auc`.

    A run a trial would be dozens a training, which nobody reads as a list; every set of parameters
    is in trials.json of the family's run.

    Args:
        client: MLflow's.
        run: What was trained.
        directory: As `model_directory.write` leaves it. Not modified.
    """
    from mlflow.entities import Metric, Param  # noqa: PLC0415  after the environment

    path = directory / model_directory.TRIALS
    families: Mapping[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for family, trials in families.items():
        below = client.create_run(
            run.info.experiment_id,
            run_name=f"{run.info.run_name}: {family} tried",
            tags={"mlflow.parentRunId": run.info.run_id, "family": family},
        ).info
        best = max(trials, key=lambda trial: trial["auc"])
        client.log_batch(
            below.run_id,
            metrics=[
                Metric("auc", trial["auc"], below.start_time, step)
                for step, trial in enumerate(trials)
            ],
            params=[Param(name, str(value)) for name, value in best["parameters"].items()],
        )
        client.log_text(below.run_id, json.dumps(trials, indent=1), "trials.json")
        client.set_terminated(below.run_id)


def description(directory: Path) -> str:
    """Return the model card as MLflow can keep it with a version: whole lines, as many as fit."""
    path = directory / model_directory.CARD
    card = path.read_text("utf-8") if path.exists() else ""
    if len(card) <= MOST_LETTERS:
        return card

    return card[: card.rindex("\n", 0, MOST_LETTERS - len(CUT))] + CUT


def _columns(directory: Path) -> pa.Schema:
    """Return the features as the warehouse holds them, without what the model says of them."""
    schema = pq.read_schema(directory / model_directory.REFERENCE)

    return pa.schema([each for each in schema if each.name != "churn_probability"])


def _signature(directory: Path) -> Any:  # noqa: ANN401  MLflow's types are not looked at
    """
    Return what the model reads and gives, as MLflow checks it.

    A whole number that may be missing is of any type: pandas reads it as a float where one is.
    """
    from mlflow.models import ModelSignature  # noqa: PLC0415  only a training needs it
    from mlflow.types.schema import AnyType, ColSpec, DataType, Schema  # noqa: PLC0415

    spec = json.loads((directory / "spec.json").read_text("utf-8"))
    nullable = {each["name"]: each["nullable"] for each in spec["contract"]["features"]}
    inputs = []
    for column in _columns(directory):
        kind: Any = AnyType()
        if pa.types.is_boolean(column.type):
            kind = DataType.boolean
        elif pa.types.is_floating(column.type):
            kind = DataType.double
        elif not pa.types.is_integer(column.type):
            kind = DataType.string
        elif not nullable[column.name]:
            kind = DataType.long
        inputs.append(ColSpec(kind, column.name, required=not nullable[column.name]))

    return ModelSignature(
        inputs=Schema(inputs), outputs=Schema([ColSpec(DataType.double, "churn_probability")])
    )
