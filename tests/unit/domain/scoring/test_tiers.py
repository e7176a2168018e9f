"""Risk tiers."""

import numpy as np
import pytest

from pipelines.domain.scoring.tiers import TIERS, TierPolicy
from pipelines.errors import ConfigError

ACTIONS = dict.fromkeys(TIERS, "call")


def test_a_threshold_belongs_to_its_tier() -> None:
    """Both edges of every tier, in float64."""
    policy = TierPolicy(0.3, 0.6, 0.7, ACTIONS)
    below = np.nextafter([0.3, 0.6, 0.7], 0)

    assert [0, 1, 2] == policy.cut(below).tolist()
    assert [1, 2, 3] == policy.cut(np.array([0.3, 0.6, 0.7])).tolist()
    assert [0, 3] == policy.cut(np.array([0.0, 1.0])).tolist()


@pytest.mark.parametrize("thresholds", [(0.6, 0.3, 0.8), (0.3, 0.3, 0.8), (0.3, 0.6, 1.0)])
def test_thresholds_out_of_order_are_refused(thresholds: tuple[float, float, float]) -> None:
    """They ascend strictly within (0, 1)."""
    with pytest.raises(ConfigError, match="must ascend"):
        TierPolicy(*thresholds, ACTIONS)


def test_a_tier_without_an_action_is_refused() -> None:
    """And named."""
    with pytest.raises(ConfigError, match="without an action: critical"):
        TierPolicy(0.3, 0.6, 0.8, dict.fromkeys(TIERS[:3], "call"))
