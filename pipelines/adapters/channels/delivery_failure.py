"""What may be said about a message that did not go out: never an address, never a secret."""

import smtplib
import ssl
import urllib.error

from pipelines.errors import ServiceFailed


def not_sent(channel: str, error: Exception) -> ServiceFailed:
    """
    Return the error of a message that did not go out.

    Says the kind of fault and its code only: servers repeat addresses in their answers, and
    libraries repeat URLs in theirs.
    """
    return ServiceFailed(
        f"{channel}: {_kind(error)}",
        next_step="check the service and its address in the environment, then `churn notify`",
    )


def _kind(error: Exception) -> str:
    """Return the class of *error* and its code, where it has one."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code}"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        return _kind(error.reason)
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{name} {error.verify_message}"
    if isinstance(error, OSError) and error.errno:
        return f"{name} {error.errno}"

    return name
