"""Many rows of one request: read one by one, so that what is wrong with some is told of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from pipelines.api.bodies import SentBatch, SentRow, faults, read, refused
from pipelines.api.problems import Fault, pointer
from pipelines.api.scoring.asking import Scored
from pipelines.domain.features.rows import RowFault, encode_rows
from pipelines.domain.serving.served import ServedModel
from pipelines.domain.serving.trials import VariantAnswer

R = TypeVar("R")
# Of one row are named; the answer to a batch that is all faults is no larger than the batch may be.
MOST_FAULTS: Final = 10


@dataclass(frozen=True, slots=True)
class Batch(Generic[R]):
    """
    The rows of one request.

    Attributes:
        length: How many were sent.
        customer_ids: Whose they are, by number, of those that could be read at all.
        rows: Those that can be scored, by number.
        errors: What is wrong with the others, by number.
    """

    length: int
    customer_ids: Mapping[int, str | None]
    rows: Mapping[int, R]
    errors: Mapping[int, Sequence[Fault]]

    def answered(self, population: str, model: ServedModel, scored: Scored) -> dict[str, Any]:
        """Return the answer, *scored* being those of `rows`."""
        scores = dict(zip(self.rows, scored.answers, strict=True))

        return {
            "population": population,
            "model": named(model),
            "tiers_as_of": scored.tiers_as_of,
            "scored": len(self.rows),
            "refused": len(self.errors),
            "answers": [
                {
                    "row": number,
                    "customer_id": self.customer_ids.get(number),
                    **_told(scores.get(number)),
                    "errors": [
                        each.to_dict() for each in self.errors.get(number, ())[:MOST_FAULTS]
                    ],
                    "errors_in_all": len(self.errors.get(number, ())),
                }
                for number in range(self.length)
            ],
        }


def read_rows(model: ServedModel, body: bytes, most: int) -> Batch[SentRow]:
    """
    Return the rows of a body, each read by itself.

    Args:
        model: Whose features they have to have.
        body: As it was sent.
        most: Rows there may be.

    Raises:
        Problem: It is not JSON, no batch, empty, or has more rows.
    """
    sent = read(SentBatch, body).rows
    if not 1 <= len(sent) <= most:
        raise refused([Fault("/rows", f"holds {len(sent)}; a batch has 1 to {most} rows")])
    rows: dict[int, SentRow] = {}
    errors: dict[int, list[Fault]] = {}
    for number, item in enumerate(sent):
        try:
            rows[number] = SentRow.model_validate(item)
        except ValidationError as error:
            errors[number] = [
                Fault(pointer("rows", number) + each.pointer, each.detail) for each in faults(error)
            ]
    numbers = [*rows]
    for found in faults_of(model, [*rows.values()]):
        number = numbers[found.row]
        errors.setdefault(number, []).append(fault(found, "rows", number))

    return Batch(
        length=len(sent),
        customer_ids={number: row.customer_id for number, row in rows.items()},
        rows={number: row for number, row in rows.items() if number not in errors},
        errors=errors,
    )


def faults_of(model: ServedModel, rows: Sequence[SentRow]) -> list[RowFault]:
    """Return what is wrong with rows for a model; one about whose row it is names no feature."""
    found = [*encode_rows([row.features for row in rows], model.spec.contract).faults]
    if model.needs_customer:
        found += [
            RowFault(number, "", "is missing, and each customer has a model of their own")
            for number, row in enumerate(rows)
            if row.customer_id is None
        ]

    return found


def fault(found: RowFault, *place: str | int) -> Fault:
    """Return a fault of the row at *place* in the body."""
    inner = ("features", found.feature) if found.feature else ("customer_id",)

    return Fault(pointer(*place, *inner), found.fault)


def named(model: ServedModel) -> dict[str, object]:
    """Return which model answered."""
    return {"name": model.version.name, "version": model.version.version}


def _told(found: VariantAnswer | None) -> dict[str, Any]:
    """Return the score of a row and whose it is; nothing of one that has faults."""
    return {
        "score": None if found is None else found.answer.to_dict(),
        "variant": found and found.variant,
        "model_version": found and found.model_version,
    }
