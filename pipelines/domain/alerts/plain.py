"""Text from data, without what a mail program, a chat or a terminal would act on."""

import unicodedata

# Unicode's categories of what ends a line but "\n", and of what turns its direction or is not seen.
ENDS_OF_LINES = ("Zl", "Zp")
INVISIBLE = "Cf"
REST = " … (the rest: churn.alerts)"


def plain(text: str) -> str:
    """Return *text* with spaces for control characters but ends of lines, and none invisible."""
    signs = text.replace("\r\n", "\n").replace("\t", " ")

    return "".join(_seen(sign) for sign in signs)


def one_line(text: str) -> str:
    """Return *text* the same way, in one line."""
    return " ".join(plain(text).split())


def at_most(text: str, signs: int) -> str:
    """Return *text*, or its beginning and where the rest is, together at most so many signs."""
    return text if len(text) <= signs else text[: signs - len(REST)] + REST


def _seen(sign: str) -> str:
    """Return what is shown of a character."""
    category = unicodedata.category(sign)
    if category == INVISIBLE:
        return ""
    if category in ENDS_OF_LINES:
        return "\n"

    return " " if category in ("Cc", "Cs") and sign != "\n" else sign
