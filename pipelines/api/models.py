"""The models in service: looked up by a thread of their own, replaced between two requests."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from pipelines.api.metrics import Metrics
from pipelines.domain.serving.served import ServedModel
from pipelines.errors import ArtefactDamaged, ChampionMissing, ChurnError, ContractMismatch

LEAST_SECONDS = 1.0
Refreshed: TypeAlias = Callable[[str, ServedModel, ServedModel | None], ServedModel | None]

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
    Whoever wants to know of changes sets `moved`, which is called after each by the thread that
    looks.

    Args:
        populations: Of churn.toml.
        refreshed: Returns the champion of a population, given what is in service.
        seconds: Between two looks, at least LEAST_SECONDS, while nobody wakes it.
        metrics: Told which versions there are.
        challenger: Returns the challenger of a population, given the champion and what is in
            service as one; None where there is no trial.
    """

    def __init__(
        self,
        populations: Iterable[str],
        refreshed: Callable[[str, ServedModel | None], ServedModel],
        seconds: float,
        metrics: Metrics,
        challenger: Refreshed | None = None,
    ) -> None:
        self.populations = tuple(populations)
        self.served: dict[str, ServedModel] = {}
        self.faults: dict[str, ModelFault] = {}
        self.challengers: dict[str, ServedModel] = {}
        self.challenger_faults: dict[str, ModelFault] = {}
        self.has_looked = False
        self.moved: Callable[[], None] = lambda: None
        self._refreshed = refreshed
        self._challenger = challenger
        self._seconds = seconds
        self._metrics = metrics
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._look, name="models", daemon=True)

    def start(self) -> None:
        """Begin to look, now and then over and over."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a look that has begun may still end."""
        self._stopped.set()
        self._woken.set()

    def wake(self) -> None:
        """Look soon, for a champion may have moved; however often that is said, once a second."""
        self._woken.set()

    def refresh(self) -> None:
        """Bring every champion that moved into service; one that is not right leaves the old on."""
        before = {**self.served}, {**self.challengers}
        for population in self.populations:
            try:
                self.served[population] = self._refreshed(population, self.served.get(population))
            except ChampionMissing:
                self.faults[population] = ModelFault("ChampionMissing", is_none=True)
            except ChurnError as error:
                self._refuse(population, type(error).__name__, error.message)
            except Exception as error:
                # A bug must not end the looking; its kind is told and counted.
                self._refuse(population, type(error).__name__, "unexpected")
                log.exception("model_not_looked_at", population=population)
            else:
                self.faults.pop(population, None)
            self._refresh_challenger(population)
        self.has_looked = True
        self._metrics.serving(
            self.served,
            {name: each for name, each in self.faults.items() if not each.is_none},
            self.challenger_faults,
        )
        if before != (self.served, self.challengers):
            self.moved()

    def _refresh_challenger(self, population: str) -> None:
        """Bring a challenger into service; one that is not right is in none, and told once."""
        champion, current = self.served.get(population), self.challengers.get(population)
        if self._challenger is None or champion is None:
            return
        try:
            found = self._challenger(population, champion, current)
        except Exception as error:
            # Nor must a challenger's, and the champion answers on.
            fault = ModelFault(type(error).__name__)
            if self.challenger_faults.get(population) != fault:
                if isinstance(error, ChurnError):
                    log.error("challenger_refused", population=population, reason=error.message)
                else:
                    log.exception("challenger_not_looked_at", population=population)
            self.challenger_faults[population] = fault
            # Whoever cannot be looked at for a while is still who it was.
            if isinstance(error, ContractMismatch | ArtefactDamaged):
                self.challengers.pop(population, None)
            return
        self.challenger_faults.pop(population, None)
        if found is None:
            self.challengers.pop(population, None)
        else:
            self.challengers[population] = found

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
            self._woken.clear()
            self.refresh()
            self._stopped.wait(LEAST_SECONDS)
            self._woken.wait(self._seconds - LEAST_SECONDS)
