"""
How often bounds that may be looked at daily are wrong, and how soon they find a better model.

Run as `python -m tests.benchmarks.sequential`. Equal models are drawn again and again, and looked
at after each customer; so are models of which one is better by some noise.
"""

import numpy as np
from scipy import stats

from pipelines.domain.serving.sequential import always, brier_differences, share_differences

ALPHA = 0.05
WORLDS, ROWS = 1_000, 10_000


def is_told(rows: np.ndarray, most: float) -> bool:
    """Tell whether one of fifty looks says that there is a difference."""
    looks = (always(rows[:seen], most=most, alpha=ALPHA) for seen in range(200, ROWS + 1, 200))

    return any(found.lower > 0 or found.upper < 0 or found.is_contradictory for found in looks)


def drawn(random: np.random.Generator, noise: tuple[float, float]) -> np.ndarray:
    """Return the differences of Brier losses of one world."""
    truth = random.beta(2, 6, ROWS)
    is_churned = random.random(ROWS) < truth
    champion, challenger = (
        np.clip(truth + random.normal(0, each, ROWS), 0.001, 0.999) for each in noise
    )

    return brier_differences(is_churned, champion, challenger)


def peeked(rows: np.ndarray) -> bool:
    """Tell whether a t-test that is looked at after each row from the 50th on ever says so."""
    number = np.arange(1, len(rows) + 1)
    means = np.cumsum(rows) / number
    deviations = np.sqrt(np.maximum(np.cumsum(rows**2) / number - means**2, 1e-12))
    bound = stats.norm.ppf(1 - ALPHA / 2) * deviations / np.sqrt(number)

    return bool((np.abs(means) > bound)[50:].any())


def main() -> None:
    """Print false alarms of equal models, and the customers it takes of one that is better."""
    random = np.random.default_rng(1)
    false = {"shadow": 0, "split, 50 %": 0, "split, 10 %": 0, "t-test, looked at daily": 0}
    for _ in range(WORLDS):
        rows = drawn(random, (0.1, 0.1))
        false["shadow"] += is_told(rows, 1.0)
        false["t-test, looked at daily"] += peeked(rows)
        for name, share in (("split, 50 %", 0.5), ("split, 10 %", 0.1)):
            losses = (random.random(ROWS) < 0.2).astype(float)
            weighted = share_differences(losses, random.random(ROWS) < share, share=share)
            false[name] += is_told(weighted, 1 / min(share, 1 - share))
    for name, count in false.items():
        print(  # noqa: T201  it is what it is for
            f"{name}: {100 * count / WORLDS:.2f} % false alarms of {WORLDS:,} worlds"
        )
    for noise in (0.08, 0.05, 0.02):
        needed = []
        for _ in range(50):
            rows = drawn(random, (0.1, noise))
            needed.append(
                next(
                    (
                        seen
                        for seen in range(200, ROWS + 1, 200)
                        if always(rows[:seen], most=1.0, alpha=ALPHA).upper < 0
                    ),
                    ROWS * 2,
                )
            )
        median = int(np.median(needed))
        told = f"after {median:,} customers" if median <= ROWS else f"not within {ROWS:,} customers"
        print(f"noise 0.10 and {noise}: found {told}, median")  # noqa: T201  it is what it is for


if __name__ == "__main__":
    main()
