"""What PostgreSQL quotes of rows in its errors, taken out of what is told and of what is logged."""

import re

WITHHELD = "withheld"

# After these words of a first line PostgreSQL quotes a value; names of columns, tables and
# constraints, which it quotes as well, follow others.
_BEFORE = (
    r"invalid input (?:syntax|value)[^:\n\"]{0,80}: |out of range: |malformed \w+ literal: "
    r"|(?<=\s)value |^value |time zone |invalid hexadecimal digit: |invalid byte sequence[^:\n]*: "
)
# Values may hold quotes, none of which it escapes, and ends of lines. The value ends at the last
# quote before what comes after the error.
_AFTER = r"\n\s*(?:DETAIL|CONTEXT|HINT|LINE \d+|compiled code at|\[SQL)|\Z"
_VALUE = re.compile(rf"(?P<before>{_BEFORE})\"(?:(?!{_AFTER}).)*\"", re.DOTALL)
# `"99999999999" is out of range for type integer` begins with it.
_FIRST = re.compile(rf"\"(?:(?!{_AFTER}).)*\" (?=is out of range for type)", re.DOTALL)
# DETAIL and CONTEXT quote whole keys; after them dbt says where the statement is.
_FURTHER = re.compile(
    r"\n\s*(?:DETAIL|CONTEXT):.*?(?=\n\s*compiled code at|\n\s*\[SQL|\Z)", re.DOTALL
)


def without_values(message: str) -> str:
    """Return an error's words without the values of rows in them, which are nobody's business."""
    told = _VALUE.sub(rf"\g<before>{WITHHELD}", _FURTHER.sub("", message))

    return _FIRST.sub(f"{WITHHELD} ", told)
