"""What dbt's environment has besides ours: the database and its login, and no telemetry."""

import sqlalchemy as sa

# Or what dbt asked for would go on in the server, with its locks, after dbt was killed.
NOTICES_ITS_END = "-c client_connection_check_interval=1000"


def of(url: str, schema: str) -> dict[str, str]:
    """
    Return what is added, as the profile of the project reads it.

    Args:
        url: `postgresql://user:password@host:port/database`.
        schema: Schema dbt builds in.
    """
    parts = sa.make_url(url)

    return {
        "CHURN_DBT_HOST": parts.host or "localhost",
        "CHURN_DBT_PORT": str(parts.port or 5432),
        "CHURN_DBT_USER": parts.username or "",
        "CHURN_DBT_PASSWORD": str(parts.password or ""),
        "CHURN_DBT_DATABASE": parts.database or "",
        "CHURN_DBT_SCHEMA": schema,
        "CHURN_DBT_SSLMODE": str(parts.query.get("sslmode", "prefer")),
        # The profile's own `role:` is a statement, and gone when dbt rolls back.
        "PGOPTIONS": f"{parts.query.get('options', '')} {NOTICES_ITS_END}".strip(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "true",
    }
