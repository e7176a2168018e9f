"""Levels of categories, as the macros of our package spell them."""

OTHER = "other"


def in_one_spelling(level: str) -> str:
    """Return a level as `churn.spelling` does: no outer blanks, lower case, `_` for two signs."""
    return level.strip().lower().translate({ord(" "): "_", ord("-"): "_"})


def jinja_text(text: str) -> str:
    """Return a text as a literal of Jinja."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")

    return f"'{escaped}'"
