"""Numbers as people read them."""

from typing import Any

# Between a number and its unit, where no line may break.
NARROW = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"


def count(value: Any) -> str:  # noqa: ANN401  whatever kind of number a database has
    """Return a whole number, such as 10,591; of what is none, a dash."""
    return NOTHING if value is None else f"{round(float(value)):,}".replace("-", MINUS)


def change(value: Any) -> str:  # noqa: ANN401
    """Return a difference of whole numbers with its sign, and 0 without one."""
    if value is None:
        return NOTHING
    number = round(float(value))

    return "0" if number == 0 else f"{number:+,}".replace("-", MINUS)


def percent(value: Any, digits: int = 1) -> str:  # noqa: ANN401
    """Return what is in percent already, such as `5.3 %`."""
    if value is None:
        return NOTHING

    return f"{float(value):.{digits}f}{NARROW}%".replace("-", MINUS)


def share(value: Any, digits: int = 1) -> str:  # noqa: ANN401
    """Return a share of 1 in percent."""
    return NOTHING if value is None else percent(100 * float(value), digits)


def decimal(value: Any, digits: int = 3) -> str:  # noqa: ANN401
    """Return a number with its decimals, and thousands apart."""
    return NOTHING if value is None else f"{float(value):,.{digits}f}".replace("-", MINUS)


def between(low: Any, high: Any, form: Any = count) -> str:  # noqa: ANN401
    """Return a range, written by *form*."""
    if low is None or high is None:
        return ""

    return f"{form(low)} to {form(high)}"


def plural(number: Any, one: str, many: str = "") -> str:  # noqa: ANN401
    """Return the noun that goes with a number."""
    return one if float(number or 0) == 1 else many or f"{one}s"
