"""The channels there are: each is a module of that name in the adapters."""

from collections.abc import Mapping
from typing import Final

# Name to the environment variable with its address, which is a secret: a password or a token is
# part of it.
CHANNELS: Final[Mapping[str, str]] = {
    "email": "CHURN_SMTP_URL",
    "slack": "CHURN_SLACK_WEBHOOK_URL",
    "webhook": "CHURN_WEBHOOK_URL",
}
