"""The service: keys and who is let in by them, and what is published, read while others wait."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from pipelines.domain.access.keys import Admission, ApiKey, KeyShown, ServedRequest
from pipelines.domain.features.rows import Row
from pipelines.domain.serving.now import AskedNow
from pipelines.domain.serving.published import Cut, PublishedCustomer
from pipelines.domain.serving.records import Tables
from pipelines.domain.serving.trials import ServedPrediction


class ApiKeys(Protocol):
    """Keys, as who runs the service makes and revokes them."""

    def create(
        self,
        *,
        name: str,
        key_sha256: bytes,
        routes: Sequence[str],
        populations: Sequence[str],
        requests_an_hour: int,
        expires_at: datetime,
    ) -> ApiKey:
        """Record a key, of which nothing but the SHA-256 is known."""

    def every(self) -> list[ApiKey]:
        """Return all keys there ever were, oldest first."""

    def revoke(self, api_key_id: int) -> ApiKey | None:
        """Refuse a key from now on, and return it; None where there is none of that number."""


class Doorkeeper(Protocol):
    """Knows keys, counts them, and writes down what was answered."""

    async def admit(self, shown: Sequence[KeyShown]) -> list[Admission]:
        """
        Say of each request, in their order, whether its key may ask what it asks.

        Who is let in is counted, exactly, however many processes ask; nobody else is.
        DatabaseUnavailable if it cannot be said.
        """

    async def admit_subject(self, subject: str, requests_an_hour: int) -> Admission:
        """
        Count whoever a token is of, and let them in so often an hour; exactly, as a key.

        DatabaseUnavailable if it cannot be said.
        """

    async def record(self, requests: Sequence[ServedRequest]) -> None:
        """Write requests down; DatabaseUnavailable if none of them was."""


class Predictions(Protocol):
    """What models said of customers while there was a trial."""

    async def record_predictions(self, predictions: Sequence[ServedPrediction]) -> None:
        """Write predictions down; DatabaseUnavailable if none of them was."""


class FeaturesNow(Protocol):
    """Features of customers between two nights, by the SQL of the last."""

    async def tables(self, population: str) -> Tables:
        """
        Return the tables of which records may be sent along, with their columns.

        NotAskedNow where the population cannot be asked of one customer; DatabaseUnavailable if it
        cannot be said.
        """

    async def features(
        self, population: str, asked: Sequence[AskedNow], as_of: date
    ) -> list[Row | None]:
        """
        Return the features of each who is asked for, as a night of *as_of* would have them.

        None of whom such a night would have none: nobody knows them, or they are not among those
        who are scored. Records are as `checked` returns them. BeyondRange if a value of one cannot
        be held; NotAskedNow and DatabaseUnavailable as above.
        """

    async def is_known(self, population: str, customer_id: str) -> bool:
        """Tell whether there is anything of a customer, who was not erased."""


class PublishedLists(Protocol):
    """What nights have published, customer by customer."""

    async def customers(
        self, population: str, customer_ids: Sequence[str], *, lists: int
    ) -> list[PublishedCustomer | None]:
        """
        Return each customer as the latest list has them, with their history in up to *lists*.

        None who is not in the latest list. All of it is of one moment, also while a night is being
        published. DatabaseUnavailable if it cannot be read.
        """

    async def cut(self, population: str) -> Cut | None:
        """
        Return how the latest list was cut into tiers.

        None where there is no list, or none that says so. DatabaseUnavailable if it cannot be read.
        """

    async def tiers_before(self, cut: Cut, customer_ids: Sequence[str]) -> dict[str, str]:
        """
        Return the tiers in which customers are held, by their ids, as *cut* held them.

        Those of the list before; of customers it does not have there is none. DatabaseUnavailable
        if they cannot be read.
        """

    async def answers(self) -> bool:
        """Tell whether they can be read now."""
