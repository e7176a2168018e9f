"""The model card: what a model is for, what it learned from and how good it is, for people."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import jinja2

from pipelines.domain.cells import visible
from pipelines.domain.features.contract import Feature
from pipelines.domain.training import tier_promises
from pipelines.domain.training.measures import contacted, curves, slices
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.training_set import PARTS

TEMPLATE = Path(__file__).with_name("card_page.html")
STRONGEST = 10
# Of slices without a gap so many are in Markdown, the page has all.
MOST_QUIET = 6
WORTH = (
    *("family of features", "features", "AUC lost without them", "so they"),
    "time a night would save without them",
)
SIZE = 300  # of a chart, in its own units

# What each measure says, by the name it has everywhere.
WORDS = {
    "auc": "how often who leaves is ranked above who stays",
    "pr_auc": "mean precision over all thresholds",
    "lift_10pct": "churners in the riskiest tenth, as a multiple of a random tenth",
    "log_loss": "surprise at what happened; lower is better",
    "brier": "mean squared distance from what happened; lower is better",
    "calibration_slope": "1 where probabilities mean what they say; lower, they are too extreme",
    "calibration_intercept": "0 where as many leave as they say",
    "accuracy": "told rightly, at the threshold",
    "precision": "of those contacted at the threshold, who leaves",
    "recall": "of those who leave, who is contacted at the threshold",
    "f1": "harmonic mean of the two",
    "precision_at_capacity": "of as many as can be contacted, who leaves",
    "recall_at_capacity": "of those who leave, who is among them",
    "lift_at_capacity": "churners among them, as a multiple of as many at random",
    "expected_maximum_profit": "what a campaign earns a customer of the list, at its best",
    "profitable_pct": "percent of the list to contact for that",
}


def text(package: ModelPackage) -> str:
    """Return the card of one model as Markdown."""
    spec = package.spec
    lines = [
        f"# churn-{spec.population}, {spec.family}, trained at {spec.as_of}",
        "",
        *_purpose(),
        "",
        "| part | snapshots | customers | churners |",
        "|---|---|---|---|",
        *(f"| {' | '.join(cells)} |" for cells in _parts(package)),
        "",
        "| measure, with 95 % interval | test | out of fold |",
        "|---|---|---|",
        *(f"| {name} | {test} | {fold} |" for name, test, fold in _measures(package)),
        *(f"| {name} | {value:.4f} | |" for name, value in package.cross_validation.items()),
        "",
        *_decided(package),
        "",
        *tier_promises.table(package.tiers),
        "",
        "On the test rows, by how many of the riskiest are contacted:",
        "",
        *contacted.table(_contacted(package)),
    ]
    if package.slices:
        lines += ["", *_gaps(package), "", f"| {' | '.join(slices.HEADINGS)} |"]
        lines += ["|" + "---|" * len(slices.HEADINGS)]
        lines += [
            f"| {' | '.join(_plain(cell) for cell in slices.cells(each))} |"
            for each in _shown(package)
        ]
    lines += ["", "| strongest features | share |", "|---|---|"]
    lines += [
        f"| {_plain(feature.title)} (`{feature.name}`) | {share:.3f} |"
        for share, feature in _strongest(package)
    ]
    if package.worth:
        lines += ["", f"| {' | '.join(WORTH)} |", "|" + "---|" * len(WORTH)]
        lines += [
            f"| {_plain(each.family)} | {each.features} | {each.told} | {each.verdict} "
            f"| {each.cost_told} |"
            for each in package.worth
        ]
    lines += ["", *map(_plain, _limits(package)), ""]

    return "\n".join(lines)


def page(package: ModelPackage) -> str:
    """Return the card as one HTML page that asks for no other file; names in it are no markup."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["visible"] = lambda value: visible(str(value))
    environment.filters["line"] = _line
    environment.filters["place"] = lambda value: f"{SIZE * value:.1f}"
    counted = Cells.of(package.is_churned, package.probabilities)
    many = contacted.contacted(counted, package.costs, contacted.MANY_SHARES)

    return environment.from_string(TEMPLATE.read_text("utf-8")).render(
        title=f"churn-{package.spec.population}, {package.spec.family}, "
        f"trained at {package.spec.as_of}",
        purpose=" ".join(_purpose()),
        parts=list(_parts(package)),
        measures=[(*row, WORDS[row[0]]) for row in _measures(package)],
        cross_validation=package.cross_validation,
        decided=_decided(package),
        tiers=package.tiers,
        gaps=_gaps(package),
        headings=slices.HEADINGS,
        slices=[(slices.cells(each), bool(each.gaps)) for each in slices.loudest(package.slices)],
        strongest=list(_strongest(package)),
        worth_headings=WORTH,
        worth=package.worth,
        families={family: trials for family, trials in package.trials.items() if trials},
        roc=curves.roc(counted),
        gain=curves.gain(counted),
        precision_recall=curves.precision_recall(counted),
        base_rate=float(package.is_churned.mean()),
        lift=_scaled([(each.share, each.lift) for each in many]),
        profit=_scaled([(0.0, 0.0), *((each.share, each.profit) for each in many)]),
        contacted=[contacted.in_words(each) for each in _contacted(package)],
        bins=[dataclasses.asdict(each) for each in curves.reliability(counted)],
        capacity=package.decision.capacity_pct / 100,
        size=SIZE,
        limits=_limits(package),
    )


def _purpose() -> list[str]:
    """Return what the model is for, and what it is not."""
    return [
        "Estimates how likely each customer is to leave, to decide whom to contact. It says who,",
        "not what would keep them, and was not tested for any other use.",
    ]


def _parts(package: ModelPackage) -> Iterator[tuple[str, ...]]:
    """Yield each part with its snapshots, customers and churners."""
    for part in PARTS:
        days, counts = getattr(package.spec.split, part), package.counts[part]
        span = f"{days[0]} to {days[-1]} ({len(days)})"
        yield part, span, f"{counts['rows']:,}", f"{counts['churners']:,}"


def _measures(package: ModelPackage) -> Iterator[tuple[str, str, str]]:
    """Yield each measure with its estimates on the test rows and out of fold."""
    for name, estimate in package.evaluation.items():
        yield name, str(estimate), str(package.out_of_fold.get(name, ""))


def _decided(package: ModelPackage) -> list[str]:
    """Return which threshold, capacity and costs the measures are of."""
    decision, costs = package.decision, package.costs
    mean = costs.acceptance_alpha / (costs.acceptance_alpha + costs.acceptance_beta)

    return [
        f"The threshold is that of the tier {decision.tier}, {decision.threshold:g}; capacity is "
        f"{decision.capacity_pct:g} % of a list.",
        f"Profit: a customer is worth {costs.customer_lifetime_value:g}, the offer costs "
        f"{costs.offer_cost:g}, a contact {costs.contact_cost:g}, and {mean:.0%} of churners are "
        "expected to take the offer.",
    ]


def _gaps(package: ModelPackage) -> list[str]:
    """Return how many groups were looked at, and in how many the model surely differs."""
    gaps = sum(bool(each.gaps) for each in package.slices)

    return [
        f"Of {len(package.slices)} groups of customers {gaps} differ from everybody by more than "
        "chance. Left of each expected is 1 where the probabilities are right; its interval is "
        "wider the more groups there are. The AUC expected is what the probabilities promise.",
    ]


def _shown(package: ModelPackage) -> list[slices.Slice]:
    """Return the slices with a gap or a protected feature, and the oddest of the others."""
    ordered = slices.loudest(package.slices)
    loud = [each for each in ordered if each.gaps or each.is_protected]
    quiet = [each for each in ordered if not (each.gaps or each.is_protected)]

    return loud + sorted(quiet, key=lambda each: -each.oddity)[:MOST_QUIET]


def _strongest(package: ModelPackage) -> list[tuple[float, Feature]]:
    """Return the features with the largest share in the model."""
    shares = zip(package.fitted.importances, package.spec.contract.features, strict=True)

    return sorted(shares, key=lambda pair: -pair[0])[:STRONGEST]


def _limits(package: ModelPackage) -> list[str]:
    """Return what it was made from, and what it cannot see."""
    unseen = ", ".join(each.name for each in package.spec.contract.attributes)

    return [
        f"Contract {package.spec.contract.fingerprint}, data {package.data_fingerprint}.",
        "It cannot see a change in why customers leave before the labels after it are due.",
        *([f"It does not see, and is looked at by: {unseen}."] if unseen else []),
    ]


def _plain(words: str) -> str:
    """Return text as a cell of a table in Markdown, which it neither ends nor marks up."""
    return visible(words).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _contacted(package: ModelPackage) -> list[contacted.Contacted]:
    """Return what becomes of the usual shares of the test rows, and of the capacity."""
    capacity = package.decision.capacity_pct / 100

    return contacted.contacted(
        Cells.of(package.is_churned, package.probabilities),
        package.costs,
        sorted({*contacted.USUAL_SHARES, capacity}),
    )


def _scaled(points: curves.Points) -> dict[str, object]:
    """Return points with heights between 0 and 1, where 0 is, and three heights in words."""
    heights = [0.0, *(y for _, y in points)]
    low, high = min(heights), max(heights)
    span = (high - low) or 1.0

    return {
        "points": [(x, (y - low) / span) for x, y in points],
        "zero": -low / span,
        "ticks": [(tick, f"{low + tick * span:.3g}") for tick in (0, 0.5, 1)],
    }


def _line(points: curves.Points) -> str:
    """Return points between 0 and 1 as those of an SVG line, 0 at the bottom."""
    return " ".join(f"{SIZE * x:.1f},{SIZE * (1 - y):.1f}" for x, y in points)
