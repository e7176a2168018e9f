"""The night on one page, as plain text. Aggregates only, never a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.domain.nights.performance import Measured
from pipelines.domain.scoring.tiers import TierPolicy

# Of everything that is measured of a list, what its page names; churn.model_performance has it all.
TOLD = (
    "auc",
    "brier",
    "calibration_in_the_large",
    "observed_to_expected",
    "precision",
    "recall",
    "precision_at_capacity",
    "recall_at_capacity",
    "lift_at_capacity",
)


@dataclass(frozen=True, slots=True)
class ListSummary:
    """
    One published list in numbers.

    Attributes:
        as_of: The date of the night.
        model_name: The model that scored it.
        model_version: Its version.
        tiers: Customers by risk tier.
        leaving: How many of them are expected to leave: the sum of their probabilities, by tier.
    """

    as_of: date
    model_name: str
    model_version: int
    tiers: Mapping[str, int]
    leaving: Mapping[str, float]

    @property
    def mean_probability(self) -> float:
        """Mean churn probability of the list."""
        return sum(self.leaving.values()) / max(1, sum(self.tiers.values()))


@dataclass(frozen=True, slots=True)
class Performance:
    """
    The list measured last.

    Attributes:
        score_date: Its date.
        model_version: The model that scored it.
        customers: Customers with a known label.
        churners: Those who left.
        metrics: What was measured.
    """

    score_date: date
    model_version: int
    customers: int
    churners: int
    metrics: Sequence[Measured]


@dataclass(frozen=True, slots=True)
class AlertSummary:
    """
    One alert of the last week.

    Attributes:
        as_of: The date of the night.
        severity: How urgent it is.
        title: What it says.
        owner: Who acts on it.
        is_sent: Whether it went out on any channel.
        is_resolved: Whether the task that raised it has succeeded since.
    """

    as_of: date
    severity: str
    title: str
    owner: str
    is_sent: bool
    is_resolved: bool


@dataclass(frozen=True, slots=True)
class GateSummary:
    """
    The last check of one gate.

    Attributes:
        gate: Name of the gate.
        checks: How many it made.
        failed: Those that stop the night.
        warned: Those that are only recorded.
        docs: First of its pages; empty where they are gone.
    """

    gate: str
    checks: int
    failed: int
    warned: int
    docs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSummary:
    """
    What the page is made of.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date of the night.
        tiers: The tiers there are; a list may have been cut by others.
        tonight: The list published for it, or None.
        before: The list published before it, or None.
        risen: Customers in a higher tier than in the list before, both of them in `tiers`.
        fallen: Customers in a lower tier.
        risen_to_top: Of those risen, who are now in one of the two highest tiers.
        gates: What the gates said last, in their order.
        drift: Verdict and reason, or None when drift was not judged.
        performance: The list measured last, or None.
        alerts: Alerts of the last week.
    """

    population: str
    as_of: date
    tiers: TierPolicy
    tonight: ListSummary | None
    before: ListSummary | None
    risen: int
    fallen: int
    risen_to_top: int
    gates: Sequence[GateSummary]
    drift: tuple[str, str] | None
    performance: Performance | None
    alerts: Sequence[AlertSummary]

    @property
    def is_known(self) -> bool:
        """Whether anything happened in this night, even if no list came of it."""
        told = any(alert.as_of == self.as_of for alert in self.alerts)

        return bool(self.tonight or self.gates or self.drift or told)

    @property
    def text(self) -> str:
        """The page."""
        sections = [
            f"{self.population}, night of {self.as_of}",
            self._list(),
            self._gates(),
            self._drift(),
            self._performance(),
            self._alerts(),
        ]

        return "\n\n".join(sections) + "\n"

    def _list(self) -> str:
        """Return the tiers beside those of the list before."""
        if self.tonight is None:
            seen = "none" if self.before is None else f"that of {self.before.as_of}"
            return f"No list was published for this night. The list people see: {seen}."

        before = self.before.tiers if self.before else {}
        # Tiers that are no longer in churn.toml come last, so that nobody is left out.
        gone = sorted({*self.tonight.tiers, *before} - {*self.tiers.names})
        shown = [*reversed(self.tiers.names), *gone]
        width = max(10, *(len(tier) + 1 for tier in shown))
        lines = [
            f"{sum(self.tonight.tiers.values()):,} customers, scored by {self.tonight.model_name} "
            f"version {self.tonight.model_version}, mean churn probability "
            f"{self.tonight.mean_probability:.4f}.",
            "",
            f"{'tier':{width}}{'customers':>11}{'change':>10}{'to leave':>10}",
        ]
        for tier in shown:
            now = self.tonight.tiers.get(tier, 0)
            change = f"{now - before.get(tier, 0):+,}" if self.before else "-"
            leaving = self.tonight.leaving.get(tier, 0.0)
            lines.append(f"{tier:{width}}{now:>11,}{change:>10}{leaving:>10,.0f}")
        if self.before is None:
            return "\n".join([*lines, "", "No list was published before it."])

        lines += [
            "",
            f"Since {self.before.as_of} (version {self.before.model_version}, mean "
            f"{self.before.mean_probability:.4f}): {self.risen:,} customers moved to a higher "
            f"tier, {self.risen_to_top:,} of them to {' or '.join(self.tiers.top)}; "
            f"{self.fallen:,} to a lower.",
        ]

        return "\n".join(lines)

    def _gates(self) -> str:
        """Return what each gate found, and where it is shown."""
        if not self.gates:
            return "Gates: none has looked."
        lines = [
            f"  {gate.gate:10}{gate.checks:>5} checks, {gate.failed} failed, {gate.warned} warned"
            f"{f'; pages: {gate.docs}' if gate.docs else ''}"
            for gate in self.gates
        ]

        return "\n".join(["Gates:", *lines])

    def _drift(self) -> str:
        """Return the verdict on drift."""
        if self.drift is None:
            return "Drift: not judged."

        return f"Drift: {self.drift[0]}: {self.drift[1]}."

    def _performance(self) -> str:
        """Return the last outcomes."""
        if self.performance is None:
            return "Outcomes: no list's horizon has passed yet."
        found = self.performance
        lines = [
            f"Outcomes of the list of {found.score_date} (version {found.model_version}): "
            f"{found.churners:,} of {found.customers:,} customers left.",
            *(
                f"  {item.metric:24}{item.value:>8.3f}{_interval(item)}"
                for name in TOLD
                for item in found.metrics
                if item.metric == name
            ),
        ]

        return "\n".join(lines)

    def _alerts(self) -> str:
        """Return the alerts of the last week."""
        if not self.alerts:
            return "Alerts of the last 7 nights: none."
        lines = [
            f"  {alert.as_of} {alert.severity}: {alert.title} "
            f"(owner {alert.owner}; {'sent' if alert.is_sent else 'not sent'}"
            f"{'; resolved' if alert.is_resolved else ''})"
            for alert in self.alerts
        ]

        return "\n".join(["Alerts of the last 7 nights:", *lines])


def _interval(item: Measured) -> str:
    """Return a metric's 95 % interval."""
    if item.lower is None or item.upper is None:
        return ""

    return f"  [{item.lower:.3f}, {item.upper:.3f}]"
