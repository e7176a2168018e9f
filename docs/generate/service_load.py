"""How long the service takes at rising rates: a table and a picture of docs/service-load.json."""

from collections.abc import Sequence

from docs.generate.blocks import table
from docs.generate.line_chart import Point, chart
from tests.benchmarks.api_rates import MOST_P95_MS, Rate, kinds, knee


def service_load(rates: Sequence[Rate]) -> str:
    """Return up to which rate each kind is kept, and one row a kind and rate."""
    rows = [
        (
            *(each.kind, each.rate, f"{each.answered:,}", each.errors or "none"),
            *(f"{time:,.0f}" for time in (each.p50_ms, each.p95_ms, each.p99_ms)),
        )
        for of_kind in kinds(rates).values()
        for each in of_kind
    ]
    head = ("route", "requests a second", "answered", "errors", "p50 ms", "p95 ms", "p99 ms")

    return f"{_sentence(rates)}\n\n{table(head, rows)}"


def load_picture(rates: Sequence[Rate]) -> str:
    """Return the 95th percentile by rate, a line a kind; what is not kept is an empty circle."""
    return chart(
        {
            kind: [Point(each.rate, each.p95_ms, each.is_kept) for each in of_kind]
            for kind, of_kind in kinds(rates).items()
        },
        title=_sentence(rates),
        axis="requests a second; 95 in 100 are answered within",
        ticks=sorted({each.rate for each in rates}),
        source="Made from docs/service-load.json by `make docs`.",
        bound_ms=MOST_P95_MS,
        is_logarithmic=True,
    )


def _sentence(rates: Sequence[Rate]) -> str:
    """Return up to which rate every request of each kind is answered in time."""
    kept = ", ".join(
        f"{kind} up to {highest:,}" if (highest := knee(each)) else f"{kind} at none of the rates"
        for kind, each in kinds(rates).items()
    )
    connections = max(each.connections for each in rates)

    return (
        f"Over {connections:,} connections, without an error and 95 in 100 within "
        f"{MOST_P95_MS:.0f} ms, requests a second: {kept}."
    )
