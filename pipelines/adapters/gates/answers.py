"""What Great Expectations answers, cut down to what may be kept: never a value of a row."""

from typing import Any

from pipelines.adapters.warehouse.quoted_values import without_values

# What Data Docs need for a sentence, and what holds no value.
COUNTED = {
    *("element_count", "missing_count", "missing_percent", "unexpected_count"),
    *("unexpected_percent", "unexpected_percent_total", "unexpected_percent_nonmissing"),
}


def observed(answer: Any, *, is_about_columns: bool) -> dict[str, Any]:  # noqa: ANN401  untyped
    """
    Return what an expectation found.

    Args:
        answer: Great Expectations' validation result.
        is_about_columns: Whether it found a type, which is a name, rather than a value.

    Returns:
        Counts and percentages, one number, names of columns, a type, or under `error` the reason
        why nothing was found.
    """
    raised = _raised(answer.exception_info)
    result = answer.result
    if raised:
        return {"error": first_line(str(raised[0]["exception_message"]))}
    if "element_count" in result:
        counts = {
            "rows": result["element_count"],
            "missing": result.get("missing_count"),
            "unexpected": result.get("unexpected_count"),
            "unexpected_pct": result.get("unexpected_percent"),
        }
        return {name: count for name, count in counts.items() if count is not None}
    if "mismatched" in result.get("details", {}):
        return {"missing": result["details"]["mismatched"].get("missing", [])}

    value = result.get("observed_value")
    is_number = value is None or isinstance(value, int | float)
    if is_about_columns and isinstance(value, list):
        return {"missing": []}

    return {"value": value if is_about_columns or is_number else "withheld"}


def first_line(message: str) -> str:
    """Return the first line of *message*, without the values PostgreSQL quotes."""
    return (without_values(message).strip().splitlines() or ["unknown"])[0][:300]


def withhold(answer: Any, *, is_about_columns: bool) -> None:  # noqa: ANN401  untyped
    """
    Take from an answer what Data Docs would show of rows: values, and errors that quote them.

    Args:
        answer: Great Expectations' validation result; modified.
        is_about_columns: Whether it found names and types, which may be shown.
    """
    for item in _raised(answer.exception_info):
        item["exception_message"] = first_line(str(item["exception_message"]))
        item["exception_traceback"] = ""
    if is_about_columns:
        return
    kept = {key: value for key, value in answer.result.items() if key in COUNTED}
    value = answer.result.get("observed_value")
    if value is not None:
        kept["observed_value"] = value if isinstance(value, int | float) else "withheld"
    answer.result = kept


def _raised(info: Any) -> list[dict[str, Any]]:  # noqa: ANN401  untyped
    """Return what was raised: alone, or by the metric that raised it."""
    alone = [info] if "raised_exception" in info else [*info.values()]

    return [item for item in alone if item["raised_exception"]]
