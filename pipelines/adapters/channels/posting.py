"""JSON posted to a webhook: an HTTP address that is a secret."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

from pipelines.adapters.channels.delivery_failure import not_sent
from pipelines.errors import ConfigError

TIMEOUT_SECONDS = 15


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes a redirect a failure: followed, it would drop the message and report success."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def refuse_illegal(url: str, variable: str) -> None:
    """
    Refuse an address nothing can be posted to, without repeating it.

    Args:
        url: The address.
        variable: Where it came from.

    Raises:
        ConfigError: It is not http or https, names no host, or holds what no address may.
    """
    try:
        address = urlsplit(url)
        is_legal = address.scheme in {"http", "https"} and bool(address.hostname)
        is_legal = is_legal and address.port != 0 and url.isascii()
    except ValueError:
        is_legal = False
    if not is_legal:
        raise ConfigError(
            f"{variable} is not an http or https address",
            next_step=f"set {variable} to the webhook's address",
        )


def post(url: str, message: Mapping[str, object], *, service: str) -> None:
    """
    Post *message* as JSON.

    Args:
        url: An address that was not refused.
        message: What the service takes.
        service: Its name, for people.

    Raises:
        ServiceFailed: It was not taken.
    """
    request = urllib.request.Request(  # noqa: S310  http or https, see refuse_illegal
        url,
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
            pass
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise not_sent(service, error) from None
