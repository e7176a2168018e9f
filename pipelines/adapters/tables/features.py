"""The feature tables dbt built, read as Arrow, and the contract each build was made to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import sqlalchemy as sa
from psycopg.sql import Identifier, Literal

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import FeaturesMissing
from pipelines.sections import Population


@dataclass(frozen=True)
class WarehouseFeatures:
    """
    Feature and label tables of one warehouse.

    Attributes:
        warehouse: The database.
        schema: Schema dbt builds in.
        populations: Which tables belong to which population.
    """

    warehouse: Warehouse
    schema: str
    populations: Mapping[str, Population]

    def record_build(
        self,
        population: str,
        *,
        as_ofs: Sequence[date],
        contract: FeatureContract,
        known_at: date,
        label_as_ofs: Sequence[date] = (),
    ) -> dict[date, int]:
        """
        Remember that features now stand, and labels.

        Args:
            population: Its name in churn.toml.
            as_ofs: Snapshots whose features and labels were built.
            contract: What the features promise.
            label_as_ofs: Earlier snapshots whose labels were built again.
            known_at: The labels use what was known before this date.

        Returns:
            Customers by as_of, for *as_ofs*.
        """
        counts = {
            row.as_of: row.rows
            for row in self.warehouse.rows(
                f"select as_of, count(*) as rows from {self._table(contract)} "  # noqa: S608  quoted
                "where as_of = any(:as_ofs) group by as_of",
                {"as_ofs": list(as_ofs)},
            )
        }
        with self.warehouse.begin() as connection:
            connection.execute(
                sa.text(
                    "insert into churn.feature_contracts (population, fingerprint, contract) "
                    "values (:population, :fingerprint, cast(:contract as jsonb)) "
                    "on conflict (population, fingerprint) do update "
                    "set contract = excluded.contract"
                ),
                {
                    "population": population,
                    "fingerprint": contract.fingerprint,
                    "contract": json.dumps(contract.to_dict()),
                },
            )
            for as_of in as_ofs:
                connection.execute(
                    sa.text(
                        "insert into churn.feature_builds "
                        "(population, as_of, fingerprint, rows, labels_known_at) "
                        "values (:population, :as_of, :fingerprint, :rows, :known_at) "
                        "on conflict (population, as_of) do update set "
                        "fingerprint = excluded.fingerprint, rows = excluded.rows, "
                        "labels_known_at = excluded.labels_known_at, built_at = now()"
                    ),
                    {
                        "population": population,
                        "as_of": as_of,
                        "fingerprint": contract.fingerprint,
                        "rows": counts.get(as_of, 0),
                        "known_at": known_at,
                    },
                )
            connection.execute(
                sa.text(
                    "update churn.feature_builds set labels_known_at = :known_at "
                    "where population = :population and as_of = any(:as_ofs)"
                ),
                {"known_at": known_at, "population": population, "as_ofs": list(label_as_ofs)},
            )

        return {as_of: counts.get(as_of, 0) for as_of in as_ofs}

    def contract(self, population: str, as_of: date) -> FeatureContract:
        """
        Return the contract the features of *as_of* were built to.

        Raises:
            FeaturesMissing: None were built.
        """
        rows = self.warehouse.rows(
            "select contract.contract from churn.feature_builds as build "
            "join churn.feature_contracts as contract using (population, fingerprint) "
            "where build.population = :population and build.as_of = :as_of",
            {"population": population, "as_of": as_of},
        )
        if not rows:
            raise FeaturesMissing(
                f"no features of {population} were built for {as_of}",
                next_step=f"churn features --population {population} --as-of {as_of}",
            )

        return FeatureContract.from_dict(rows[0].contract)

    def rows(self, population: str, as_of: date) -> int:
        """
        Return the number of customers the features of *as_of* were built for.

        Raises:
            FeaturesMissing: None were built.
        """
        rows = self.warehouse.rows(
            "select rows from churn.feature_builds "
            "where population = :population and as_of = :as_of",
            {"population": population, "as_of": as_of},
        )
        if not rows:
            raise FeaturesMissing(
                f"no features of {population} were built for {as_of}",
                next_step=f"churn features --population {population} --as-of {as_of}",
            )

        return int(rows[0].rows)

    def built(self, population: str) -> dict[date, date]:
        """Return the as_ofs whose features stand, ascending, and when their labels were known."""
        rows = self.warehouse.rows(
            "select as_of, labels_known_at from churn.feature_builds "
            "where population = :population order by as_of",
            {"population": population},
        )

        return {row.as_of: row.labels_known_at for row in rows}

    def snapshots(self, population: str, until: date) -> dict[date, int]:
        """Return who left, by as_of that is built and whose labels were due by *until*."""
        built = self.built(population)
        if not built:
            return {}
        labels = self._labels(population)
        rows = self.warehouse.rows(
            "select as_of, count(*) filter (where is_churned) as churners "  # noqa: S608  quoted
            f"from {labels} "
            "where label_due_at <= :until and is_churned is not null group by as_of order by as_of",
            {"until": until},
        )

        return {row.as_of: row.churners for row in rows if row.as_of in built}

    def batches(self, as_of: date, contract: FeatureContract) -> Iterator[pa.RecordBatch]:
        """Stream `customer_id` and the contract's features, ordered by customer_id."""
        columns = ", ".join(_quoted(name) for name in ("customer_id", *contract.names))
        query = (
            f"select {columns} from {self._table(contract)} "  # noqa: S608  identifiers quoted
            f'where as_of = {_day(as_of)} order by customer_id collate "C"'
        )
        with self.warehouse.batches(query) as reader:
            yield from reader

    def batches_at_risk(
        self,
        population: str,
        as_of: date,
        contract: FeatureContract,
        *,
        is_ordered: bool = True,
    ) -> Iterator[pa.RecordBatch]:
        """
        Stream the same, of those of whom it is not known on the as_of that they have left.

        Args:
            population: Its name in churn.toml.
            as_of: The date.
            contract: Which features.
            is_ordered: Whether by customer_id; sorting a night costs more than scoring it.
        """
        columns = ", ".join(_quoted("feature", name) for name in ("customer_id", *contract.names))
        query = (
            f"select {columns} from {self._table(contract)} as feature "  # noqa: S608  quoted
            f"where feature.as_of = {_day(as_of)}{self._is_at_risk(population)}"
            + (' order by feature.customer_id collate "C"' if is_ordered else "")
        )
        with self.warehouse.batches(query) as reader:
            yield from reader

    def rows_at_risk(self, population: str, as_of: date) -> int:
        """
        Return how many those are.

        Raises:
            FeaturesMissing: None were built.
        """
        built = self.rows(population, as_of)
        condition = self._is_at_risk(population)
        if not condition:
            return built
        rows = self.warehouse.rows(
            f"select count(*) as rows from {self._table(self.contract(population, as_of))} "  # noqa: S608  quoted
            f"as feature where feature.as_of = :as_of{condition}",
            {"as_of": as_of},
        )

        return int(rows[0].rows)

    def labelled(
        self, population: str, as_ofs: Sequence[date], contract: FeatureContract
    ) -> pa.Table:
        """Return as_of, customer_id, features, attributes and is_churned, where that is known."""
        return pa.Table.from_batches([*self.labelled_batches(population, as_ofs, contract)])

    def labelled_batches(
        self, population: str, as_ofs: Sequence[date], contract: FeatureContract
    ) -> Iterator[pa.RecordBatch]:
        """Stream the same; at least one batch, be it without a row."""
        columns = ", ".join(_quoted("feature", name) for name in contract.columns)
        labels = self._labels(population)
        days = ", ".join(map(_day, as_ofs))
        query = (
            f"select feature.as_of, feature.customer_id, {columns}, label.is_churned "  # noqa: S608  quoted
            f"from {self._table(contract)} as feature "
            f"join {labels} as label using (as_of, customer_id) "
            "where label.is_churned is not null "
            f"and feature.as_of = any(array[{days}]::date[]) "
            'order by feature.as_of, feature.customer_id collate "C"'
        )
        with self.warehouse.batches(query) as reader:
            yield pa.RecordBatch.from_pylist([], schema=reader.schema)
            yield from reader

    def _table(self, contract: FeatureContract) -> str:
        """Return the quoted name of the feature table."""
        return _quoted(self.schema, contract.table)

    def _is_at_risk(self, population: str) -> str:
        """Return a condition on `feature`; none where labels ask about days to come."""
        if not self.populations[population].is_told_at_once:
            return ""

        return (
            f" and not exists (select from {self._labels(population)} as label "
            "where label.as_of = feature.as_of and label.customer_id = feature.customer_id "
            "and label.is_churned)"
        )

    def _labels(self, population: str) -> str:
        """Return the quoted name of the label table."""
        return _quoted(self.schema, self.populations[population].label_model)


def _quoted(*names: str) -> str:
    """Return a dotted identifier, each part quoted."""
    return Identifier(*names).as_string(None)


def _day(day: date) -> str:
    """Return a date as a literal: a bound one would leave COPY, and all rows come at once."""
    return Literal(day).as_string(None)
