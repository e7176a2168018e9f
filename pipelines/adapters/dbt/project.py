"""
dbt, as a process of its own: it builds the models, tests them and tells their contracts.

A process, because dbt in ours would leave its log handlers, adapter registry and 140 MB behind; the
price is to start Python again, 1.3 s of CPU a call, which can be paid ahead of it. The password
goes through its environment only.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from pipelines.adapters import scratch
from pipelines.adapters.dbt import ahead, compiled, costs, environment, parsed, results
from pipelines.adapters.dbt import contracts as feature_contract
from pipelines.adapters.dbt import replay as feature_replay
from pipelines.adapters.dbt.ahead import COMMAND_LINE, Ahead
from pipelines.adapters.dbt.results import BuildReport
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import DbtFailed

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Dbt:
    """
    The dbt project on one database.

    Attributes:
        project_dir: Folder of the dbt_project.yml that is built: a person's own, or the house's.
        url: `postgresql://user:password@host:port/database`.
        schema: Schema the models are built in.
        state: Folder for logs, contracts, parsed projects and, while a call lasts, dbt's target.
        raw_schema: Schema of the loaded tables.
        house_dir: Folder of the house's project and of profiles.yml, where that is another one.
        ahead: A process that was started before its call is known; None starts one for it.
    """

    project_dir: Path
    url: str = field(repr=False)
    schema: str
    state: Path
    raw_schema: str = "raw"
    house_dir: Path | None = None
    ahead: Ahead | None = None

    @property
    def log_file(self) -> Path:
        """Where dbt writes what it did."""
        return self.state / "logs" / "dbt.log"

    @contextmanager
    def begun(self, variables: Mapping[str, Any], meanwhile: Callable[[], None]) -> "Iterator[Dbt]":
        """
        Start the process of a build while the block does something else.

        Args:
            variables: Of the build. Dates make no difference; with others it is for nothing.
            meanwhile: What is done here while it builds.

        Yields:
            The same project, whose first build it is.
        """
        variables = {"raw_schema": self.raw_schema, **variables}
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with ahead.started(
            self._manifest(self.schema, variables),
            environment.of(self.url, self.schema),
            self.state,
            meanwhile,
        ) as process:
            yield replace(self, ahead=process)

    def build(self, select: str, variables: Mapping[str, Any]) -> BuildReport:
        """
        Build the selected models and run their data tests.

        Args:
            select: In dbt's selection syntax, such as `+fct_customer_features`.
            variables: Variables of dbt_project.yml.

        Raises:
            DbtFailed: The project does not parse, nothing was selected, or a model or test failed;
                the message names them.
        """
        report = self._call(
            ["build", "--exclude-resource-type", "unit_test", "--select", *select.split()],
            variables,
        )
        for node in report.nodes:
            log.debug("dbt_node", name=node.name, status=node.status, seconds=node.seconds)

        return report

    def unit_tests(self, of: str = "*") -> BuildReport:
        """
        Run the unit tests of the project, in a schema that goes away again.

        Args:
            of: Which models, in dbt's selection syntax, such as `path:models/subscribers`.

        Raises:
            DbtFailed: One failed, or there is none.
        """
        with self._scratch(f"{self.schema}_unit_tests") as (scratch,):
            # A given row gets its types from the view it stands in for.
            self._call(["run", "--select", f"{of},config.materialized:view"], {}, schema=scratch)

            return self._call(["test", "--select", f"{of},test_type:unit"], {}, schema=scratch)

    def contract(self, model: str) -> FeatureContract:
        """
        Return the contract that the YAML beside *model* declares.

        Raises:
            DbtFailed: The project does not parse, or *model* declares no feature.
        """
        contracts = feature_contract.recall(self.project_dir, self.state)
        if contracts is None:
            contracts = self._call(["parse"], {}, is_work=False).contracts
        if model not in contracts:
            raise DbtFailed(
                f"{model} declares no feature; {len(contracts)} models do: "
                f"{', '.join(sorted(contracts))}",
                next_step="name one of those in churn.toml, or add config.meta.feature to its YAML",
            )

        return contracts[model]

    def replay_differences(
        self, *, model: str, as_of: date, variables: Mapping[str, Any] | None = None
    ) -> list[str]:
        """
        Build *model* again from only what was known before *as_of*, and compare.

        Args:
            model: A feature model that is built for *as_of*.
            as_of: The snapshot to replay.
            variables: Variables it was built with, besides `as_ofs` and `raw_schema`.

        Returns:
            Columns that differ, in table order: these know the future. `customer_id` among them
            means that customers are missing or in excess.

        Raises:
            DbtFailed: The replay could not be built.
        """
        warehouse = Warehouse(self.url)
        name = f"replay_{model}_{as_of:%Y%m%d}"
        with self._scratch(name, f"{name}_raw") as (scratch, scratch_raw):
            feature_replay.cut(warehouse, raw_schema=self.raw_schema, into=scratch_raw, as_of=as_of)
            self._call(
                ["run", "--select", f"+{model}"],
                {
                    **(variables or {}),
                    "as_ofs": [as_of.isoformat()],
                    "raw_schema": scratch_raw,
                },
                schema=scratch,
            )
            columns = feature_replay.differences(
                warehouse, model=model, as_of=as_of, served=self.schema, replayed=scratch
            )
        warehouse.engine.dispose()
        log.info("features_replayed", model=model, as_of=str(as_of), differing=columns)

        return columns

    def build_seconds(
        self, *, model: str, as_of: date, without: Sequence[Collection[str]]
    ) -> list[float]:
        """
        Return what the server takes to work out the features of a day, each time without some.

        Args:
            model: A feature model.
            as_of: The day.
            without: Names of features that are left out, of each time one.

        Raises:
            DbtFailed: There is no such model, or it does not compile.
        """
        columns = ["as_of", "customer_id", *self.contract(model).columns]
        report = self._call(["compile", "--select", model], {"as_ofs": [as_of.isoformat()]})
        warehouse = Warehouse(self.url)
        try:
            return costs.seconds(warehouse, report.compiled[model].query, columns, without)
        finally:
            warehouse.engine.dispose()

    def _call(
        self,
        command: Sequence[str],
        variables: Mapping[str, Any],
        *,
        schema: str | None = None,
        is_work: bool = True,
    ) -> BuildReport:
        """Run one dbt command, which must do something if *is_work*, and read what it left."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        variables = {"raw_schema": self.raw_schema, **variables}
        schema = schema or self.schema
        manifest = self._manifest(schema, variables)
        with scratch.folder(self.state, "target") as target:
            done = self._run(
                [
                    *("--quiet", "--log-format", "json", "--no-use-colors"),
                    *("--log-path", str(self.log_file.parent), "--log-level-file", "info"),
                    *command,
                    *("--project-dir", str(self.project_dir)),
                    *("--profiles-dir", str(self.house_dir or self.project_dir)),
                    *("--target-path", str(target), "--no-partial-parse"),
                    *("--vars", json.dumps(variables)),
                ],
                manifest,
                environment.of(self.url, schema),
            )
            results.withhold(self.log_file)
            nodes = results.nodes(target / "run_results.json")
            if done.returncode != 0 or any(node.is_failed for node in nodes):
                raise results.failure(nodes, done, self.url, self.log_file)
            if is_work and not nodes:
                raise DbtFailed(
                    f"dbt {command[0]} found nothing to do for {' '.join(command[1:])}",
                    next_step="check feature_model and label_model in churn.toml",
                )
            if schema == self.schema:
                parsed.keep(target, self.project_dir, manifest, variables)
            contracts = feature_contract.remember(
                target / "manifest.json", self.project_dir, self.state
            )

            built = compiled.read(
                target / "manifest.json", [*contracts], variables.get("as_ofs", ())
            )

        return BuildReport(built, nodes, contracts)

    def _run(
        self, words: Sequence[str], manifest: Path, connection: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Have dbt do what *words* say, by the process that waits for them if there is one."""
        if self.ahead is not None and self.ahead.fits(manifest, connection):
            return self.ahead.run(words)

        return subprocess.run(
            [sys.executable, "-P", str(COMMAND_LINE), str(manifest), *words],
            env={**os.environ, **connection},
            cwd=self.state,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _manifest(self, schema: str, variables: Mapping[str, Any]) -> Path:
        """Name the file of what was parsed, whether or not it is there."""
        return parsed.manifest_path(
            self.project_dir,
            self.state,
            database=sa.make_url(self.url).database or "",
            schema=schema,
            variables=variables,
        )

    @contextmanager
    def _scratch(self, *schemas: str) -> Iterator[tuple[str, ...]]:
        """Have no such *schemas* before the block, and none after it."""
        warehouse = Warehouse(self.url)
        drop = f"drop schema if exists {', '.join(schemas)} cascade"
        try:
            warehouse.execute(drop)
            yield schemas
        finally:
            warehouse.execute(drop)
            warehouse.engine.dispose()
