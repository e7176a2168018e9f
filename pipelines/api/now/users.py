"""Customers of now: their records held to the tables, their features asked for, and scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import ValidationError

from pipelines.api import batches
from pipelines.api.bodies import SentRow, faults, read, refused
from pipelines.api.door import Facts
from pipelines.api.now.bodies import SentUser, SentUsers
from pipelines.api.parts import Parts
from pipelines.api.problems import Fault, Problem, pointer
from pipelines.api.scoring.asking import Scored, scored
from pipelines.domain.serving import records
from pipelines.domain.serving.now import AskedNow, BeyondRange, NotAskedNow
from pipelines.domain.serving.records import Tables
from pipelines.domain.serving.served import ServedModel

NOT_SCORED = "is not among the customers who are scored"
BEYOND_RANGE = "have a value beyond what its column, or what is made of it, can hold"


@dataclass(slots=True)
class Users:
    """
    The rows of one request, by number.

    Attributes:
        length: How many were sent.
        asked: Those whose features can be asked for.
        errors: What is wrong with the others.
        customer_ids: Whose they are, where that could be read.
    """

    length: int
    asked: dict[int, AskedNow] = field(default_factory=dict)
    errors: dict[int, list[Fault]] = field(default_factory=dict)
    customer_ids: dict[int, str | None] = field(default_factory=dict)


async def tables_of(parts: Parts, population: str) -> Tables:
    """Return the tables records may be sent of; a Problem where nothing can be asked."""
    try:
        return await parts.asked.now.tables(population)
    except NotAskedNow:
        raise not_asked(population) from None


def not_asked(population: str) -> Problem:
    """Return the problem of a population that cannot be asked of one customer."""
    return Problem(
        409,
        "not-asked-now",
        f"{population} cannot be asked of one customer between two nights; `churn features` says "
        "why",
    )


def read_user(body: bytes, tables: Tables, parts: Parts) -> AskedNow:
    """
    Return the customer of a body.

    Raises:
        Problem: It is not JSON, not such a body, or has records that are not the tables'.
    """
    sent = read(SentUser, body)
    _require_few(records.count(sent.records), parts)
    asked, found = _checked(sent, tables, parts)
    if found:
        raise refused(found)

    return asked


def read_users(body: bytes, tables: Tables, parts: Parts) -> Users:
    """
    Return the customers of a body, each read by itself.

    Raises:
        Problem: It is not JSON, no such body, empty, or has more rows or records than there may be.
    """
    sent, most = read(SentUsers, body).rows, parts.limits.batch_rows
    if not 1 <= len(sent) <= most:
        raise refused([Fault("/rows", f"holds {len(sent)}; a batch has 1 to {most} rows")])
    told = [item.get("records") for item in sent if isinstance(item, dict)]
    _require_few(sum(records.count(each) for each in told if isinstance(each, dict)), parts)
    users = Users(len(sent))
    for number, item in enumerate(sent):
        place = pointer("rows", number)
        try:
            user = SentUser.model_validate(item)
        except ValidationError as error:
            found = faults(error)
        else:
            users.customer_ids[number] = user.customer_id
            asked, found = _checked(user, tables, parts)
            if not found:
                users.asked[number] = asked
        if found:
            users.errors[number] = [Fault(place + each.pointer, each.detail) for each in found]

    return users


async def scores_of(
    parts: Parts,
    facts: Facts,
    population: str,
    model: ServedModel,
    users: Users,
    *,
    as_of: date,
) -> tuple[list[int], Scored]:
    """
    Return who can be scored, by number, and their scores; of the others the errors are added.

    Raises:
        Problem: Nothing of the population can be asked, or its features are not the model's.
    """
    numbers = [*users.asked]
    found = await _features(parts, population, users, as_of)
    rows: dict[int, SentRow] = {}
    for number in numbers:
        features = found.get(number)
        if features is None:
            place = pointer(*_place(users, number), "customer_id")
            users.errors.setdefault(number, [Fault(place, f"{NOT_SCORED} on {as_of}")])
        else:
            rows[number] = SentRow.model_construct(
                customer_id=users.asked[number].customer_id,
                features={name: features.get(name) for name in model.spec.contract.names},
            )
    if batches.faults_of(model, [*rows.values()]):
        raise Problem(
            409,
            "features-changed",
            f"the features of {population} are not those its model has learned from",
        )

    return [*rows], await scored(parts, facts, population, model, [*rows.values()])


async def _features(
    parts: Parts, population: str, users: Users, as_of: date
) -> Mapping[int, Mapping[str, Any] | None]:
    """Return features by number; where a value is beyond its range, whose it is told."""
    numbers = [*users.asked]
    try:
        try:
            asked = [users.asked[number] for number in numbers]
            return dict(
                zip(
                    numbers,
                    await parts.asked.now.features(population, asked, as_of),
                    strict=True,
                )
            )
        except BeyondRange:
            found = {}
            for number in numbers:
                try:
                    (found[number],) = await parts.asked.now.features(
                        population, [users.asked[number]], as_of
                    )
                except BeyondRange:
                    place = pointer(*_place(users, number), "records")
                    users.errors[number] = [Fault(place, BEYOND_RANGE)]
            return found
    except NotAskedNow:
        raise not_asked(population) from None


def _place(users: Users, number: int) -> tuple[str | int, ...]:
    """Return where a row is in its body; one without others is the body."""
    return ("rows", number) if users.length else ()


def _checked(sent: SentUser, tables: Tables, parts: Parts) -> tuple[AskedNow, list[Fault]]:
    """Return a customer with their records as rows, and what is wrong with these."""
    found = records.checked(sent.records, tables, sent.customer_id, known_now(parts))
    asked = AskedNow(sent.customer_id, found.rows, sent.alone)

    return asked, [Fault(pointer("records", *each.place), each.detail) for each in found.faults]


def known_now(parts: Parts) -> datetime:
    """Return when records became known that do not say so: now, and before the night asked for."""
    begins = datetime.combine(parts.tonight(), time(), UTC)

    return min(datetime.now(UTC), begins - timedelta(seconds=1))


def _require_few(count: int, parts: Parts) -> None:
    """Refuse more records than a request may have."""
    if count > parts.limits.body_records:
        raise refused(
            [
                Fault(
                    "/records",
                    f"are {count:,}; a request has at most {parts.limits.body_records:,}",
                )
            ]
        )
