"""Text from data, without what a mail program, a chat or a terminal would act on."""

import re
import unicodedata

# What turns the direction of a line, or is not seen at all.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


def plain(text: str) -> str:
    """Return *text* with spaces for control characters but ends of lines, and none invisible."""
    seen = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\t", " "))

    return "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" else sign
        for sign in seen
    )


def one_line(text: str) -> str:
    """Return *text* the same way, in one line."""
    return " ".join(plain(text).split())
