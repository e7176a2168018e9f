"""What programs send and are answered, as OpenAPI shows it; what is sent is read strictly."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipelines.api.problems import Fault, Problem, pointer

Value = bool | int | float | str | None
B = TypeVar("B", bound=BaseModel)

# By what pydantic calls them.
WORDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "has to be an object"),
    "list_type": "has to be a list",
    "string_type": "has to be a text",
    "bool_type": "has to be true or false",
    "int_type": "has to be a whole number",
}
OF_NO_KIND = "has to be a number, a text, true, false or null"


def _without_nul(text: str) -> str:
    """Refuse what no text of the warehouse can hold."""
    if "\0" in text:
        raise ValueError("must not hold the character U+0000")

    return text


CustomerId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]


class Sent(BaseModel):
    """What a program sends: no other keys, no text for a number, no NaN and no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class SentRow(Sent):
    """One customer to score, known or not."""

    customer_id: CustomerId | None = Field(
        None,
        description="Whose row it is. Needed where each customer is scored by a model that has not "
        "learned from them (see needs_customer_id of /v1/models); else it is only repeated.",
    )
    features: dict[Annotated[str, Field(max_length=200)], Value] = Field(
        description="By the names /v1/models lists. One that is left out is unknown, which its "
        "contract allows (nullable) or not."
    )


class SentBatch(Sent):
    """Customers to score, each with an answer of its own."""

    rows: list[Any] = Field(description="Each as the body of /predict.")


class Model(BaseModel):
    """Which model answered."""

    name: str
    version: int


class Score(BaseModel):
    """The score of one customer."""

    churn_probability: float
    risk_tier: str
    recommended_action: str
    reasons: list[str]
    explanation: dict[str, Any] | None = Field(
        description="The reasons as numbers: base and themes add up to the log-odds."
    )


VARIANT = "Which of two models answered while there is a trial; else always champion."
TIERS_AS_OF = (
    "Date of the published list whose bounds the tier was cut by; null where thresholds decide."
)


class Prediction(Score):
    """A score of what was sent."""

    population: str
    model: Model
    variant: Literal["champion", "challenger"] = Field(description=VARIANT)
    customer_id: str | None
    tiers_as_of: date | None = Field(description=TIERS_AS_OF)


class RowAnswer(BaseModel):
    """What became of one row: a score, or errors."""

    row: int
    customer_id: str | None
    score: Score | None
    variant: Literal["champion", "challenger"] | None = Field(description=VARIANT)
    model_version: int | None = Field(description="What answered.")
    errors: list[dict[str, str]] = Field(description="The first ten.")
    errors_in_all: int


class BatchAnswer(BaseModel):
    """An answer for each row, in their order."""

    population: str
    model: Model
    tiers_as_of: date | None = Field(description=TIERS_AS_OF)
    scored: int
    refused: int
    answers: list[RowAnswer]


class MoveAnswer(BaseModel):
    """Why a score moved since the list before, in log-odds."""

    previous_date: date
    previous_probability: float
    is_model_changed: bool
    log_odds_change: float
    by_data: float | None
    by_model: float | None
    data_themes: dict[str, float] | None
    model_themes: dict[str, float] | None


class PastAnswer(BaseModel):
    """The customer in one published list."""

    as_of: date
    churn_probability: float
    risk_tier: str
    model_version: int
    move: MoveAnswer | None


class FeatureAnswer(BaseModel):
    """A feature that a model reads."""

    name: str
    kind: Literal["numeric", "boolean", "categorical"]
    title: str
    unit: str
    nullable: bool
    levels: list[str]


class InService(BaseModel):
    """The model that answers now."""

    name: str
    version: int
    family: str
    trained_as_of: date
    contract: str
    needs_customer_id: bool
    features: list[FeatureAnswer]


class Decision(BaseModel):
    """A decision about who is champion, and why."""

    version: int
    decided_as_of: date
    verdict: str
    reason: str
    evidence: dict[str, Any]


class PopulationModels(BaseModel):
    """The models of one population."""

    in_service: InService | None
    champion: Decision | None
    challenger: Decision | None


class ModelsAnswer(BaseModel):
    """The models of the populations a key is for."""

    populations: dict[str, PopulationModels]


class CustomerAnswer(Score):
    """A customer as the latest published list has them."""

    population: str
    customer_id: str
    as_of: date
    published_at: datetime
    model: Model
    history: list[PastAnswer]


def read(kind: type[B], body: bytes) -> B:
    """
    Return what was sent.

    Raises:
        Problem: It is no JSON (400), or not what *kind* asks for (422), with each fault.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors(include_input=False)):
            raise Problem(400, "not-json", "the body is not JSON, or too deep to read") from None
        raise refused(faults(error)) from None


def refused(found: Sequence[Fault]) -> Problem:
    """Return the problem of a body that has *found* faults."""
    return Problem(422, "not-valid", f"{len(found)} fault(s) in what was sent", found)


def faults(error: ValidationError) -> list[Fault]:
    """Return what pydantic found, each field once and without its value."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        place = item["loc"]
        is_value = place[:1] == ("features",) and len(place) > 2
        where = pointer(*(place[:2] if is_value else place))
        told = OF_NO_KIND if is_value else WORDS.get(item["type"], item["msg"])
        found.setdefault(where, told.removeprefix("Value error, "))

    return [Fault(where, told) for where, told in found.items()]
