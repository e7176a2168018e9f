"""Great Expectations' Data Docs of one gate: pages for people, in a folder of their own."""

import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.adapters.libraries.expectations import (
    ExpectationSuiteIdentifier,
    RunIdentifier,
    ValidationResultIdentifier,
)
from pipelines.domain.gates.report import GateResult

SITE = "gate"


def build(
    context: Any,  # noqa: ANN401  GX carries no types
    answers: Sequence[Any],
    results: Sequence[GateResult],
    folder: Path,
) -> Path:
    """
    Write the pages of some validation results, replacing those of an earlier check.

    GX knows where a batch comes from; its pages are told neither the query nor the connection.

    Args:
        context: GX's context the results were made in.
        answers: Its validation results, one a batch.
        results: What was made of them, for the first page.
        folder: Where the pages go: `…/<population>/<as_of>/<gate>`.

    Returns:
        The page to open first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in context.get_site_names():
        context.delete_data_docs_site(name)
    context.add_data_docs_site(
        site_name=SITE,
        site_config={
            "class_name": "SiteBuilder",
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
            "show_how_to_buttons": False,
            # Suites are no part of the context, and nothing here is a profile.
            "site_section_builders": {"expectations": "none", "profiling": "none"},
        },
    )
    run = RunIdentifier(run_name=folder.name, run_time=datetime.now(UTC))
    for answer in answers:
        answer.meta = {"run_id": run, "active_batch_definition": {}, "batch_spec": {}}
        suite = ExpectationSuiteIdentifier(answer.suite_name)
        context.validation_results_store.add(
            key=ValidationResultIdentifier(suite, run, answer.suite_name), value=answer
        )
    context.build_data_docs(site_names=[SITE], build_index=False)
    _share(folder / "static", folder.parents[2] / "static")
    first = folder / "index.html"
    first.write_text(_first_page(folder, results), "utf-8")

    return first


def _first_page(folder: Path, results: Sequence[GateResult]) -> str:
    """Return a page that needs no script from elsewhere, as GX's own index does: every result."""
    pages = sorted(folder.glob("validations/**/*.html"))
    links = "".join(
        f'<li><a href="{quote(str(page.relative_to(folder)))}">{escape(page.stem)}</a></li>'
        for page in pages
    )
    rows = "".join(
        f"<tr><td>{'passed' if result.is_passed else f'<b>{result.severity}</b>'}</td>"
        f"<td>{escape(result.sentence)}</td><td>{escape(result.owner)}</td></tr>"
        for result in sorted(results, key=lambda result: result.is_passed)
    )
    population, as_of, gate = folder.parts[-3:]
    title = escape(f"{gate} gate of {population}, {as_of}")
    failed = sum(not result.is_passed for result in results)

    return (
        f"<!doctype html><meta charset=utf-8><title>{title}</title>"
        "<style>body{font:16px/1.5 sans-serif;margin:2em}td{padding:.2em 1em .2em 0;"
        "border-top:1px solid #ddd;vertical-align:top}</style>"
        f"<h1>{title}</h1><p>{failed} of {len(results)} checks did not pass.</p>"
        f"<h2>Great Expectations' pages</h2><ul>{links}</ul>"
        f"<h2>Checks</h2><table>{rows}</table>"
    )


def _share(assets: Path, shared: Path) -> None:
    """Keep one copy of GX's fonts and styles, 4 MB, for all pages of an installation."""
    if shared.exists():
        shutil.rmtree(assets)
    else:
        assets.rename(shared)
    assets.symlink_to(Path(os.path.relpath(shared, assets.parent)), target_is_directory=True)
