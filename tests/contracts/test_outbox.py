"""The outbox of the warehouse and the one in memory, held to the same contract."""

import pytest

from pipelines.adapters.tables.outbox import WarehouseOutbox
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.thread import Delivery
from pipelines.domain.ports.alerts import Outbox
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.contracts.alerts.outbox import ALERT, NIGHT, OutboxContract


class TestMemoryOutbox(OutboxContract):
    """The double."""

    @pytest.fixture
    def outbox(self) -> Outbox:
        """An outbox in memory."""
        return MemoryOutbox()


class TestWarehouseOutbox(OutboxContract):
    """The tables churn.alerts and churn.alert_deliveries."""

    @pytest.fixture
    def outbox(self, warehouse: Warehouse) -> Outbox:
        """An outbox in a migrated database."""
        return WarehouseOutbox(warehouse)


@pytest.mark.parametrize("role", ["churn_pipeline", "churn_trainer"])
def test_whoever_records_an_alert_has_the_right_to_record_it_again(
    warehouse: Warehouse, role: str
) -> None:
    """A training that fails, heals and fails again is told twice, as the role it works as."""
    owner = WarehouseOutbox(warehouse)
    recording = Warehouse(connection_options.configured(warehouse.url, role=role))
    outbox = WarehouseOutbox(recording)
    outbox.add(ALERT)
    (recorded,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
    owner.attempted(recorded.alert_id, "email", "began", Delivery(NIGHT))
    outbox.resolve("subscribers", NIGHT, ["drift"])
    outbox.add(ALERT)
    recording.engine.dispose()

    assert [recorded] == owner.unresolved("subscribers", NIGHT, NIGHT)


def test_an_attempt_is_kept_with_its_time_and_error(warehouse: Warehouse) -> None:
    """One row an alert and channel, of the attempt that was last."""
    outbox = WarehouseOutbox(warehouse)
    outbox.add(ALERT)
    (recorded,) = outbox.unresolved("subscribers", NIGHT, NIGHT)
    kept = "select channel, error, attempted_at from churn.alert_deliveries"
    outbox.attempted(recorded.alert_id, "email", "began", Delivery(NIGHT, "e-mail: TimeoutError"))
    (first,) = warehouse.rows(kept)
    outbox.attempted(recorded.alert_id, "email", "began", Delivery(NIGHT))
    (second,) = warehouse.rows(kept)

    assert ("email", "e-mail: TimeoutError") == (first.channel, first.error)
    assert ("email", None) == (second.channel, second.error)
    assert first.attempted_at < second.attempted_at
