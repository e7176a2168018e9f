"""The models in service: looked up by a thread of their own, replaced between two requests."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from pipelines.api.metrics import Metrics
from pipelines.domain.serving.served import ServedModel
from pipelines.errors import ChampionMissing, ChurnError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ModelFault:
    """
    Why the champion of a population is not in service.

    Attributes:
        kind: Name of the error; what it says may name files of this machine, and is in the log.
        is_none: Whether it is that there is no champion.
    """

    kind: str
    is_none: bool = False


class ModelsInService:
    """
    The champion of each population.

    A request takes the model it finds and keeps it to its answer, so nothing waits for a change.

    Args:
        populations: Of churn.toml.
        refreshed: Returns the champion of a population, given what is in service.
        seconds: Between two looks.
        metrics: Told which versions there are.
    """

    def __init__(
        self,
        populations: Iterable[str],
        refreshed: Callable[[str, ServedModel | None], ServedModel],
        seconds: float,
        metrics: Metrics,
    ) -> None:
        self.populations = tuple(populations)
        self.served: dict[str, ServedModel] = {}
        self.faults: dict[str, ModelFault] = {}
        self.has_looked = False
        self._refreshed = refreshed
        self._seconds = seconds
        self._metrics = metrics
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="models", daemon=True)

    def start(self) -> None:
        """Begin to look, now and then over and over."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a look that has begun may still end."""
        self._stopped.set()

    def refresh(self) -> None:
        """Bring every champion that moved into service; one that is not right leaves the old on."""
        for population in self.populations:
            try:
                self.served[population] = self._refreshed(population, self.served.get(population))
            except ChampionMissing:
                self.faults[population] = ModelFault("ChampionMissing", is_none=True)
            except ChurnError as error:
                self._refuse(population, type(error).__name__, error.message)
            except (
                Exception
            ) as error:  # a bug must not end the looking; its kind is told and counted
                self._refuse(population, type(error).__name__, "unexpected")
                log.exception("model_not_looked_at", population=population)
            else:
                self.faults.pop(population, None)
        self.has_looked = True
        self._metrics.serving(
            self.served, {name: each for name, each in self.faults.items() if not each.is_none}
        )

    def _refuse(self, population: str, kind: str, reason: str) -> None:
        """Remember why, and tell it once."""
        fault = ModelFault(kind)
        if self.faults.get(population) != fault:
            current = self.served.get(population)
            log.error(
                "model_refused",
                population=population,
                reason=reason,
                in_service=current and current.version.version,
            )
        self.faults[population] = fault

    def _look(self) -> None:
        """Look until told to stop."""
        while not self._stopped.is_set():
            self.refresh()
            self._stopped.wait(self._seconds)
