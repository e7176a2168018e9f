"""Who asks the service: a mixture of desks, shops and pages, each waiting a moment between two."""

import json
import os
import random
from pathlib import Path
from typing import Any

from locust import FastHttpUser, between, task

# What to ask and by which key, as tests.load.run wrote it.
ASKED: dict[str, Any] = json.loads(Path(os.environ["CHURN_LOAD_ASKED"]).read_text("utf-8"))
BASE = f"/v1/{ASKED['population']}"
CUSTOMERS: list[str] = [*ASKED["rows"]]


class Caller(FastHttpUser):
    """Somebody with a key, who asks mostly for what is published."""

    wait_time = between(0.05, 0.5)

    def on_start(self) -> None:
        """Show the key from the first request on."""
        self.headers = {"Authorization": f"Bearer {ASKED['key']}"}

    @task(10)
    def published(self) -> None:
        """Ask for a customer of the latest list."""
        self.client.get(
            f"{BASE}/customers/{random.choice(CUSTOMERS)}", headers=self.headers, name="published"
        )

    @task(5)
    def predict(self) -> None:
        """Have a customer scored from their features."""
        self.client.post(f"{BASE}/predict", json=_row(), headers=self.headers, name="predict")

    @task(3)
    def now(self) -> None:
        """Ask who a customer is now."""
        self.client.get(
            f"{BASE}/customers/{random.choice(CUSTOMERS)}/now", headers=self.headers, name="now"
        )

    @task(1)
    def batch(self) -> None:
        """Have a hundred customers scored."""
        rows = [_row() for _ in range(100)]
        self.client.post(
            f"{BASE}/predict/batch", json={"rows": rows}, headers=self.headers, name="batch of 100"
        )

    @task(1)
    def models(self) -> None:
        """Ask which model answers."""
        self.client.get("/v1/models", headers=self.headers, name="models")


def _row() -> dict[str, Any]:
    """Return a customer with their features."""
    name = random.choice(CUSTOMERS)

    return {"customer_id": name, "features": ASKED["rows"][name]}
