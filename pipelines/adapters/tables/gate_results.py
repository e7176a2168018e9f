"""The tables churn.gate_results and, for a gate that failed, churn.alerts."""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from pipelines.adapters.tables import outbox
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.alert import Alert
from pipelines.domain.gates.report import GateReport

INSERT_RESULT = """
insert into churn.gate_results
  (population, as_of, gate, run_id, subject, expectation, severity, is_passed, expected, observed,
   owner)
values
  (:population, :as_of, :gate, :run_id, :subject, :expectation, :severity, :is_passed,
   cast(:expected as jsonb), cast(:observed as jsonb), :owner)
"""


@dataclass(frozen=True)
class WarehouseGateResults:
    """
    Where gates leave what they found.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def record(self, report: GateReport) -> None:
        """
        Append every result and, when the gate failed, one alert, in one transaction.

        Only the first failure of a gate on a date is an incident; later ones add no alert.
        """
        key = {"population": report.population, "as_of": report.as_of}
        rows = [
            {
                **key,
                "gate": report.gate,
                "run_id": report.run_id,
                "subject": result.subject,
                "expectation": result.expectation,
                "severity": result.severity,
                "is_passed": result.is_passed,
                "expected": json.dumps(dict(result.expected), default=str),
                "observed": json.dumps(dict(result.observed)),
                "owner": result.owner,
            }
            for result in report.results
        ]
        with self.warehouse.begin() as connection:
            if rows:
                connection.execute(sa.text(INSERT_RESULT), rows)
            if not report.is_passed:
                outbox.record(connection, _alert(report))

    def failures_query(self, report: GateReport) -> str:
        """Return the SQL that lists what failed, of names and a date that are ours."""
        return (
            "select checked_at, subject, expectation, expected, observed, owner "  # noqa: S608  shown
            f"from churn.gate_results where population = '{report.population}' "
            f"and as_of = '{report.as_of}' and gate = '{report.gate}' and not is_passed "
            "order by checked_at desc"
        )


def _alert(report: GateReport) -> Alert:
    """Return what people are told about a gate that failed."""
    return Alert(
        population=report.population,
        as_of=report.as_of,
        kind=f"gate_{report.gate}",
        severity="critical",
        title=report.title,
        body="\n".join(
            [
                *(f"{result.sentence} (owner {result.owner})" for result in report.failures),
                *([f"Data Docs: {report.docs}"] if report.docs else []),
            ]
        ),
        owner=", ".join(report.owners),
    )
