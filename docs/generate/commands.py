"""Every command of `churn`, from the command line itself, with an example of each."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from docs.generate.blocks import table
from pipelines.cli.command import app

# At least one a command; the tests parse them, so that options of old are noticed.
EXAMPLES = """
churn migrate
churn load-demo --customers 2000 --months 12 --as-of 2026-11-21
churn load-demo --drift-from 2026-09-01 --as-of 2026-09-04
churn inspect customers.csv.gz
churn inspect customers.xlsx#Sheet1 usage.parquet --label Churn=Yes --page found.html
churn inspect warehouse#raw.customers --json
churn benchmark --data customers.csv --label Churn
churn benchmark --data customers.csv --label Churn --ignore reason --accept complaints="before"
churn benchmark --data snapshots.parquet --label left=1 --key id --time month --ignore reason --json
churn import bank --as-of 2026-11-01
churn import bank customers=new.parquet payments='postgresql://reader@db.example.com/bank#payments'
churn try customers.csv --label Churn=Yes --yes
churn try plays.parquet --gone "no plays in 21d"
churn new bank customers.csv --key CustomerId --label Exited=1 --dry-run
churn new music plays.parquet --gone "page=Cancel in 60d" --eligible "plays in 60d" --yes
churn new saas exports/ --gone "cancellations in 60d" --accept accounts.plan="as at sign-up" --yes
churn new shop warehouse#mart.features --features --time day --label "left=1 in 30d" --yes
churn test --population bank
churn train --as-of 2026-11-21
churn train --as-of 2026-11-21 --ablation
churn train --population bank --as-of 2026-11-01
churn promote --as-of 2026-11-21 --preview
churn promote --as-of 2026-11-21 --approved-by "Ada King"
churn promote --as-of 2026-11-21 --rejected-by "Ada King"
churn models
churn rollback-model --as-of 2026-11-21
churn contract --population bank
churn pull --population bank
churn features --as-of 2026-11-21
churn backfill --as-of 2026-11-21
churn backfill --from 2026-01-01 --to 2026-10-01 --every 30 --as-of 2026-11-21
churn gate sources --as-of 2026-11-21
churn gate scores --population bank --as-of 2026-11-21
churn score --as-of 2026-11-21
churn publish --as-of 2026-11-21
churn outcomes --as-of 2026-11-21
churn drift --as-of 2026-11-21
churn notify --as-of 2026-11-21
churn report --as-of 2026-11-21
churn watch
churn run --as-of 2026-11-21
churn run --as-of 2026-11-19 --until 2026-11-21
churn runs --population bank
churn rollback-scores --as-of 2026-11-21
churn exporter --host 0.0.0.0
churn prune
churn prune --keep 400d
churn erase --customer C00000042 --yes
churn audit
churn keys create "call centre" --route published --population subscribers
churn keys create shop --route predict --population "*" --days 30 --per-hour 3600
churn keys list
churn keys revoke 1
churn serve
churn serve --host 0.0.0.0 --port 8443 --tls-certificate chain.pem --tls-key key.pem
churn sql "select risk_tier, count(*) from churn.scores_current group by 1"
churn sql --csv "$(cat sql/reports/riskiest.sql)" > riskiest.csv
churn up
churn up --only mlflow
churn down
churn down --remove
churn status
churn status --owner
churn demo
churn demo --customers 5000 --nights 1
""".strip().splitlines()


def commands() -> str:
    """Return a section a command: what it does, an example and its options."""
    sections = []
    for name, command in found():
        context = command.context_class(command, info_name=name)
        records = [parameter.get_help_record(context) for parameter in command.params]
        examples = [line for line in EXAMPLES if line == name or line.startswith(f"{name} ")]
        if not examples:
            raise LookupError(f"`{name}` has no example in {__name__}")
        sections += [
            f"### `{name}`",
            inspect.cleandoc(command.help),
            "\n".join(["```console", *(f".venv/bin/{line}" for line in examples), "```"]),
        ]
        if records:
            rows = [
                (f"`{_typed(option)}`", *_meaning(text)) for option, text in filter(None, records)
            ]
            sections.append(table(("argument or option", "is", "values"), rows))

    return "\n\n".join(sections)


def found() -> Iterator[tuple[str, Any]]:
    """Yield the name of every command as people type it, and typer's object for it."""
    yield from _below("churn", get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  typer's own types are private
    """Yield *command*, or what is below it."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, part in command.commands.items():
        yield from _below(f"{name} {word}", part)


def _typed(option: str) -> str:
    """Return an option as people type it, without the types that its name says."""
    return option.replace("<int range>", "N").removesuffix(" <str>").removesuffix(" <path>")


def _meaning(text: str) -> tuple[str, str]:
    """Return the help of an option, and what typer adds about its values."""
    words, _, values = text.partition("  [")
    values = values.removesuffix("]").replace("x>=", "N ≥ ").replace("<=x<=", " ≤ N ≤ ")

    # Typer puts brackets around a default that is described and not a value.
    return words, re.sub(r"default: \((.+)\)", r"default: \1", values)
