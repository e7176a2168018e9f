"""The dashboard of the nights: age and rows of lists, gates and alerts."""

from typing import Final

from docs.generate.monitoring.dashboards import BY_POPULATION, OF, Board, Panel

NIGHTS: Final = Board(
    name="nights",
    title="Churn: nights",
    chosen_from="churn_list_as_of_timestamp_seconds",
    days=14,
    rows=(
        (
            "Now",
            (
                Panel(
                    "Age of the list",
                    "Hours since the date of the latest list; an alert comes from 36.",
                    ((f"churn:list_age_hours{{{OF}}}", BY_POPULATION),),
                    unit="h",
                    kind="stat",
                    width=6,
                    red_from=36,
                ),
                Panel(
                    "Customers on it",
                    "Rows of the latest list.",
                    ((f"churn_list_size{{{OF}}}", BY_POPULATION),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Checks that failed",
                    "That stop a night, when each gate was last asked.",
                    (
                        (
                            f'sum by (population) (churn_gate_failures{{{OF},severity="fail"}})',
                            BY_POPULATION,
                        ),
                    ),
                    kind="stat",
                    width=6,
                    red_from=1,
                ),
                Panel(
                    "Alerts that are not over",
                    "Nights with one.",
                    ((f"sum by (population) (churn_open_alerts{{{OF}}})", BY_POPULATION),),
                    kind="stat",
                    width=6,
                    red_from=1,
                ),
            ),
        ),
        (
            "Lists",
            (
                Panel(
                    "Age of the list",
                    "It falls to some hours with each night.",
                    ((f"churn:list_age_hours{{{OF}}}", BY_POPULATION),),
                    unit="h",
                ),
                Panel(
                    "Rows by tier",
                    "A tier of fewer than ten is not told.",
                    ((f"churn_list_customers{{{OF}}}", "{{population}} {{tier}}"),),
                ),
                Panel(
                    "Tries of the newest date",
                    "Lists of it, by what became of them; rejected ones are not published.",
                    ((f"churn_list_attempts{{{OF}}}", "{{population}} {{status}}"),),
                ),
                Panel(
                    "From its date to its publication",
                    "Hours after 00:00 UTC at which the latest list was published.",
                    (
                        (
                            f"(churn_list_published_timestamp_seconds{{{OF}}} "
                            f"- churn_list_as_of_timestamp_seconds{{{OF}}}) / 3600",
                            BY_POPULATION,
                        ),
                    ),
                    unit="h",
                ),
            ),
        ),
        (
            "Gates and alerts",
            (
                Panel(
                    "Checks that failed",
                    "When a gate was last asked; `warn` does not stop a night.",
                    ((f"churn_gate_failures{{{OF}}}", "{{population}} {{gate}} {{severity}}"),),
                ),
                Panel(
                    "Checks that were made",
                    "A gate that makes fewer than it did looks away.",
                    ((f"churn_gate_checks{{{OF}}}", "{{population}} {{gate}}"),),
                ),
                Panel(
                    "Alerts of the product",
                    "Nights with an alert that is not over, by kind.",
                    ((f"churn_open_alerts{{{OF}}}", "{{population}} {{kind}} {{severity}}"),),
                ),
                Panel(
                    "Alerts of Prometheus",
                    "By the rules of docs/monitoring/rules.yml.",
                    (('ALERTS{alertname=~"Churn.*",alertstate="firing"}', "{{alertname}}"),),
                    kind="table",
                ),
                Panel(
                    "Exporter and warehouse",
                    "1 while the exporter answers, and the warehouse answers it.",
                    (
                        ('up{job="churn-exporter"}', "exporter"),
                        ("churn_warehouse_up", "warehouse"),
                    ),
                    width=24,
                ),
            ),
        ),
    ),
)
