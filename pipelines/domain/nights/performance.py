"""How a published list compares with what then happened."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class MaturedList:
    """
    A published list whose labels have matured.

    Attributes:
        score_date: Its date.
        run_id: The run that was published.
        model_version: The model that scored it.
    """

    score_date: date
    run_id: int
    model_version: int


@dataclass(frozen=True, slots=True)
class Measured:
    """
    One metric of one list, with its bootstrap interval.

    Attributes:
        metric: Its name.
        value: Its value over all customers it is about.
        lower: Lower end of the interval; None where it has none.
        upper: Upper end.
        customers: How many it is about, where that is not the whole list.
        churners: Those of them who left.
        promised_lower: From which value the model promised it; None where it promised nothing.
        promised_upper: Up to which.
        is_as_promised: Whether interval and promise meet; None where nothing was promised.
    """

    metric: str
    value: float
    lower: float | None = None
    upper: float | None = None
    customers: int | None = None
    churners: int | None = None
    promised_lower: float | None = None
    promised_upper: float | None = None
    is_as_promised: bool | None = None


@dataclass(frozen=True, slots=True)
class ListPerformance:
    """
    Every metric of one list.

    Attributes:
        matured: The list.
        customers: Customers of the list with a known label.
        churners: Those who left.
        metrics: What was measured; without churners, or without others, what needs only one kind.
    """

    matured: MaturedList
    customers: int
    churners: int
    metrics: tuple[Measured, ...]

    @property
    def broken(self) -> tuple[Measured, ...]:
        """What is not as the model promised."""
        return tuple(item for item in self.metrics if item.is_as_promised is False)

    def metric(self, name: str) -> Measured | None:
        """Return the metric called *name*, or None where it was not measured."""
        return next((item for item in self.metrics if item.metric == name), None)

    @property
    def summary(self) -> str:
        """The list and its metrics in one line."""
        found = ", ".join(f"{item.metric} {item.value:.3f}" for item in self.metrics)

        return (
            f"{self.matured.score_date}: {self.churners} of {self.customers} customers left; "
            f"{found}"
        )
