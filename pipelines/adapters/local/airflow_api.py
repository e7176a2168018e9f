"""Airflow's REST API: start runs, watch them, and read why a task failed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import requests

from pipelines.errors import ServiceFailed

DONE = frozenset({"success", "failed"})
TASK_DONE = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


@dataclass(frozen=True, slots=True)
class Task:
    """One task of one run, as Airflow sees it."""

    task_id: str
    state: str | None
    try_number: int
    seconds: float | None


class Airflow:
    """
    A client of one Airflow.

    Args:
        url: Address of its API server, without a path.
        user: User to log in as.
        password: That user's password.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._login = {"username": user, "password": password}
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy has no business between us and ourselves

    def answers(self) -> bool:
        """Tell whether the API server answers."""
        try:
            return self._session.get(f"{self._url}/api/v2/version", timeout=5).ok
        except requests.RequestException:
            return False

    def is_healthy(self, component: str) -> bool:
        """Tell whether `scheduler` or `dag_processor` has sent a sign of life lately."""
        try:
            answer = self._session.get(f"{self._url}/api/v2/monitor/health", timeout=5)
        except requests.RequestException:
            return False

        return bool(answer.ok and answer.json()[component]["status"] == "healthy")

    def dags(self) -> set[str]:
        """Return the names of the DAGs Airflow knows; none while it does not answer."""
        if not self.answers():
            return set()

        return {dag["dag_id"] for dag in self._call("GET", "dags")["dags"]}

    def unpause(self, dag_id: str) -> None:
        """Let the runs of a DAG start."""
        self._call("PATCH", f"dags/{dag_id}", json={"is_paused": False})

    def trigger(
        self,
        dag_id: str,
        *,
        conf: Mapping[str, Any] | None = None,
        logical_date: datetime | None = None,
    ) -> str:
        """
        Start a run by hand; return its id.

        Args:
            dag_id: The DAG; while it is paused the run waits.
            conf: Params of the run.
            logical_date: None, as when a person presses the button.
        """
        moment = logical_date.isoformat() if logical_date else None
        body = {"logical_date": moment, "conf": dict(conf or {})}

        return str(self._call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def backfill(self, dag_id: str, first: date, last: date) -> None:
        """Start a run for each scheduled day from *first* to *last* that has none."""
        body = {
            "dag_id": dag_id,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T23:59:59Z",
            "max_active_runs": 1,
        }
        self._call("POST", "backfills", json=body)

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Return the runs of a DAG, the latest first, as Airflow describes them."""
        query = {"order_by": "-id", "limit": 100}
        found: list[dict[str, Any]] = self._call("GET", f"dags/{dag_id}/dagRuns", params=query)[
            "dag_runs"
        ]

        return found

    def state(self, dag_id: str, run_id: str) -> str:
        """Return queued, running, success or failed."""
        return str(self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[Task]:
        """Return the tasks of a run in the order they started, those still waiting last."""
        found = self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        found.sort(key=lambda item: (item["start_date"] is None, item["start_date"] or ""))

        return [
            Task(item["task_id"], item["state"], item["try_number"], item["duration"])
            for item in found
        ]

    def wait(
        self,
        dag_id: str,
        run_id: str,
        *,
        progress: Callable[[Task], None],
        timeout_seconds: float = 3600,
    ) -> str:
        """
        Wait for the end of a run.

        Args:
            dag_id: The DAG.
            run_id: What `trigger` returned.
            progress: Called once for each task that has ended, and each time one is to be retried.
            timeout_seconds: Longest time the run may take.

        Returns:
            success or failed.

        Raises:
            ServiceFailed: It has not ended in time.
        """
        told: set[tuple[str, str, int]] = set()
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            state = self.state(dag_id, run_id)
            for task in self.tasks(dag_id, run_id):
                key = (task.task_id, task.state or "", task.try_number)
                if task.state in {*TASK_DONE, "up_for_retry"} and key not in told:
                    told.add(key)
                    progress(task)
            if state in DONE:
                return state
            time.sleep(1)

        raise ServiceFailed(
            f"{dag_id} {run_id} has not ended after {timeout_seconds:.0f} s",
            next_step=f"look at it in {self._url}",
        )

    def log_tail(self, dag_id: str, run_id: str, task: Task, lines: int = 20) -> str:
        """Return the last *lines* a task wrote in its latest try."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        entries = self._call("GET", path)["content"]
        events = [entry["event"] if isinstance(entry, dict) else str(entry) for entry in entries]

        return "\n".join(events[-lines:])

    def _call(self, method: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401  JSON
        """Call the API, logging in first where needed."""
        answer = self._send(method, f"api/v2/{path}", **arguments)
        if answer.status_code == requests.codes.unauthorized:
            token = self._send("POST", "auth/token", json=self._login).json()
            self._session.headers["Authorization"] = f"Bearer {token.get('access_token', '')}"
            answer = self._send(method, f"api/v2/{path}", **arguments)
        if not answer.ok:
            raise ServiceFailed(
                f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:500]}",
                next_step=f"look at {self._url}, or run `make up`",
            )

        return answer.json()

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:  # noqa: ANN401
        """Send one request."""
        try:
            return self._session.request(method, f"{self._url}/{path}", timeout=30, **arguments)
        except requests.RequestException as error:
            raise ServiceFailed(
                f"Airflow does not answer at {self._url}: {type(error).__name__}",
                next_step="run `make up`",
            ) from None


def as_conf(*, as_of: date | None, population: str) -> dict[str, Any]:
    """Return the params of our DAGs."""
    return {"as_of": as_of.isoformat() if as_of else None, "population": population}
