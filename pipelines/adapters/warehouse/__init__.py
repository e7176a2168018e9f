"""The connection to PostgreSQL: options, locks, faults, migrations, and read-only questions."""
