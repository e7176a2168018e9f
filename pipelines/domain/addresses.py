"""Addresses people set: what they must look like, and how to speak of one that holds a secret."""

from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit


def is_address(text: str, schemes: Iterable[str]) -> bool:
    """Tell whether *text* is `scheme://[user:password@]host[:port][/…]` of one of *schemes*."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in schemes
            and bool(parts.hostname)
            and parts.port != 0
            # Where a password holds an unquoted / or #, what is left of it reads as host and port.
            and "@" not in parts.path + parts.query + parts.fragment
            and text.isprintable()
            and " " not in text
        )
    except ValueError:  # such as a port that is no number, whose message repeats it
        return False


def without_login(message: str, address: str) -> str:
    """
    Return *message* without the user and password of *address*, however they are written in it.

    Libraries repeat an address in their errors as it was given, percent-decoded or encoded anew.
    """
    try:
        parts = urlsplit(address)
        password = parts.password
    except ValueError:
        return message.replace(address, "***")
    if not password:
        return message

    login = parts.netloc.rpartition("@")[0]
    shown = message.replace(f"{login}@", "")
    plain = unquote(password)
    for spelling in sorted({password, plain, quote(plain), quote(plain, safe="")}, key=len):
        shown = shown.replace(spelling, "***")

    return shown
