"""How expectations written by hand are read, wherever they are written."""

import pytest

from pipelines.domain.gates.batch import KeyLookup
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.suite import Suite
from pipelines.domain.ports.gates import Suites
from pipelines.errors import ConfigError

EVENTS = Suite(
    checks=(
        Check(
            "expect_column_values_to_not_be_null",
            {"column": "event_id", "mostly": 0.9},
            "expectations/sources/events.toml",
            severity="warn",
            owner="data",
        ),
        Check(
            "expect_column_values_to_be_in_type_list",
            {"column": "event_id", "type_list": ["TEXT"]},
            "expectations/sources/events.toml",
            owner="engineer",
        ),
    ),
    known_within_days=7,
    lookups=(KeyLookup("is_known_customer", "customer_id", "customers"),),
)
FEATURES = Suite(
    (
        Check(
            "expect_column_values_to_be_unique",
            {"column": "customer_id"},
            "expectations/features.toml",
            owner="engineer",
        ),
    )
)
SCORES = Suite(
    (
        Check(
            "expect_column_values_to_be_between",
            {"column": "churn_probability", "min_value": 0, "max_value": 1},
            "expectations/scores.toml",
            owner="science",
        ),
    )
)


class SuitesContract:
    """
    Tests of expectations, which a subclass provides as the fixture `suites`.

    EVENTS are those of the raw table `events`, the only one that has any.
    """

    def test_what_is_written_is_read(self, suites: Suites) -> None:
        """Type, arguments, origin, severity, owner, window and look-ups arrive unchanged."""
        assert EVENTS == suites.source("events")
        assert FEATURES == suites.features()
        assert SCORES == suites.scores("subscribers")

    def test_a_table_without_a_suite_is_refused(self, suites: Suites) -> None:
        """A gate never passes because nobody wrote what to check; the way out is named."""
        with pytest.raises(
            ConfigError, match=r"expectations/sources/invoices\.toml does not exist"
        ) as refused:
            suites.source("invoices")

        assert "like its neighbours" in refused.value.next_step
