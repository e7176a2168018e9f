"""Numbers as people read them."""

from decimal import Decimal

import pytest

from pipelines.domain.nights.page import figures


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figures.count(10591), "10,591"),
        (figures.count(Decimal("-1234.5")), f"{figures.MINUS}1,234"),
        (figures.count(None), figures.NOTHING),
        (figures.change(3), "+3"),
        (figures.change(-8), f"{figures.MINUS}8"),
        (figures.change(-0.2), "0"),
        (figures.change(None), figures.NOTHING),
        (figures.percent(Decimal("5.25")), "5.2\xa0%"),
        (figures.percent(-1), f"{figures.MINUS}1.0\xa0%"),
        (figures.share(0.164), "16.4\xa0%"),
        (figures.share(None), figures.NOTHING),
        (figures.decimal(1234.5), "1,234.500"),
        (figures.decimal(None), figures.NOTHING),
        (figures.between(1, 2000), "1 to 2,000"),
        (figures.between(None, 2), ""),
        (figures.plural(1, "day"), "day"),
        (figures.plural(0, "day"), "days"),
        (figures.plural(2, "has", "have"), "have"),
    ],
)
def test_a_number_is_shown(shown: str, expected: str) -> None:
    """Thousands apart, a sign that is a minus, and a dash where there is none."""
    assert expected == shown
