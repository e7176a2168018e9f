"""The questions a page asks, from `sql/night`, with the night in the place of their variables."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.sql import Identifier, Literal

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.terms import Terms

# As psql writes them: :'population' is text, :value a number.
VARIABLE = re.compile(r"(?<!:):(?:'(\w+)'|([a-z_]+)\b)")
ASKED = (
    *("list", "attempts", "nights", "tiers", "movement", "new_at_risk", "worth"),
    *("drift_verdict", "drift", "gates", "gate_faults", "promises", "outcomes"),
    *("champion", "decision", "decisions", "retrainings", "alerts"),
)
OF_FEES = "fees"
# Shown, and not asked: its answer names customers.
UNASKED = ("who",)
HAS_COLUMN = (
    "select 1 from information_schema.columns "
    "where table_schema = :schema and table_name = :name and column_name = :fee"
)


@dataclass(frozen=True)
class NightQuestions:
    """
    What is asked of a warehouse for a page.

    Attributes:
        warehouse: The database.
        folder: Holds a `.sql` a question, its first lines a comment that says what is asked.
        terms: Tiers, costs and the fee.
        features: Schema and table of the population's features.
    """

    warehouse: Warehouse
    folder: Path
    terms: Terms
    features: tuple[str, str]

    def answers_about(self, population: str, as_of: date) -> Answers:
        """Return every answer about a night, all of them from one moment."""
        variables = self._variables(population, as_of)
        asked = {name: self._statement(name, variables) for name in ASKED}
        schema, table = self.features
        where = {"schema": schema, "name": table, "fee": self.terms.fee}
        if self.terms.fee and self.warehouse.rows(HAS_COLUMN, where):
            asked[OF_FEES] = self._statement(OF_FEES, variables)
        found = {}
        with self.warehouse.begin() as connection:
            connection.execute(sa.text("set transaction isolation level repeatable read read only"))
            for name, (about, sql) in asked.items():
                rows = connection.exec_driver_sql(sql.replace("%", "%%")).mappings().all()
                found[name] = Answer(name, about, sql, [dict(row) for row in rows])
        for name in UNASKED:
            found[name] = Answer(name, *self._statement(name, variables))

        return Answers(found)

    def _variables(self, population: str, as_of: date) -> Mapping[str, str]:
        """Return the text of each variable, quoted as SQL."""
        costs, tiers = self.terms.costs, self.terms.tiers
        values: Iterable[tuple[str, Any]] = (
            ("population", population),
            ("as_of", as_of.isoformat()),
            ("tiers", ",".join(tiers.names)),
            ("top_tiers", ",".join(tiers.top)),
            ("capacity_pct", self.terms.capacity_pct),
            ("value", costs.customer_lifetime_value),
            ("offer", costs.offer_cost),
            ("contact", costs.contact_cost),
            ("alpha", costs.acceptance_alpha),
            ("beta", costs.acceptance_beta),
        )

        return {name: Literal(value).as_string(None) for name, value in values}

    def _statement(self, name: str, variables: Mapping[str, str]) -> tuple[str, str]:
        """Return what a question is about, and the statement that asks it of this night."""
        text = (self.folder / f"{name}.sql").read_text("utf-8")
        comment, statement = _parted(text)
        schema, table = self.features
        statement = VARIABLE.sub(lambda found: variables[found[1] or found[2]], statement)
        statement = statement.replace(
            "population_features", Identifier(schema, table).as_string(None)
        )
        if self.terms.fee:
            statement = statement.replace("fee_feature", Identifier(self.terms.fee).as_string(None))

        return comment, statement


def _parted(text: str) -> tuple[str, str]:
    """Return the comment at the head of a statement as one paragraph, and the statement."""
    lines = text.strip().rstrip(";").splitlines()
    head = next(at for at, line in enumerate(lines) if not line.startswith("--"))
    comment = " ".join(line.removeprefix("--").strip() for line in lines[:head])

    return comment, "\n".join(lines[head:])
