"""What was asked about a customer: found by their id, until they are erased."""

import json

from pipelines.adapters.tables.erasures import WarehouseErasures
from pipelines.adapters.warehouse.connection import Warehouse

OF = (
    "select count(*) from churn.served_requests, churn.service_secret "
    "where customer_hash = sha256(secret || convert_to(:id, 'UTF8'))"
)


def record(warehouse: Warehouse, *customers: str) -> None:
    """Write down a request about each."""
    asked = [
        {"request_id": name, "route": "customer", "status": 200, "customer_id": name}
        for name in customers
    ]
    warehouse.rows(
        "select churn.record_requests(cast(:asked as jsonb))", {"asked": json.dumps(asked)}
    )


def asked_about(warehouse: Warehouse, customer_id: str) -> int:
    """Return how many requests are known to have been about a customer."""
    return int(warehouse.rows(OF, {"id": customer_id})[0][0])


def test_erasing_a_customer_takes_them_out_of_what_was_asked(warehouse: Warehouse) -> None:
    """The requests stay, of everybody else whom they were about as well."""
    warehouse.execute(
        "insert into raw.support_tickets (ticket_id, customer_id, opened_at, loaded_at) "
        "values ('t', 'ann', now(), now())"
    )
    record(warehouse, "ann", "ann", "bob")
    assert (2, 1) == (asked_about(warehouse, "ann"), asked_about(warehouse, "bob"))

    WarehouseErasures(warehouse, ["raw"], "analytics").erase("ann", lambda _table, _rows: None)

    assert (0, 1) == (asked_about(warehouse, "ann"), asked_about(warehouse, "bob"))
    assert [(3,)] == warehouse.rows("select count(*) from churn.served_requests")


def test_without_the_secret_requests_are_written_down_about_nobody(warehouse: Warehouse) -> None:
    """Whoever deletes it makes every hash unreadable, and the service goes on."""
    warehouse.execute("delete from churn.service_secret")
    record(warehouse, "ann")

    assert [("ann", None)] == warehouse.rows(
        "select request_id, customer_hash from churn.served_requests"
    )
