"""Effects of levels in place of their codes."""

import json

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.level_effects import LevelEffects, as_numbers
from pipelines.errors import ArtefactDamaged

CONTRACT = FeatureContract(
    "fct_features",
    (
        Feature("fee_eur", "numeric", "Fee", unit="EUR"),
        Feature("city", "categorical", "City", levels=("bonn", "köln", "other")),
    ),
)
EFFECTS = LevelEffects({1: np.array([0.5, -0.25, 0.1, np.nan], dtype=np.float32)})
ROWS = np.array([[7, 1], [8, 0], [9, 2], [7, np.nan]], dtype=np.float32)


def test_codes_become_effects_and_everything_else_stays() -> None:
    """By level; who has none has what is said of such. What was given is not changed."""
    given = ROWS.copy()
    expected = np.array([[7, -0.25], [8, 0.5], [9, 0.1], [7, np.nan]], dtype=np.float32)

    np.testing.assert_array_equal(expected, EFFECTS.applied(given))
    np.testing.assert_array_equal(ROWS, given)


def test_of_a_level_nobody_knew_nothing_is_said_where_everybody_had_one() -> None:
    """It adds 0, as a level that is like everybody's."""
    effects = LevelEffects({1: np.array([0.5, -0.25, 0.1, 0], dtype=np.float32)})

    np.testing.assert_array_equal(
        np.array([-0.25, 0.5, 0.1, 0], dtype=np.float32), effects.applied(ROWS)[:, 1]
    )


def test_without_effects_the_matrix_is_the_same_one() -> None:
    """Models of categories with few levels are told what they always were; nothing is copied."""
    assert ROWS is LevelEffects().applied(ROWS)


def test_what_is_read_is_what_was_written() -> None:
    """To the last bit, through JSON that every reader takes."""
    written = json.dumps(EFFECTS.to_dict(CONTRACT), allow_nan=False)
    read = LevelEffects.from_dict(json.loads(written), CONTRACT)

    assert [1] == [*read.by_feature]
    np.testing.assert_array_equal(EFFECTS.by_feature[1], read.by_feature[1])


@pytest.mark.parametrize("told", [{"city": [0.5, 0.1, None]}, {"street": [0.5, 0.1, 0.2, None]}])
def test_effects_of_other_levels_are_refused(told: dict[str, list[float | None]]) -> None:
    """The feature is named: another number of levels would tell customers of others' effects."""
    with pytest.raises(ArtefactDamaged, match="|".join(told)):
        LevelEffects.from_dict(told, CONTRACT)


def test_a_family_sees_a_number() -> None:
    """So that it makes no column of each level; the others are as they were."""
    seen = as_numbers(CONTRACT, [1])

    assert ["numeric", "numeric"] == [feature.kind for feature in seen.features]
    assert () == seen.features[1].levels
    assert CONTRACT.features[0] == seen.features[0]
    assert CONTRACT.names == seen.names
