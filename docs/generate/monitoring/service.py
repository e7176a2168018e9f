"""The dashboard of the service: what programs ask, how fast they are answered, by which model."""

from typing import Final

from docs.generate.monitoring.dashboards import BY_POPULATION, OF, Board, Panel

SERVICE: Final = Board(
    name="service",
    title="Churn: service",
    chosen_from="churn_model_version",
    days=1,
    rows=(
        (
            "Now",
            (
                Panel(
                    "Processes that answer",
                    "Of those Prometheus asks.",
                    (('sum(up{job="churn-service"})', "processes"),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Requests a second",
                    "All routes and statuses.",
                    (("sum(churn:requests:rate5m)", "requests"),),
                    unit="reqps",
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Errors",
                    "Share of answers with 5xx; an alert comes from 2 %.",
                    (("churn:request_errors:ratio5m", "5xx"),),
                    unit="percentunit",
                    kind="stat",
                    width=6,
                    red_from=0.02,
                ),
                Panel(
                    "Champions refused",
                    "Populations by a champion of before: the recorded one is refused.",
                    (
                        (
                            "count(max by (population) (churn_model_refused) == 1) or vector(0)",
                            "refused",
                        ),
                    ),
                    kind="stat",
                    width=6,
                    red_from=1,
                ),
            ),
        ),
        (
            "Requests",
            (
                Panel(
                    "Rate",
                    "Answers a second, by route and status.",
                    (("churn:requests:rate5m", "{{route}} {{status}}"),),
                    unit="reqps",
                ),
                Panel(
                    "Latency",
                    "Half, nineteen of twenty and ninety-nine of a hundred answers are faster.",
                    (
                        ("churn:request_seconds:p50_5m", "half {{route}}"),
                        ("churn:request_seconds:p95_5m", "95 % {{route}}"),
                        ("churn:request_seconds:p99_5m", "99 % {{route}}"),
                    ),
                    unit="s",
                ),
                Panel(
                    "Queue",
                    "Requests being answered or waiting for it; from waiting_requests on, 503.",
                    (("churn_requests_in_progress", "{{instance}}"),),
                ),
                Panel(
                    "Answers by duration",
                    "How many answers a second took so long.",
                    (("sum by (le) (rate(churn_request_seconds_bucket[5m]))", "{{le}}"),),
                    unit="s",
                    kind="heatmap",
                ),
            ),
        ),
        (
            "Models in service",
            (
                Panel(
                    "Model version",
                    "Two at once for long: a process cannot read the champion.",
                    ((f"churn_model_version{{{OF}}}", "{{population}} {{instance}}"),),
                ),
                Panel(
                    "Rows answered a second, by model",
                    "Champion and challenger of a trial.",
                    (
                        (
                            "sum by (population, variant) "
                            f"(rate(churn_trial_answers_total{{{OF}}}[5m]))",
                            "{{population}} {{variant}}",
                        ),
                    ),
                ),
                Panel(
                    "Scores that were answered",
                    "How many rows a second had a probability up to so much.",
                    (
                        (
                            f"sum by (le) (rate(churn_served_probability_bucket{{{OF}}}[1h]))",
                            "{{le}}",
                        ),
                    ),
                    kind="heatmap",
                ),
                Panel(
                    "Mean of the answered scores",
                    "Of an hour; callers may ask about other customers than the night scores.",
                    ((f"churn:served_probability:mean1h{{{OF}}}", BY_POPULATION),),
                    unit="percentunit",
                ),
            ),
        ),
        (
            "Who asks",
            (
                Panel(
                    "Tokens refused a second",
                    "By reason: a stale token of a program, or somebody who tries.",
                    (("sum by (reason) (rate(churn_tokens_refused_total[5m]))", "{{reason}}"),),
                    width=8,
                ),
                Panel(
                    "Keys of the identity provider",
                    "1 while there are some to believe; empty where no provider is named.",
                    (("min(churn_identity_keys_usable)", "usable"),),
                    width=8,
                ),
                Panel(
                    "Customers a challenger missed",
                    "In the last hour, who was to be scored silently or answered, and was not.",
                    (
                        (
                            "sum by (population) "
                            f"(increase(churn_shadows_left_out_total{{{OF}}}[1h]))",
                            "{{population}} silently",
                        ),
                        (
                            "sum by (population) "
                            f"(increase(churn_challenger_failures_total{{{OF}}}[1h]))",
                            "{{population}} failed by it",
                        ),
                    ),
                    width=8,
                ),
            ),
        ),
    ),
)
