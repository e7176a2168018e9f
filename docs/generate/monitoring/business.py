"""The dashboard of the business: how many are expected to leave and what that is worth."""

from typing import Final

from docs.generate.monitoring.dashboards import BY_POPULATION, OF, Board, Panel

BUSINESS: Final = Board(
    name="business",
    title="Churn: business",
    chosen_from="churn_list_as_of_timestamp_seconds",
    days=30,
    rows=(
        (
            "The latest list",
            (
                Panel(
                    "Expected to leave",
                    "Customers; the sum of the probabilities.",
                    ((f"churn_list_expected_to_leave{{{OF}}}", BY_POPULATION),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Expected money at risk",
                    "What that loses, in the currency of [business] in churn.toml.",
                    ((f"churn_list_value_at_risk{{{OF}}}", BY_POPULATION),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Expected profit of contacting all",
                    "In the same currency; below 0 it costs more than it keeps.",
                    ((f"churn_list_expected_profit{{{OF}}}", BY_POPULATION),),
                    kind="stat",
                    width=6,
                ),
                Panel(
                    "Expected to leave, of all",
                    "Share of the list.",
                    (
                        (
                            f"churn_list_expected_to_leave{{{OF}}} / churn_list_size{{{OF}}}",
                            BY_POPULATION,
                        ),
                    ),
                    unit="percentunit",
                    kind="stat",
                    width=6,
                ),
            ),
        ),
        (
            "Over time",
            (
                Panel(
                    "Expected money at risk",
                    "Of each night's list.",
                    ((f"churn_list_value_at_risk{{{OF}}}", BY_POPULATION),),
                ),
                Panel(
                    "Expected profit of contacting all",
                    "Of each night's list.",
                    ((f"churn_list_expected_profit{{{OF}}}", BY_POPULATION),),
                ),
                Panel(
                    "Expected to leave",
                    "Of each night's list.",
                    ((f"churn_list_expected_to_leave{{{OF}}}", BY_POPULATION),),
                ),
                Panel(
                    "Customers by tier",
                    "Of the latest list; a tier of fewer than ten is not told.",
                    ((f"churn_list_customers{{{OF}}}", "{{population}} {{tier}}"),),
                    kind="bargauge",
                ),
            ),
        ),
        (
            "Can it be trusted",
            (
                Panel(
                    "Left, of those expected",
                    "1 is as expected, of the list whose outcomes became known last.",
                    (
                        (
                            f'churn_realised{{{OF},metric="observed_to_expected"}}',
                            BY_POPULATION,
                        ),
                    ),
                ),
                Panel(
                    "Age of the list",
                    "Hours.",
                    ((f"churn:list_age_hours{{{OF}}}", BY_POPULATION),),
                    unit="h",
                ),
            ),
        ),
    ),
)
