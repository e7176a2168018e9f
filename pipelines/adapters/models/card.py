"""The model card: what a model is for, what it learned from and how good it is, for people."""

from pipelines.domain.training import tier_promises
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.training_set import PARTS


def text(package: ModelPackage) -> str:
    """Return the card of one model as Markdown."""
    spec, counts = package.spec, package.counts
    lines = [
        f"# churn-{spec.population}, {spec.family}, trained at {spec.as_of}",
        "",
        "Estimates how likely each customer is to leave, to decide whom to contact. It says who,",
        "not what would keep them, and was not tested for any other use.",
        "",
        "| part | snapshots | customers | churners |",
        "|---|---|---|---|",
    ]
    for part in PARTS:
        days = getattr(spec.split, part)
        lines.append(
            f"| {part} | {days[0]} to {days[-1]} ({len(days)}) | {counts[part]['rows']} "
            f"| {counts[part]['churners']} |"
        )
    lines += ["", "| on the test rows | value and 95 % interval |", "|---|---|"]
    lines += [f"| {name} | {estimate} |" for name, estimate in package.evaluation.items()]
    lines += [f"| {name} | {value:.4f} |" for name, value in package.cross_validation.items()]
    lines += ["", "| out of fold, on the rows it learned from | value and 95 % interval |"]
    lines += ["|---|---|"]
    lines += [f"| {name} | {estimate} |" for name, estimate in package.out_of_fold.items()]
    lines += ["", *tier_promises.table(package.tiers)]
    strongest = sorted(
        zip(package.fitted.importances, spec.contract.features, strict=True),
        key=lambda pair: -pair[0],
    )[:10]
    lines += ["", "| strongest features | share |", "|---|---|"]
    lines += [
        f"| {feature.title} (`{feature.name}`) | {share:.3f} |" for share, feature in strongest
    ]
    lines += [
        "",
        f"Contract {spec.contract.fingerprint}, data {package.data_fingerprint}.",
        "It cannot see a change in why customers leave before the labels after it are due.",
        "",
    ]

    return "\n".join(lines)
