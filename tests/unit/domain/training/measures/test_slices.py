"""Whether a model is as good for some customers as for others."""

import numpy as np
import pytest
from sklearn import metrics

from pipelines.domain.training.measures.groups import Group
from pipelines.domain.training.measures.slices import HEADINGS, LEAST, cells, loudest, slices

ROWS = 8000


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, list[Group]]:
    """Return outcomes that probabilities are right about, and 20 groups nothing depends on."""
    random = np.random.default_rng(seed)
    probabilities = random.beta(1, 6, ROWS)
    number = random.integers(0, 20, ROWS)
    groups = [Group("region", f"region = {each}", number == each) for each in range(20)]

    return random.random(ROWS) < probabilities, probabilities, groups


@pytest.mark.simulation
def test_what_is_right_for_everybody_has_hardly_ever_a_gap() -> None:
    """Of 60 models that are right, at most one in twenty has a gap, but for chance."""
    found = [
        any(each.gaps for each in slices(groups, is_churned, probabilities))
        for is_churned, probabilities, groups in map(drawn, range(60))
    ]

    assert sum(found) <= 7


def test_a_group_that_leaves_more_often_than_told_is_a_gap() -> None:
    """And only that one; the direction is told."""
    is_churned, probabilities, groups = drawn(1)
    probabilities = np.where(groups[3].is_in, probabilities / 2, probabilities)
    probabilities = np.where(groups[5].is_in, np.minimum(0.9, probabilities * 2), probabilities)
    found = slices(groups, is_churned, probabilities, protected={"region"})

    assert {"region = 3": ("more leave",), "region = 5": ("fewer leave",)} == {
        each.name: each.gaps for each in found if each.gaps
    }
    assert all(each.is_protected for each in found)
    assert found[3].observed_to_expected == pytest.approx(
        is_churned[groups[3].is_in].sum() / probabilities[groups[3].is_in].sum()
    )


def test_a_group_that_is_ranked_by_chance_is_a_gap() -> None:
    """As many leave as were told, others than were told."""
    is_churned, probabilities, groups = drawn(2)
    rows = np.flatnonzero(groups[4].is_in | groups[6].is_in | groups[8].is_in)
    wide = Group("plan", "plan = pro", np.isin(np.arange(ROWS), rows))
    shuffled = probabilities.copy()
    shuffled[rows] = np.random.default_rng(1).permutation(probabilities[rows])
    (found,) = slices([wide], is_churned, shuffled)

    assert ("ranked worse",) == found.gaps
    assert found.auc == pytest.approx(metrics.roc_auc_score(is_churned[rows], shuffled[rows]))
    assert found.auc_expected > found.auc + 0.1


def test_a_group_is_ranked_as_its_own_probabilities_promise() -> None:
    """Among those who are told nearly the same nobody is ranked well, and that is no gap."""
    is_churned, probabilities, _ = drawn(3)
    alike = Group("risk", "risk = even", (probabilities > 0.10) & (probabilities < 0.15))
    (found,) = slices([alike], is_churned, probabilities)

    assert found.auc < 0.6
    assert () == found.gaps


def test_a_small_group_is_not_looked_at() -> None:
    """Fewer churners than LEAST say nothing; without any group there is no slice."""
    is_churned, probabilities, _ = drawn(4)
    few = np.zeros(ROWS, dtype=bool)
    few[np.flatnonzero(is_churned)[: LEAST - 1]] = True
    few[np.flatnonzero(~is_churned)[:500]] = True

    assert () == slices([Group("plan", "plan = few", few)], is_churned, probabilities)


def test_gaps_come_first() -> None:
    """Then what is protected; each has what its headings say."""
    is_churned, probabilities, groups = drawn(1)
    probabilities = np.where(groups[3].is_in, probabilities / 2, probabilities)
    plan = Group("plan", "plan = pro", np.arange(ROWS) % 2 == 0)
    found = loudest(slices([*groups, plan], is_churned, probabilities, protected={"plan"}))

    assert ["region = 3", "plan = pro"] == [each.name for each in found[:2]]
    assert {len(HEADINGS)} == {len(cells(each)) for each in found}
    assert ("region = 3", "more leave") == (cells(found[0])[0], cells(found[0])[-1])
    assert "plan = pro (protected)" == cells(found[1])[0]
