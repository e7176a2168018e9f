"""Lets pytest explain the asserts of the contract suites as it does those of test modules."""

import pytest

pytest.register_assert_rewrite("pipelines.testing.contracts")
