"""The probe: every suspicion of a leak that a table, or a training set, gives."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import begins_with, may_lie_ahead, words
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.leakage.filled import filled, level, tail
from pipelines.domain.leakage.finding import Finding
from pipelines.domain.leakage.identifiers import identifier
from pipelines.domain.leakage.own_rates import own_rates
from pipelines.domain.leakage.ranking import FOLDS, LEAST_OF_EACH, folds, grouped, out_of_fold_auc
from pipelines.domain.leakage.together import together
from pipelines.domain.leakage.told import Codes, Told, of_column, of_feature

# Single honest columns reached 0.82 on eight tables and leaks began at 0.85, both out of fold.
LEAK_AUC = 0.85
# Of a column that is called after the outcome, or after a prediction of it.
NAMED_AUC = 0.75
# Of a column that says what it counts: silence, and little use, are the best honest reasons there
# are, and no score is called so.
COUNTED_AUC = 0.90
COUNTED_WORDS = frozenset(
    {
        *("calls", "count", "days", "frequency", "hours", "idle", "logins", "minutes", "months"),
        *("orders", "purchases", "recency", "sessions", "tenure", "transactions", "usage"),
        *("visits", "weeks", "years"),
    }
)
OUTCOME_STEMS = ("churn", "attrit", "predict", "propens", "abwander", "kündig", "resili", "résili")
# Of rows with both: so many times of a column come after the day of their row, but for mistakes.
SHARE_LATER = 0.05
DAY = np.timedelta64(1, "D")
# Rows that are looked at, evenly spread; more would be no surer.
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What the probe says of columns.

    Attributes:
        aucs: How well each alone tells who left, out of fold, by name.
        findings: What is suspect, in the order of the columns, several together last.
    """

    aucs: dict[str, float]
    findings: tuple[Finding, ...]


def of_table(
    columns: Sequence[Column],
    is_judged: Flags,
    is_churned: Flags,
    *,
    key: str | None = None,
    time: Column | None = None,
    accepted: Collection[str] = (),
    most_rows: int = MOST_ROWS,
) -> Judged:
    """
    Return what is suspect among the columns of a table; nothing of too few rows.

    Args:
        columns: Without the label.
        is_judged: `(n_rows,)`, which rows have a label.
        is_churned: `(n_rows,)`, whose customer left.
        key: Header of the column that says whose a row is; no model learns from it.
        time: The column that says when a row was known.
        accepted: Headers of columns that are not looked at: a person has answered for them.
        most_rows: Of more, so many evenly spread ones are looked at.
    """
    outcome = is_churned[is_judged]
    if not is_enough(outcome):
        return Judged({}, ())
    asked = [column for column in columns if column.kind != "empty" and column.name not in accepted]
    given = [
        finding
        for column in asked
        if (column.kind == "identifier" or column.name == key)
        and (finding := _identifier(column, is_judged & ~column.missing_rows, is_churned))
    ]
    given += [
        finding
        for column in asked
        if time is not None and column is not time and (finding := _later(column, time, is_judged))
    ]
    suspect = {key, *(name for finding in given for name in finding.columns)}
    told = (
        of_column(column).only(is_judged)
        for column in asked
        if column.name not in suspect and column is not time
    )
    owner = next((column for column in columns if column.name == key), None)
    judged = _judged(
        told,
        outcome,
        bound=LEAK_AUC,
        fold=None if owner is None else of_column(owner).only(is_judged).codes % FOLDS,
        independent=1.0 if owner is None else owner.distinct / max(1, owner.known),
        most_rows=most_rows,
    )

    return Judged(judged.aucs, (*given, *judged.findings))


def of_features(
    matrix: Matrix,
    is_churned: Flags,
    contract: FeatureContract,
    *,
    bound: float,
    is_dated: bool,
    accepted: Collection[str] = (),
) -> Judged:
    """
    Return what is suspect among the features of a training set; nothing of too few rows.

    Features of days before the outcome are replayed, so that it is known that they were there. Who
    is silent on such a day may well be gone for good: a value that only those who left have is no
    suspicion then, and a value nobody else has at all still is.

    Args:
        matrix: `(n_customers, n_features)` as `encode` returns it.
        is_churned: `(n_customers,)`.
        contract: Names, kinds and levels of the features, in column order.
        bound: AUC above which one feature alone is suspect.
        is_dated: Whether they are those of days before the outcome.
        accepted: Names of features that are not looked at.
    """
    if not is_enough(is_churned):
        return Judged({}, ())
    if is_dated:
        rows = _spread(is_churned, MOST_ROWS)
        matrix, is_churned = matrix[rows], is_churned[rows]
    told = (
        of_feature(feature, matrix[:, position])
        for position, feature in enumerate(contract.features)
        if feature.name not in accepted
    )

    return _judged(told, is_churned, bound=bound, is_dated=is_dated)


def is_enough(is_churned: Flags) -> bool:
    """Tell whether there are rows enough of both kinds to judge columns by."""
    return bool(min(is_churned.sum(), (~is_churned).sum()) >= LEAST_OF_EACH)


def auc_alone(told: Told, is_churned: Flags) -> float:
    """Return how well a column alone tells who left, by its values and where it has none."""
    return out_of_fold_auc(grouped(told), is_churned)


def _judged(
    columns: Iterable[Told],
    is_churned: Flags,
    *,
    bound: float,
    fold: Codes | None = None,
    independent: float = 1.0,
    is_dated: bool = False,
    most_rows: int = MOST_ROWS,
) -> Judged:
    """
    Judge each column alone, and those that are not suspect together.

    What a customer is like is said once in all of their rows: they are of one fold, and as evidence
    they count as one.
    """
    rows = _spread(is_churned, most_rows)
    is_whole = len(rows) == len(is_churned)
    taken: list[Told] = []
    rates: dict[str, Finding] = {}
    for told in columns:
        if not (is_dated or is_whole):
            # A rate is that of all of its rows; those of one column at a time fit in memory.
            rates |= own_rates([told], is_churned)
        taken.append(told.only(rows))
    is_churned = is_churned[rows]
    fold = (folds(len(rows)) if fold is None else fold[rows]).astype(np.intp)
    if is_whole and not is_dated:
        rates = own_rates(taken, is_churned)
    aucs: dict[str, float] = {}
    findings: list[Finding] = []
    honest: list[Told] = []
    for told in taken:
        groups = grouped(told)
        auc = out_of_fold_auc(groups, is_churned, fold)
        if told.scale != "own":
            aucs[told.name] = auc
        finding = (
            _written(told, auc, is_churned, independent=independent, is_dated=is_dated)
            or _telling(told, auc, bound)
            or (None if is_dated else _given(told, groups, auc, is_churned, independent))
            or rates.get(told.name)
        )
        if finding is not None:
            findings.append(finding)
        elif told.scale != "own":
            honest.append(told)
    findings += together(honest, [aucs[told.name] for told in honest], is_churned, fold)

    return Judged(aucs, tuple(findings))


def _spread(is_churned: Flags, most_rows: int) -> Codes:
    """Return positions of rows, evenly spread, or all of them where few have left."""
    rows = np.unique(np.linspace(0, len(is_churned) - 1, most_rows).astype(np.intp))

    return rows if is_enough(is_churned[rows]) else np.arange(len(is_churned), dtype=np.intp)


def _written(
    told: Told, auc: float, is_churned: Flags, *, independent: float, is_dated: bool
) -> Finding | None:
    """Return the suspicion that a column was written when it was over, and how well it tells."""
    found = filled(told, is_churned, independent=independent, is_dated=is_dated)

    return None if found is None else Finding(found.columns, found.kind, found.reason, auc)


def _telling(told: Told, auc: float, bound: float) -> Finding | None:
    """Return the suspicion that a column tells too well who left."""
    if COUNTED_WORDS & {*words(told.name)}:
        bound = max(bound, COUNTED_AUC)
    if auc <= bound or told.scale == "own":
        return None
    reason = f"alone tells who left (AUC {auc:.2f}): known only afterwards?"

    return Finding((told.name,), "tells", reason, auc)


def _given(
    told: Told, groups: Codes, auc: float, is_churned: Flags, independent: float
) -> Finding | None:
    """Return the suspicion that values were given, or a score was, because somebody left."""
    if told.scale == "own":
        return None
    if auc > NAMED_AUC and begins_with(told.name, OUTCOME_STEMS):
        reason = (
            f"is called after the outcome, and alone tells who left (AUC {auc:.2f}): the outcome "
            "itself, or another model's score?"
        )
        return Finding((told.name,), "named", reason, auc)

    return level(told, is_churned, independent=independent) or tail(
        told, groups, is_churned, independent=independent
    )


def _identifier(column: Column, rows: Flags, is_churned: Flags) -> Finding | None:
    """Return the suspicion that an identifier was given by outcome, where it was given."""
    outcome = is_churned[rows]

    return identifier(column, rows, outcome, bound=LEAK_AUC) if is_enough(outcome) else None


def _later(column: Column, time: Column, is_judged: Flags) -> Finding | None:
    """Return the suspicion that times lie after the day their row was known."""
    if column.kind not in {"date", "instant"} or may_lie_ahead(column.name):
        return None
    days = time.row_instants[is_judged].astype("datetime64[D]")
    times = column.row_instants[is_judged]
    both = ~np.isnat(times) & ~np.isnat(days)
    if not both.any():
        return None
    share = float((times[both] >= days[both] + DAY).mean())
    if share < SHARE_LATER:
        return None
    reason = f"lies after {time.name} in {share:.0%} of its rows: not known then"

    return Finding((column.name,), "later", reason)
