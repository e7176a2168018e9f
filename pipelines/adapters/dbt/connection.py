"""What dbt is told of a database: variables of its environment, as profiles.yml reads them."""

import sqlalchemy as sa

# Or what dbt asked for would go on in the server, with its locks, after dbt was killed.
NOTICES_ITS_END = "-c client_connection_check_interval=1000"


def variables(database_url: str, schema: str) -> dict[str, str]:
    """Return the connection, its password among it, and that nothing is told to anybody."""
    url = sa.make_url(database_url)

    return {
        "CHURN_DBT_HOST": url.host or "localhost",
        "CHURN_DBT_PORT": str(url.port or 5432),
        "CHURN_DBT_USER": url.username or "",
        "CHURN_DBT_PASSWORD": str(url.password or ""),
        "CHURN_DBT_DATABASE": url.database or "",
        "CHURN_DBT_SCHEMA": schema,
        "CHURN_DBT_SSLMODE": str(url.query.get("sslmode", "prefer")),
        # The profile's own `role:` is a statement, and gone when dbt rolls back.
        "PGOPTIONS": f"{url.query.get('options', '')} {NOTICES_ITS_END}".strip(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "true",
    }
