"""The dashboard of the models: what came true, drift, what follows from both, and trials."""

from typing import Final

from docs.generate.monitoring.dashboards import BY_POPULATION, OF, Board, Panel

MODEL: Final = Board(
    name="model",
    title="Churn: model",
    chosen_from="churn_list_as_of_timestamp_seconds",
    days=90,
    rows=(
        (
            "Now",
            (
                Panel(
                    "Version that scores the nights",
                    "Of the latest list.",
                    ((f"churn_list_model_version{{{OF}}}", BY_POPULATION),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Days since its first list",
                    "How long this version scores.",
                    (
                        (
                            f"(time() - churn_model_first_list_timestamp_seconds{{{OF}}}) / 86400",
                            BY_POPULATION,
                        ),
                    ),
                    unit="d",
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Drift",
                    "What was last said.",
                    ((f"churn_drift_verdict{{{OF}}}", "{{population}} {{verdict}}"),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "What outcomes say against it",
                    "Findings of the list that matured last.",
                    ((f"churn_outcome_findings{{{OF}}}", BY_POPULATION),),
                    kind="stat",
                    width=6,
                    red_from=1,
                ),
            ),
        ),
        (
            "What came true",
            (
                Panel(
                    "Realised AUC",
                    "Of the list whose outcomes became known last, with its lower bound and that "
                    "of the promise.",
                    (
                        (f'churn_realised{{{OF},metric="auc"}}', BY_POPULATION),
                        (f'churn_realised_lower{{{OF},metric="auc"}}', "{{population}} at least"),
                        (f'churn_promised_lower{{{OF},metric="auc"}}', "{{population}} promised"),
                    ),
                ),
                Panel(
                    "Realised precision and recall",
                    "Of the same list.",
                    (
                        (
                            f'churn_realised{{{OF},metric=~"precision|recall"}}',
                            "{{population}} {{metric}}",
                        ),
                    ),
                    unit="percentunit",
                ),
                Panel(
                    "Realised less promised",
                    "Below 0 a metric came true worse than its promise at least had it.",
                    (
                        (
                            f"churn_realised{{{OF}}} "
                            f"- on (population, metric) churn_promised_lower{{{OF}}}",
                            "{{population}} {{metric}}",
                        ),
                    ),
                ),
                Panel(
                    "Date of that list",
                    "Days ago; a horizon has to pass before outcomes are known.",
                    (
                        (
                            f"(time() - churn_realised_as_of_timestamp_seconds{{{OF}}}) / 86400",
                            BY_POPULATION,
                        ),
                    ),
                    unit="d",
                ),
            ),
        ),
        (
            "Drift and what follows",
            (
                Panel(
                    "Drift",
                    "1 for the last verdict.",
                    ((f"churn_drift_verdict{{{OF}}}", "{{population}} {{verdict}}"),),
                ),
                Panel(
                    "Days since drift was judged",
                    "Of the night that was judged last.",
                    (
                        (
                            f"(time() - churn_drift_as_of_timestamp_seconds{{{OF}}}) / 86400",
                            BY_POPULATION,
                        ),
                    ),
                    unit="d",
                ),
                Panel(
                    "What followed from the evidence",
                    "1 for what was decided last: nothing, alert, retrain or ask.",
                    ((f"churn_loop_action{{{OF}}}", "{{population}} {{action}}"),),
                ),
                Panel(
                    "Trainings that were asked for",
                    "By what became of them.",
                    ((f"churn_retrainings{{{OF}}}", "{{population}} {{result}}"),),
                ),
            ),
        ),
        (
            "Trials",
            (
                Panel(
                    "Challenger less champion",
                    "Of a trial in service; of Brier score and share who left less is better.",
                    (
                        (
                            f"churn_trial_difference{{{OF}}}",
                            "{{population}} {{metric}} {{challenger}} less {{champion}}",
                        ),
                    ),
                    width=24,
                ),
            ),
        ),
    ),
)
