"""The model card, in Markdown and as a page."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pipelines.adapters.models import card
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.evaluation import Estimate
from pipelines.domain.training.measures.slices import Slice
from pipelines.domain.training.measures.worth import Cost, Worth
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.tier_promises import tier_promises
from pipelines.testing.contracts.models.customers import package_of

ATTACK = "</table><script>alert(1)</script>|\x1b[31m"
GAP = Slice(
    "region", f"region = {ATTACK}", 500, 50, 80.5, 0.62, 0.4, 0.9, 0.71, 0.74, 0.03, 0.31,
    ("fewer leave",), is_protected=True,
)  # fmt: skip
QUIET = [
    replace(
        GAP,
        name=f"plan = {number}",
        gaps=(),
        is_protected=False,
        observed_to_expected=1 + number / 100,
    )
    for number in range(20)
]


class Outside(HTMLParser):
    """What a page asks for, and which elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.elements: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember addresses."""
        self.elements.add(tag)
        self.asked += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


@pytest.fixture(scope="module")
def package() -> ModelPackage:
    """A model whose groups, tiers and features are called what somebody else made up."""
    made = package_of(Trainer(), population="subscribers")
    tiers = TierPolicy({"high": 0.5}, {"low": "none", "high": "call"})
    first, *others = made.spec.contract.features
    contract = replace(
        made.spec.contract, features=(replace(first, title=f"Fee {ATTACK}"), *others)
    )

    return replace(
        made,
        spec=replace(made.spec, contract=contract),
        out_of_fold=made.evaluation,
        tiers=tier_promises(TierBounds.of(tiers), made.probabilities, made.is_churned),
        slices=(*QUIET, GAP),
    )


def test_the_card_says_what_the_model_is_worth(package: ModelPackage) -> None:
    """Each measure on the test and out of fold, gaps first, and only the oddest of the rest."""
    text = card.text(package)
    auc = package.evaluation["auc"]

    assert f"| auc | {auc} | {auc} |" in text
    assert "The threshold is that of the tier high, 0.6; capacity is 5 % of a list." in text
    assert "Of 21 groups of customers 1 differ" in text
    assert "(protected)" in text
    assert "plan = 19" in text
    assert "plan = 3 " not in text


def test_the_card_says_what_becomes_of_contacting_the_riskiest(package: ModelPackage) -> None:
    """The capacity of the business among the usual shares, as a table in both."""
    odd = replace(package, decision=replace(package.decision, capacity_pct=7.5))
    text, page = card.text(odd), card.page(odd)
    rate = package.is_churned.mean()

    for share in ("1 %", "5 %", "7.5 %", "100 %"):
        assert f"\n| {share} | " in text
        assert f"<td>{share}</td>" in page
    assert f"| 100 % | {rate:.1%} | 100.0% | 1.00 | " in text
    assert "\n| 7.5 % | " not in card.text(package)


def test_a_curve_that_loses_money_stays_in_its_frame(package: ModelPackage) -> None:
    """Zero is then not at the bottom; no point is outside of the picture."""
    costs = replace(package.costs, contact_cost=150.0)
    page = card.page(replace(package, costs=costs))
    heights = [
        float(point.partition(",")[2])
        for line in re.findall(r'points="([^"]+)"', page)
        for point in line.split()
    ]

    assert 500 < len(heights)
    assert 0 <= min(heights)
    assert card.SIZE >= max(heights)
    assert ">-1" in page


def test_names_end_no_table_and_mark_nothing_up(package: ModelPackage) -> None:
    """What features and their levels are called is text."""
    text = card.text(package)

    assert "alert(1)" in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\\|" in text


def test_the_page_asks_for_nothing_and_escapes_everything(package: ModelPackage) -> None:
    """One file: no address in it, no script, and six charts."""
    page = card.page(package)
    found = Outside(page)

    assert page.count("&lt;script&gt;alert(1)") >= 2
    assert [] == found.asked
    assert "script" not in found.elements
    assert "://" not in page
    assert "\x1b" not in page
    assert 6 == page.count("<svg ")
    assert "prefers-color-scheme: dark" in page
    assert "plan = 3<" in page


def test_the_page_has_every_measure_with_what_it_says(package: ModelPackage) -> None:
    """In words beside the numbers."""
    page = card.page(package)

    for name, estimate in package.evaluation.items():
        assert f"<td>{name}</td>" in page
        assert str(estimate) in page
        assert card.WORDS[name] in page


def test_what_families_of_features_add_is_told_where_somebody_asked(package: ModelPackage) -> None:
    """In both, beside what they cost; names are text."""
    price = Worth(f"price{ATTACK}", 8, Estimate(0.01, -0.001, 0.02), Cost(2.0, 1.5))
    asked = replace(package, worth=(price,))

    told = "| 8 | +0.0100 [-0.0010, +0.0200] | not surely worth anything | 25 % of 2 s |"
    assert told in card.text(asked)
    assert "+0.0100 [-0.0010, +0.0200]" in card.page(asked)
    assert "25 % of 2 s" in card.page(asked)
    assert "<script" not in card.text(asked) + card.page(asked)
    assert "What families" not in card.page(package)


def test_what_was_tried_is_told_where_it_is_known(package: ModelPackage) -> None:
    """The family with the number of its trials."""
    assert '<td>logistic</td><td class="number">1</td>' in card.page(package)
    assert "What was tried" not in card.page(replace(package, trials={}))
