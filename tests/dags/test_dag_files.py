"""The DAG files: parsed alone, a table of contents each, one command per task."""

import ast
import importlib.util
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

DAGS = Path(__file__).resolve().parent.parent.parent / "dags"
FILES = sorted(DAGS.glob("*.py"))
NIGHT = [
    "pull",
    "gate_sources",
    "features",
    "gate_features",
    "score",
    "gate_scores",
    "publish",
    "outcomes",
    "drift",
]
COMMANDS = {
    "churn_nightly": {*NIGHT, "report", "notify"},
    "churn_train": {"train", "promote"},
    "churn_watch": {"watch"},
    "churn_prune": {"prune"},
}


def test_dags_parse_without_the_pipeline(dagbag: Any) -> None:
    """Airflow reads every DAG without an error in an environment that has no `pipelines`."""
    assert importlib.util.find_spec("pipelines") is None
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == {*COMMANDS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_is_short_and_imports_only_airflow(path: Path) -> None:
    """A file of dags/ has at most 60 lines and imports Airflow, a sibling or a reader of TOML."""
    source = path.read_text("utf-8")
    settings = {"os", "pathlib", "tomllib"} if path.stem == "churn_populations" else set()
    allowed = {"airflow", "datetime", *settings, *(file.stem for file in FILES)}

    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])

    assert imported
    assert imported <= allowed
    assert len(source.splitlines()) <= 60


@pytest.mark.parametrize("dag_id", sorted(COMMANDS))
def test_every_dag_has_a_run_book(dagbag: Any, dag_id: str) -> None:
    """The documentation people see says what to do when a task fails."""
    assert "**If it fails**" in dagbag.dags[dag_id].doc_md


@pytest.mark.parametrize("dag_id", sorted(COMMANDS))
def test_one_task_per_command(dagbag: Any, dag_id: str) -> None:
    """The tasks that call `churn` are the commands, by name."""
    tasks = [task for task in dagbag.dags[dag_id].tasks if task.task_type == "ChurnCommand"]

    assert {task.task_id for task in tasks} == COMMANDS[dag_id]
    assert all(task.command.replace(" ", "_") == task.task_id for task in tasks)


def test_the_night_goes_in_order(dagbag: Any) -> None:
    """Each step of the night waits for the one before it, and nothing else."""
    dag = dagbag.dags["churn_nightly"]

    upstream = {task_id: dag.get_task(task_id).upstream_task_ids for task_id in NIGHT}

    expected = {task_id: {before} for before, task_id in itertools.pairwise(NIGHT)}
    assert upstream == {"pull": set(), **expected}


def test_no_leaf_hides_a_failure(dagbag: Any) -> None:
    """A run's state is its leaves', so report and notify, which always run, are not alone."""
    dag = dagbag.dags["churn_nightly"]

    leaves = {task.task_id for task in dag.tasks if not task.downstream_task_ids}
    careless = {task.task_id for task in dag.tasks if task.trigger_rule != "all_success"}

    assert leaves == {"report", "notify", "train", "night_of_shop"}
    assert careless == {"report", "notify"}


def test_every_population_can_be_chosen(dagbag: Any) -> None:
    """The form lists those of churn.toml and of one's own; the first with nights is chosen."""
    param = dagbag.dags["churn_nightly"].params.get_param("population")

    assert param.schema["enum"] == ["subscribers", "shop", "trial"]
    assert param.value == "subscribers"


@pytest.mark.parametrize(
    ("run_type", "is_started"), [("scheduled", True), ("backfill", True), ("manual", False)]
)
def test_other_populations_follow_the_schedule(
    dagbag: Any, run_type: str, is_started: bool
) -> None:
    """The scheduled run starts a run of its own for each; a run by hand is for one population."""
    dag = dagbag.dags["churn_nightly"]
    decide, night = dag.get_task("is_scheduled"), dag.get_task("night_of_shop")
    run = SimpleNamespace(run_type=run_type)

    assert decide.python_callable(dag_run=run) is is_started
    assert night.upstream_task_ids == {"is_scheduled"}
    assert night.conf["population"] == "shop"
    assert night.trigger_dag_id == "churn_nightly"


def test_nothing_is_removed_before_somebody_agrees(dagbag: Any) -> None:
    """Only the DAG that deletes waits to be switched on."""
    assert {"churn_prune"} == {
        dag_id for dag_id, dag in dagbag.dags.items() if dag.is_paused_upon_creation
    }


@pytest.mark.parametrize("dag_id", sorted(COMMANDS))
def test_switching_on_runs_nothing_yet(dagbag: Any, dag_id: str) -> None:
    """A DAG without history gets its first run at the next tick, not for one that has passed."""
    from airflow.timetables.base import TimeRestriction  # noqa: PLC0415  after its settings

    dag = dagbag.dags[dag_id]
    restriction = TimeRestriction(earliest=None, latest=None, catchup=False)
    timetable = _deserialized(dag).timetable

    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)

    assert dag.start_date is None
    assert first.run_after > datetime.now(UTC) - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("as_of", "logical", "expected"),
    [
        (None, datetime(2026, 11, 3, 3, tzinfo=UTC), "2026-11-03"),
        (None, None, "2026-11-09"),
        ("2026-10-01", None, "2026-10-01"),
        ("2026-10-01", datetime(2026, 11, 3, 3, tzinfo=UTC), "2026-10-01"),
    ],
    ids=["scheduled or backfilled", "by hand without a date", "by hand for a day", "both"],
)
def test_as_of_of_every_kind_of_run(
    dagbag: Any, as_of: str | None, logical: datetime | None, expected: str
) -> None:
    """The named day wins, then the logical date, then the day the run was asked for."""
    dag = dagbag.dags["churn_nightly"]
    run = SimpleNamespace(logical_date=logical, run_after=datetime(2026, 11, 9, 23, 59, tzinfo=UTC))

    template = dag.get_template_env().from_string(dag.get_task("score").options[-1])

    assert template.render(params={"as_of": as_of}, dag_run=run) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of", "2026-02-30"),
        ("as_of", "20261101"),
        ("as_of", "2026-11-01; id"),
        ("as_of", 20261101),
        ("population", "shop; id"),
        ("population", "--as-of"),
        ("population", ""),
    ],
)
def test_param_that_is_no_date_or_name_is_refused(dagbag: Any, name: str, value: object) -> None:
    """What a person types is checked before any task sees it."""
    from airflow.sdk.exceptions import ParamValidationError  # noqa: PLC0415  after its settings

    param = dagbag.dags["churn_nightly"].params.get_param(name)
    assert param.resolve(suppress_exception=True) in {None, "subscribers"}

    with pytest.raises(ParamValidationError):
        param.resolve(value)


@pytest.mark.parametrize(
    ("exit_code", "try_number", "action"),
    [
        (75, 1, "retry"),
        (75, 9, "retry"),
        (21, 1, "fail"),
        (32, 1, "fail"),
        (34, 1, "fail"),
        (35, 1, "fail"),
        (2, 1, "fail"),
        (1, 1, "default"),
        (1, 2, "fail"),
        (11, 1, "default"),
        (-9, 2, "fail"),
    ],
)
def test_retry_depends_on_the_exit_code(
    dagbag: Any, exit_code: int, try_number: int, action: str
) -> None:
    """A lock is waited for, bad data is not tried again, anything else is tried twice."""
    import churn_command  # noqa: PLC0415  dags/ is importable once the bag is filled

    failure = churn_command.CommandFailed("score", exit_code)
    policy = dagbag.dags["churn_nightly"].get_task("score").retry_policy

    decision = policy.evaluate(exception=failure, try_number=try_number, max_tries=10)

    assert decision.action.value == action


def test_a_person_is_asked_where_the_policy_says_so(dagbag: Any) -> None:
    """Judged first, asked only where it waits, and taken or rejected by who answered."""
    from airflow.sdk import DAG  # noqa: PLC0415  after its settings
    from churn_approval import ask_a_person  # noqa: PLC0415  dags/ is importable by now
    from churn_command import ChurnCommand  # noqa: PLC0415

    params = dagbag.dags["churn_train"].params
    with DAG("asking", schedule=None, params=params) as dag:
        ask_a_person(ChurnCommand(command="train"))
    order = ["train", "judge", "wants_approval", "ask", "promote"]
    answer = dag.get_task("promote").options[-2:]

    def said(option: str) -> tuple[str, ...]:
        """Return the options of the command after an answer."""
        told = {"chosen_options": [option], "responded_by_user": {"name": "Ada King"}}
        ti, render = SimpleNamespace(xcom_pull=lambda _: told), dag.get_template_env().from_string
        return tuple(render(text).render(ti=ti) for text in answer)

    assert order == [task.task_id for task in dag.topological_sort()]
    assert [True, False] == [
        dag.get_task("wants_approval").python_callable(verdict) for verdict in ("34", "0 promoted")
    ]
    assert ["Approve", "Reject"] == dag.get_task("ask").options
    assert ("--approved-by", "Ada King") == said("Approve")
    assert ("--rejected-by", "Ada King") == said("Reject")
    assert _deserialized(dag).task_ids == dag.task_ids


@pytest.mark.parametrize(("exit_code", "expected"), [(0, "told"), (34, "34"), (25, None)])
def test_that_a_person_is_needed_is_an_answer(
    dagbag: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int, expected: str
) -> None:
    """Any other failure of the command is one."""
    assert dagbag.dags
    from churn_approval import Judge  # noqa: PLC0415  dags/ is importable by now
    from churn_command import CommandFailed  # noqa: PLC0415

    command = tmp_path / "churn"
    command.write_text(f"#!/bin/sh\necho told\nexit {exit_code}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    judge = Judge(command="promote", task_id="judge")
    if expected is None:
        with pytest.raises(CommandFailed, match="exit code 25"):
            judge.execute({})
        return

    assert expected == judge.execute({})


def _deserialized(dag: Any) -> Any:
    """Return *dag* as the scheduler sees it."""
    from airflow.serialization.serialized_objects import DagSerialization  # noqa: PLC0415

    return DagSerialization.from_dict(DagSerialization.to_dict(dag))
