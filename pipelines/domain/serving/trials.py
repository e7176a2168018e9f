"""Two models in service at once: one answers, or each answers its share, and both are recorded."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pipelines.domain.ranges import Range, require

if TYPE_CHECKING:  # churn.toml is read by commands that need no arrays
    from pipelines.domain.serving.answers import Answer

Variant = Literal["champion", "challenger"]
Mode = Literal["shadow", "split"]
# Shares are told apart to one in 2^64.
BUCKETS: Final = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    A challenger in service beside the champion of a population.

    Attributes:
        challenger: Number of its version; it reads the features the champion reads.
        mode: `shadow`: the champion answers everybody, and what the challenger would have said is
            recorded. `split`: each answers its own customers, for as long as the trial lasts.
        salt: Whatever makes this trial's shares others than those of the next; changed, customers
            are dealt anew.
        challenger_pct: Customers the challenger answers, in percent of all, in a split. While
            it grows, nobody goes back to the champion.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "challenger": Range(at_least=1),
        "challenger_pct": Range(at_least=1, at_most=99),
    }

    challenger: int
    mode: Mode = "shadow"
    salt: str
    challenger_pct: float = 50.0

    def __post_init__(self) -> None:
        """
        Refuse shares of nobody.

        Raises:
            ValueError: A number lies outside of its range, or the salt is no short text.
        """
        require(self, self.RANGES)
        if not 1 <= len(self.salt) <= 200 or not self.salt.isprintable():
            raise ValueError("salt has to be a text of 1 to 200 letters")

    def variant(self, customer_id: str) -> Variant:
        """
        Return which model a customer belongs to, now and whenever they are asked about again.

        It is sha256(salt ‖ customer) that decides, so nothing has to be remembered, and no
        process, restart or order of requests makes a difference.
        """
        digest = hashlib.sha256(self.salt.encode() + customer_id.encode()).digest()
        is_below = int.from_bytes(digest[:8]) < self.challenger_pct / 100 * BUCKETS

        return "challenger" if is_below else "champion"


@dataclass(frozen=True, slots=True)
class VariantAnswer:
    """
    An answer, and whose it is.

    Attributes:
        answer: The score.
        variant: Which of the two models answered.
        model_version: Its version.
    """

    answer: "Answer"
    variant: Variant
    model_version: int


@dataclass(frozen=True, slots=True)
class ServedPrediction:
    """
    A row of churn.served_predictions: what one model said of one customer while there is a trial.

    Attributes:
        request_id: Of the request, as its answer names it.
        population: Whose customer.
        customer_id: As the lists have them.
        mode: Of the trial.
        salt: Of the trial.
        challenger_pct: Of the trial.
        champion_version: The pair that is compared.
        challenger_version: The pair that is compared.
        variant: Which of the two this is of.
        churn_probability: What it says.
        is_answered: Whether the program was told this one.
    """

    request_id: str
    population: str
    customer_id: str
    mode: Mode
    salt: str
    challenger_pct: float
    champion_version: int
    challenger_version: int
    variant: Variant
    churn_probability: float
    is_answered: bool
