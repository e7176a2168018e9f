"""The last night of a business, as the service has to answer it."""

from decimal import Decimal
from typing import Any

from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business

PREDICT, BATCH = f"/v1/{POPULATION}/predict", f"/v1/{POPULATION}/predict/batch"
Night = dict[str, tuple[float, str]]
Rows = dict[str, dict[str, Any]]


def night_of(business: Business) -> Night:
    """Return probability and tier of everybody in the latest list."""
    rows = business.rows(
        "select customer_id, churn_probability, risk_tier from churn.scores_current "
        "where population = %s",
        POPULATION,
    )

    return {customer_id: (probability, tier) for customer_id, probability, tier in rows}


def made_key(business: Business, *, per_hour: int, **options: str) -> str:
    """Make a key by command; return what its holder shows."""
    route, population = options.get("route", "*"), options.get("population", "*")
    told = business.churn_home.churn(
        *("keys", "create", "test", "--route", route, "--population", population),
        *("--per-hour", per_hour),
    )

    return told.strip()


def features(business: Business, customer_ids: list[str]) -> Rows:
    """Return the features of customers, as numbers, texts and truths."""
    contract = business.wired.features.contract(POPULATION, NIGHT)
    found = business.rows(
        f"select customer_id, {', '.join(contract.names)} from analytics.{contract.table} "
        "where as_of = %s and customer_id = any(%s)",
        NIGHT,
        customer_ids,
    )

    return {
        row[0]: {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in zip(contract.names, row[1:], strict=True)
        }
        for row in found
    }


def scored(answer: dict[str, Any]) -> tuple[float, str]:
    """Return probability and tier of an answer."""
    return answer["churn_probability"], answer["risk_tier"]
