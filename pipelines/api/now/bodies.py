"""What is sent and answered about a customer of now, as OpenAPI shows it."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from pipelines.api.bodies import TIERS_AS_OF, CustomerId, Model, Prediction, RowAnswer, Score, Sent


class SentUser(Sent):
    """One customer, with records of theirs."""

    customer_id: CustomerId
    records: dict[str, Any] = Field(
        {},
        description="By the table of a source, rows as it has them: columns by their names, "
        "instants with an offset. `customer_id` need not be repeated; `loaded_at`, when a record "
        "became known, is now unless it says so.",
    )
    alone: bool = Field(
        False, description="Whether these are all there is to know; else they come to the stored."
    )


class SentUsers(Sent):
    """Customers with records, each with an answer of its own."""

    rows: list[Any] = Field(description="Each as the body of /predict/user.")


class PublishedScore(Score):
    """A customer as the latest published list has them."""

    as_of: date
    model: Model


class NowAnswer(Prediction):
    """A customer as the night of `as_of` would score them, were nothing to happen until then."""

    as_of: date
    published: PublishedScore | None


class UserAnswer(Prediction):
    """A customer as the night of `as_of` would score them, with the records that were sent."""

    as_of: date


class UsersAnswer(BaseModel):
    """An answer for each row, in their order."""

    population: str
    model: Model
    as_of: date
    tiers_as_of: date | None = Field(description=TIERS_AS_OF)
    scored: int
    refused: int
    answers: list[RowAnswer]
