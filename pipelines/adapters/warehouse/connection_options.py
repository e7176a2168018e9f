"""Options of a database connection, set while it connects: the role, time-outs, the time zone."""

import re

import sqlalchemy as sa

from pipelines.errors import ChurnError, DatabaseUnavailable, RoleMissing

ROLE = re.compile(r"-c role=(\w+)")


def configured(url: str, **settings: str) -> str:
    """
    Return *url* such that whoever connects with it has *settings* from the first statement on.

    A setting made by a statement is gone when its transaction rolls back; one of the connection
    stays, and every driver built on libpq understands it.

    Args:
        url: `postgresql://…`; options it has already are kept.
        settings: PostgreSQL's, such as `role` or `timezone`, without spaces.
    """
    parsed = sa.make_url(url)
    added = [f"-c {name}={value}" for name, value in settings.items()]
    options = " ".join([str(parsed.query.get("options", "")), *added]).strip()
    whole = parsed.update_query_dict({"options": options})
    address, _, query = whole.render_as_string(hide_password=False).rpartition("?")

    # SQLAlchemy writes a space as forms do, in a password not at all; libpq wants it as %20.
    return f"{address.replace(' ', '%20')}?{query.replace('+', '%20')}"


def role(url: sa.URL) -> str | None:
    """Return the role that whoever connects with *url* works as, if it names one."""
    return next(iter(ROLE.findall(str(url.query.get("options", "")))), None)


def refused(url: sa.URL, reason: str) -> ChurnError | None:
    """
    Return the error for a connection the server refused because of its role, or None.

    Args:
        url: Address of the refused connection.
        reason: What the server said; libpq hands no code of it through.
    """
    own_role = role(url)
    if own_role is None or f'role "{own_role}"' not in reason:
        return None
    if "does not exist" in reason:
        return DatabaseUnavailable(
            f"the database server has no role {own_role} yet", next_step="churn migrate"
        )

    return RoleMissing(
        f"{url.username} is not a member of {own_role}, as which this command works",
        next_step=f"ask the owner of the database to: grant {own_role} to {url.username}",
    )
