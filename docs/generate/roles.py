"""Which role of the database each command works as."""

from docs.generate.blocks import table
from pipelines.wiring.database_roles import ROLE_OF


def roles() -> str:
    """Return a row a role, with its commands."""
    commands: dict[str, list[str]] = {}
    for command, role in ROLE_OF.items():
        commands.setdefault(f"`{role}`" if role else "the owner", []).append(f"`{command}`")

    return table(("role", "commands"), ((role, ", ".join(own)) for role, own in commands.items()))
