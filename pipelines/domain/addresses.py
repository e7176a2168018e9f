"""Addresses people set: what they must look like, and how to speak of one that holds a secret."""

import base64
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit


def is_address(text: str, schemes: Iterable[str]) -> bool:
    """Tell whether *text* is `scheme://[user:password@]host[:port][/…]` of one of *schemes*."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in schemes
            # PostgreSQL's own way to name a socket is `?host=/its/folder`.
            and (bool(parts.hostname) or "host=" in parts.query)
            and parts.port != 0
            # Where a password holds an unquoted / or #, what is left of it reads as host and port.
            and "@" not in parts.path + parts.query + parts.fragment
            and text.isprintable()
            and " " not in text
        )
    except ValueError:  # such as a port that is no number, whose message repeats it
        return False


def quoted(address: str, *, scheme: str) -> str:
    """Return *address* with another scheme, user and password quoted to letters and digits."""
    parts = urlsplit(address)
    login, _, server = parts.netloc.rpartition("@")
    words = [quote(unquote(word), safe="") for word in login.split(":", 1)]
    netloc = f"{':'.join(words)}@{server}" if login else server

    return parts._replace(scheme=scheme, netloc=netloc).geturl()


def without_login(message: str, address: str) -> str:
    """
    Return *message* without the user and password of *address*, however they are written in it.

    Libraries repeat an address in their errors as it was given, percent-decoded or encoded anew,
    and servers what they were sent, which is the login in base 64.
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
    basic = base64.b64encode(unquote(login).encode()).decode()
    spellings = {password, plain, quote(plain), quote(plain, safe=""), basic}
    for spelling in sorted(spellings, key=len, reverse=True):
        shown = shown.replace(spelling, "***")

    return shown
