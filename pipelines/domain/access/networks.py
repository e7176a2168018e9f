"""Where requests may come from: networks, the proxies before us, hosts and pages of browsers."""

import functools
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
# What a browser calls where a page came from (RFC 6454).
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:]+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """
    Where requests may come from; while a list is empty, it bounds nothing.

    Attributes:
        allowed_networks: Networks (`10.0.0.0/8`) whose requests are taken, all but those about
            health; a client behind a proxy counts by its own address.
        trusted_proxies: Networks of the proxies before the service. From nobody else a header
            `X-Forwarded-For` or `X-Forwarded-Proto` is read.
        allowed_hosts: Names the service may be asked by, without a port.
        allowed_origins: Origins (`https://desk.example.com`) whose pages a browser lets read
            answers. Without any, no other page's script reads one.
    """

    allowed_networks: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """
        Refuse what is no network, host or origin.

        Raises:
            ValueError: With each that is not.
        """
        for name in ("allowed_networks", "trusted_proxies"):
            if odd := [text for text in getattr(self, name) if not _is_network(text)]:
                raise ValueError(
                    f"{name} has {', '.join(odd)}; a network is 10.0.0.0/8 or fd00::/8"
                )
        if odd := [text for text in self.allowed_hosts if not HOST.fullmatch(text)]:
            raise ValueError(f"allowed_hosts has {', '.join(odd)}; a host is churn.example.com")
        if odd := [text for text in self.allowed_origins if not ORIGIN.fullmatch(text)]:
            raise ValueError(
                f"allowed_origins has {', '.join(odd)}; an origin is https://desk.example.com"
            )

    def client(self, peer: str | None, forwarded: Sequence[str]) -> Address | None:
        """
        Return the address of whoever asks; None where that cannot be told.

        Each proxy adds at the end whom it was asked by, so the list is read from its end, for as
        long as it was written by a trusted one. What stands before that anybody may have written.

        Args:
            peer: Who is connected to us.
            forwarded: The values of `X-Forwarded-For`, in their order.
        """
        address = _address(peer)
        hops = [hop.strip() for value in forwarded for hop in value.split(",")]
        while hops and address is not None and _is_in(address, self.trusted_proxies):
            address = _address(hops.pop())

        return address

    def is_proxy(self, peer: str | None) -> bool:
        """Tell whether *peer*, who is connected to us, is a trusted proxy."""
        address = _address(peer)

        return address is not None and _is_in(address, self.trusted_proxies)

    def lets_in(self, client: Address | None) -> bool:
        """Tell whether a client is in a network that is allowed."""
        if not self.allowed_networks:
            return True

        return client is not None and _is_in(client, self.allowed_networks)

    def answers_to(self, host: str) -> bool:
        """Tell whether the service may be asked by the name in a header `Host`."""
        name = re.sub(r":[0-9]*$", "", host.strip().lower()).removesuffix(".")

        return not self.allowed_hosts or name in self.allowed_hosts


def _is_network(text: str) -> bool:
    """Tell whether *text* names a network, with none of its bits below the mask."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False

    return True


def _address(text: str | None) -> Address | None:
    """Return an address; one of IPv4 that is written as one of IPv6 is one of IPv4."""
    try:
        found = ipaddress.ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None

    return mapped or found


def _is_in(address: Address, networks: Iterable[str]) -> bool:
    """Tell whether an address is in one of *networks*."""
    return any(address in _network(text) for text in networks)


# Each request asks about the few networks of churn.toml.
_network = functools.cache(ipaddress.ip_network)
