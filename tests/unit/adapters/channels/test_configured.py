"""Which channels an installation has, by its addresses and its recipients."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from pipelines.adapters import channels
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.errors import ConfigError
from pipelines.sections import Alerts

SOMEBODY = Alerts(email_to=("oncall@example.com",))
ADDRESSES = {
    "email": SecretStr("smtp://me:hunter2@mail:25"),
    "slack": SecretStr("https://hooks.example/hunter2"),
}


def test_each_channel_with_an_address_is_used() -> None:
    """In the order they are named, each under the name its deliveries are kept by."""
    assert ["email", "slack"] == [
        channel.name for channel in channels.configured(ADDRESSES, SOMEBODY)
    ]
    assert [] == channels.configured({}, SOMEBODY)


def test_mail_without_a_recipient_is_no_channel() -> None:
    """What is in a webhook's address needs nobody named."""
    assert ["slack"] == [channel.name for channel in channels.configured(ADDRESSES, Alerts())]


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_of_the_list_has_its_module(name: str) -> None:
    """It is named like it, and an address that is none is refused by its variable, unrepeated."""
    with pytest.raises(ConfigError, match=f"^{CHANNELS[name]} is not") as caught:
        channels.configured({name: SecretStr("ftp://hunter2")}, SOMEBODY)

    assert CHANNELS[name] in caught.value.next_step
    assert "hunter2" not in str(caught.value) + caught.value.next_step


def test_only_the_modules_of_configured_channels_are_imported() -> None:
    """A channel nobody uses costs nothing, whatever library it needs."""
    script = (
        "import sys; from pydantic import SecretStr; from pipelines.adapters import channels; "
        "from pipelines.sections import Alerts; "
        "channels.configured({'slack': SecretStr('https://hooks.example/x')}, Alerts()); "
        "print(*sorted(name for name in sys.modules if 'adapters.channels.' in name))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    imported = [name.rpartition(".")[2] for name in done.stdout.split()]

    assert "slack" in imported
    assert "email" not in imported
