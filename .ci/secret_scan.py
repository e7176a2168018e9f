"""
Refuse a secret in any file git knows or would add: `.ci/secret_scan.py [FILE …]`.

It asks the detectors of detect-secrets that know a secret by its shape; those by entropy call every
hash one. What was committed before is scanned by gitleaks in the security workflow.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.filters import heuristic
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.keyword import KeywordDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

# Asked for a whole file at once: line by line, as `detect-secrets scan` does, takes 26 s for 1 s.
SHAPES = (
    *(AWSKeyDetector, AzureStorageKeyDetector, BasicAuthDetector, GitHubTokenDetector),
    *(GitLabTokenDetector, JwtTokenDetector, NpmDetector, OpenAIDetector, PrivateKeyDetector),
    *(PypiTokenDetector, SendGridDetector, SlackDetector, StripeDetector, TwilioKeyDetector),
)

# Values that are none, each with its reason; they open nothing, wherever they stand.
LEGAL = {
    "password",  # what documentation and docstrings have in place of one
    "…",  # the same
    "secret",  # of an address in a test that nothing is reached by
    "s3cret",  # the same
    "hunter2",  # the same
    "p%40ss",  # the same, with a character that has to be encoded
    "T0K3N-hunter2",  # of a receiver in the tests
    "p$HOME@x:${PATH}%/y",  # of a database user in a test, with all that a shell would expand
    "CHURN_MLFLOW_PASSWORD",  # the name of a variable
    "CHURN_PAGES_PASSWORD",  # the same
    "a-password-of-a-test",  # of a server that a test makes
    "churn-airflow",  # the name of a Secret in a cluster
    "churn-database-owner",  # the same
    "churn-mlflow",  # the same
    "churn-tls",  # the same
    "jwt-secret",  # the name of a key in one
    "connection-async",  # the same
    "uri",  # the same
    "url",  # the same
    "data/PG_VERSION",  # the name of a file
    "x",  # of users whom tests make in their own database
}
# Hashes of packages, thousands of lines of them and nothing else; uv writes them.
LOCK = re.compile(r"requirements/\w+\.txt")


def main(named: list[str]) -> int:
    """Print where secrets are, never what they are; 1 if there are any, or nothing was scanned."""
    paths = named or [path for path in _known_to_git() if not LOCK.fullmatch(path)]
    found = [f"{path}:{line}: {kind}" for path in paths for line, kind in _secrets(Path(path))]
    for place in found:
        print(place, file=sys.stderr)
    if found:
        print(f"if one is none, say why in {__file__}", file=sys.stderr)
    if not paths:
        print("error: git knows no file to scan for secrets", file=sys.stderr)

    return 1 if found or not paths else 0


def _known_to_git() -> list[str]:
    """Return the files git tracks, and those it would add, that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return [path for path in listed.split("\0") if Path(path).is_file()]


def _secrets(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and kind of each secret in a file, by kind."""
    text = path.read_text("utf-8", errors="replace")
    for shape in SHAPES:
        for pattern in shape.denylist:
            for match in pattern.finditer(text):
                if _is_one(match[match.lastindex or 0]):
                    yield text.count("\n", 0, match.start()) + 1, shape.secret_type
    keyword = KeywordDetector()
    for number, line in enumerate(text.splitlines(), start=1):
        for secret in keyword.analyze_line(str(path), line, number):
            if _is_one(secret.secret_value) and not heuristic.is_indirect_reference(line):
                yield number, keyword.secret_type


def _is_one(value: str) -> bool:
    """Tell whether a value that looks like a secret may be one."""
    return value not in LEGAL and not (
        heuristic.is_templated_secret(value) or heuristic.is_prefixed_with_dollar_sign(value)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
