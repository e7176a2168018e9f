"""Ways to reach people: one module a channel, named as `CHANNELS` names it."""

import importlib
from collections.abc import Mapping

from pydantic import SecretStr

from pipelines.domain.ports.alerts import Channel
from pipelines.sections import Alerts


def configured(addresses: Mapping[str, SecretStr], alerts: Alerts) -> list[Channel]:
    """
    Return the channels that can be used, in the order of *addresses*.

    Only their modules are imported. Each has a function `channel` that takes its address and
    *alerts*, and returns the channel, or None where *alerts* names nobody to reach by it.

    Args:
        addresses: Channel to its address.
        alerts: Who is told.

    Raises:
        ConfigError: An address is none; it is not repeated.
    """
    channels = []
    for name, address in addresses.items():
        module = importlib.import_module(f"{__name__}.{name}")
        channel: Channel | None = module.channel(address.get_secret_value(), alerts)
        if channel is not None:
            channels.append(channel)

    return channels
