"""What monitors know of the nights: which figures there are, and one value of one of them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A figure that may have a value for each combination of its labels.

    Attributes:
        name: As Prometheus names it.
        help: What it is.
        labels: Names of its labels.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ("population",)

    @staticmethod
    def named(name: str) -> "Figure":
        """Return the figure called *name*."""
        return FIGURES[name]


@dataclass(frozen=True, slots=True)
class Sample:
    """
    A value of a figure.

    Attributes:
        name: Of the figure.
        labels: Their values, in the order of the figure's.
        value: The value.
    """

    name: str
    labels: tuple[str, ...]
    value: float


FIGURES: Final = {
    figure.name: figure
    for figure in (
        Figure("churn_list_as_of_timestamp_seconds", "Date of the latest list, 00:00 UTC."),
        Figure("churn_list_published_timestamp_seconds", "When that list was published."),
        Figure("churn_list_model_version", "Version of the model that scored it."),
        Figure(
            "churn_list_customers",
            "Customers of that list by tier; a tier of fewer than ten is left out.",
            ("population", "tier"),
        ),
        Figure("churn_list_size", "Customers of that list; not told of fewer than ten."),
        Figure("churn_list_expected_to_leave", "Sum of the probabilities of that list."),
        Figure("churn_list_value_at_risk", "Expected loss of value of its customers."),
        Figure("churn_list_expected_profit", "Expected profit of contacting all of them."),
        Figure(
            "churn_list_attempts",
            "Runs of the newest date that was scored, published or not, by what became of them.",
            ("population", "status"),
        ),
        Figure("churn_attempt_as_of_timestamp_seconds", "That date, 00:00 UTC."),
        Figure(
            "churn_model_first_list_timestamp_seconds",
            "Date of the first list of the version that scored the latest one, 00:00 UTC.",
        ),
        Figure(
            "churn_gate_checks",
            "Checks that were made when a gate was last asked.",
            ("population", "gate"),
        ),
        Figure(
            "churn_gate_failures",
            "Checks that failed when a gate was last asked.",
            ("population", "gate", "severity"),
        ),
        Figure(
            "churn_drift_verdict",
            "1 for what was last said of drift: quiet, drifted or unknown.",
            ("population", "verdict"),
        ),
        Figure("churn_drift_as_of_timestamp_seconds", "Night of that verdict, 00:00 UTC."),
        Figure(
            "churn_realised",
            "Metrics of the list whose outcomes became known last, such as auc.",
            ("population", "metric"),
        ),
        Figure(
            "churn_realised_lower",
            "Lower bounds of the same, with the confidence of [training].",
            ("population", "metric"),
        ),
        Figure(
            "churn_promised_lower",
            "Lower bounds of what the model promised of them.",
            ("population", "metric"),
        ),
        Figure("churn_realised_as_of_timestamp_seconds", "Date of that list, 00:00 UTC."),
        Figure("churn_outcome_findings", "What that list says against its model."),
        Figure(
            "churn_loop_action",
            "1 for what followed from the last evidence: nothing, alert, retrain or ask.",
            ("population", "action"),
        ),
        Figure(
            "churn_retrainings",
            "Trainings that evidence asked for: promoted, waiting, not_promoted or not_judged.",
            ("population", "result"),
        ),
        Figure(
            "churn_open_alerts",
            "Nights with an alert that is not over.",
            ("population", "kind", "severity"),
        ),
        Figure(
            "churn_trial_difference",
            "How much larger the challenger's measure is, of a trial of two models in service.",
            ("population", "mode", "champion", "challenger", "metric"),
        ),
    )
}
