"""What a population may be called."""

import pytest

from pipelines.domain.scaffolds.answers import require_name
from pipelines.errors import ConfigError


@pytest.mark.parametrize("name", ["a", "shop", "my_shop_2", "a" * 30])
def test_a_name_in_snake_case_is_one(name: str) -> None:
    """As short as a letter, or of thirty characters."""
    require_name(name, {"subscribers": {}})


@pytest.mark.parametrize(
    "name", ["", "Shop", "2shop", "_shop", "shop_", "my__shop", "my-shop", "a" * 31, "a;b", "à"]
)
def test_what_would_be_no_name_of_a_table_is_refused(name: str) -> None:
    """With what a name takes."""
    with pytest.raises(ConfigError, match="cannot be the name of a population: it takes"):
        require_name(name, {})


def test_a_population_of_the_house_keeps_its_name() -> None:
    """Its models would be taken for the new one's."""
    with pytest.raises(ConfigError, match="subscribers is a population of the house"):
        require_name("subscribers", {"subscribers": {}})
