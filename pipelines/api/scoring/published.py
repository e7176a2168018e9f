"""Customers of published lists: those who are asked for at the same time are read together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.api.together import Together
from pipelines.domain.ports.service import PublishedLists
from pipelines.domain.serving.published import PublishedCustomer

MOST_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class AskedPublished:
    """
    One customer who is asked for.

    Attributes:
        population: Whose customer.
        lists: In how many lists at most.
        customer_id: Who.
    """

    population: str
    lists: int
    customer_id: str


@dataclass
class PublishedCustomers:
    """
    What nights have published, for many who ask.

    Attributes:
        lists: Where it is written.
    """

    lists: PublishedLists
    _together: Together[AskedPublished, PublishedCustomer | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Begin with nobody who waits."""
        self._together = Together(self._found, MOST_TOGETHER)

    async def customer(
        self, population: str, customer_id: str, *, lists: int
    ) -> PublishedCustomer | None:
        """
        Return a customer as the latest list has them; None who is not in it.

        Args:
            population: Whose customer.
            customer_id: Who.
            lists: How many lists their history is of at most.

        Raises:
            DatabaseUnavailable: It cannot be read.
        """
        return await self._together(AskedPublished(population, lists, customer_id))

    async def _found(self, asked: Sequence[AskedPublished]) -> list[PublishedCustomer | None]:
        """Return each customer; those of one population are one statement."""
        alike: dict[tuple[str, int], list[int]] = {}
        for number, each in enumerate(asked):
            alike.setdefault((each.population, each.lists), []).append(number)
        found: dict[int, PublishedCustomer | None] = {}
        for (population, lists), numbers in alike.items():
            names = [asked[number].customer_id for number in numbers]
            told = await self.lists.customers(population, names, lists=lists)
            found |= zip(numbers, told, strict=True)

        return [found[number] for number in range(len(asked))]
