"""What dbt says it did."""

import json
from pathlib import Path
from typing import Any

from pipelines.adapters.dbt import results
from pipelines.adapters.dbt.results import MESSAGE_LENGTH, Node


def result(unique_id: str, **values: Any) -> dict[str, Any]:
    """One entry of run_results.json."""
    return {
        "unique_id": unique_id,
        "status": "success",
        "execution_time": 0.5,
        "failures": None,
        "adapter_response": {},
        "message": None,
        **values,
    }


def test_nodes_read_rows_of_models_and_of_tests(tmp_path: Path) -> None:
    """Rows are those written by a model, and those that failed a test."""
    path = tmp_path / "run_results.json"
    entries = [
        result("model.churn.fct", adapter_response={"rows_affected": 7}, message="INSERT 0 7"),
        result("model.churn.view", adapter_response={"rows_affected": -1}),
        result("test.churn.key_fct.a1b2", status="fail", failures=3, message="Got 3\n  results"),
        result("unit_test.churn.int_usage.usage_is_counted", status="pass"),
    ]
    path.write_text(json.dumps({"results": entries}))

    expected = (
        Node("fct", "success", 0.5, 7, "INSERT 0 7"),
        Node("view", "success", 0.5, None, ""),
        Node("key_fct", "fail", 0.5, 3, "Got 3 results"),
        Node("usage_is_counted", "pass", 0.5, None, ""),
    )
    assert expected == results.nodes(path)
    assert [False, False, True, False] == [node.is_failed for node in expected]


def test_nodes_are_none_where_dbt_did_not_parse(tmp_path: Path) -> None:
    """Without run results there are no nodes, and no exception."""
    assert () == results.nodes(tmp_path / "run_results.json")


def test_errors_are_the_lines_of_that_level() -> None:
    """Other levels, and lines that are not JSON, are not errors."""
    lines = [
        json.dumps({"info": {"level": "warn", "msg": "old"}}),
        "a warning of Python",
        json.dumps({"info": {"level": "error", "msg": "no\n model"}}),
    ]

    assert ["no model"] == results.errors("\n".join(lines))


def test_shorten_keeps_both_ends() -> None:
    """A long message keeps what dbt says first and what the database says last."""
    short = results.shorten("begin " + "x" * 2 * MESSAGE_LENGTH + " end")

    assert short.startswith("begin ")
    assert short.endswith(" end")
    assert MESSAGE_LENGTH + 3 == len(short)


QUOTING = (
    "Database Error in model fct\n  duplicate key violates unique constraint\n"
    '  DETAIL:  Key (as_of, customer_id)=(2026-01-01, C"17\n18) is duplicated.\n'
    "  CONTEXT:  COPY fct, line 3: C17\n  compiled code at fct.sql"
)
TOLD = (
    "Database Error in model fct\n  duplicate key violates unique constraint\n"
    "  compiled code at fct.sql"
)


def test_values_of_rows_are_not_told() -> None:
    """What PostgreSQL quotes of a row stays out of messages, which go into alerts."""
    assert " ".join(TOLD.split()) == results.shorten(QUOTING)
    assert "no such key" == results.shorten("no such key\nDETAIL:  Key (a)=(1).")


def test_values_of_rows_are_taken_out_of_the_log(tmp_path: Path) -> None:
    """Other lines stay as they are, and a log that quotes nothing is not written anew."""
    log = tmp_path / "dbt.log"
    lines = [{"msg": "started"}, {"msg": QUOTING, "level": "error"}, {"msg": "a DETAIL: b"}]
    log.write_text("\n".join(map(json.dumps, lines)))
    results.withhold(log)
    written = log.stat().st_mtime_ns
    results.withhold(log)
    results.withhold(tmp_path / "none.log")

    lines[1]["msg"] = TOLD
    assert lines == [json.loads(line) for line in log.read_text().splitlines()]
    assert written == log.stat().st_mtime_ns
