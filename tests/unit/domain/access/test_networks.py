"""Whose address counts behind proxies, and what is no network, host or origin."""

import ipaddress
from typing import Any

import pytest

from pipelines.domain.access.networks import NetworkPolicy

PROXIES = NetworkPolicy(trusted_proxies=("10.1.0.0/24", "fd00::/64"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["10.0.0.1"], "192.0.2.7"),  # nobody we trust says so
        ("10.1.0.9", ["198.51.100.3"], "198.51.100.3"),
        ("10.1.0.9", ["127.0.0.1, 198.51.100.3"], "198.51.100.3"),  # the first is made up
        ("10.1.0.9", ["127.0.0.1", "198.51.100.3, 10.1.0.8"], "198.51.100.3"),
        ("10.1.0.9", [], "10.1.0.9"),
        ("10.1.0.9", ["unknown"], None),
        ("10.1.0.9", ["127.0.0.1, "], None),
        ("fd00::1", ["[2001:db8::5]"], "2001:db8::5"),
        ("::ffff:10.1.0.9", ["::ffff:198.51.100.3"], "198.51.100.3"),
        (None, ["198.51.100.3"], None),
        ("socket", [], None),
    ],
)
def test_a_client_is_whom_the_last_trusted_proxy_was_asked_by(
    peer: str | None, forwarded: list[str], expected: str | None
) -> None:
    """Whatever stands before that in the header anybody may have written."""
    found = PROXIES.client(peer, forwarded)

    assert (None if expected is None else ipaddress.ip_address(expected)) == found


def test_a_client_nobody_can_tell_is_let_in_where_everybody_is() -> None:
    """And nowhere else."""
    bounded = NetworkPolicy(allowed_networks=("198.51.100.0/24", "2001:db8::/32"))

    assert NetworkPolicy().lets_in(None)
    assert not bounded.lets_in(None)
    assert bounded.lets_in(ipaddress.ip_address("2001:db8::5"))
    assert not bounded.lets_in(ipaddress.ip_address("198.51.101.1"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("churn.example.com", True),
        ("CHURN.example.com:8500", True),
        ("churn.example.com.", True),
        ("[::1]:8500", True),
        ("evil.example.com", False),
        ("churn.example.com.evil.example", False),
        ("churn.example.com@evil.example", False),
        ("", False),
    ],
)
def test_a_service_answers_to_its_names(host: str, expected: bool) -> None:
    """Whatever the port."""
    assert expected == NetworkPolicy(allowed_hosts=("churn.example.com", "[::1]")).answers_to(host)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("allowed_networks", "10.0.0.1/8"),
        ("trusted_proxies", "anybody"),
        ("allowed_hosts", "churn.example.com:8500"),
        ("allowed_hosts", "*"),
        ("allowed_origins", "*"),
        ("allowed_origins", "null"),
        ("allowed_origins", "https://desk.example.com/"),
    ],
)
def test_what_is_none_is_refused(key: str, value: str) -> None:
    """By name; no pattern stands for all of them."""
    more: dict[str, Any] = {key: (value,)}
    with pytest.raises(ValueError, match=key) as refused:
        NetworkPolicy(**more)

    assert value in str(refused.value)
