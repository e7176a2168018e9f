"""The table [tiers] of churn.toml: every key but a few is a tier, and where it begins."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from pipelines.domain.scoring.tiers import TierPolicy

# Where these tiers begin if churn.toml gives them an action and no threshold. Their names say an
# order, so thresholds in any other are a slip.
ACTIONS = ("actions", "actions_by_theme")
OF_ALL = (*ACTIONS, "hold_log_odds")
USUAL_THRESHOLDS = {"medium": 0.30, "high": 0.60, "critical": 0.80}


def _tier_arguments(table: object) -> object:
    """Return [tiers], where each tier begins and tables of actions, as TierPolicy takes it."""
    if not isinstance(table, dict):
        return table
    actions = table.get("actions")
    named = actions if isinstance(actions, dict) else {}
    begin = {
        **{name: low for name, low in USUAL_THRESHOLDS.items() if name in named},
        **{name: low for name, low in table.items() if name not in OF_ALL},
    }
    sizes = {name: size for name, size in begin.items() if _is_size(size)}
    thresholds = {name: low for name, low in begin.items() if name not in sizes}
    if odd := [name for name, low in thresholds.items() if not _is_number(low)]:
        raise ValueError(
            f"{', '.join(odd)} is no number; legal here: {', '.join(OF_ALL)}, and for each tier a "
            "threshold or a size, { customers = 50 } or { percent = 5.0 }"
        )

    return {
        "thresholds": thresholds,
        "sizes": sizes,
        **{name: table[name] for name in OF_ALL if name in table},
    }


def _is_size(value: object) -> bool:
    """Tell whether *value* is a table that says how large a tier is."""
    return isinstance(value, dict) and len(value) > 0 and {*value} <= {"customers", "percent"}


def _is_number(value: object) -> bool:
    """Tell whether pydantic will read *value* as a number."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False

    return True


def _in_the_order_of_their_names(tiers: TierPolicy) -> TierPolicy:
    """Refuse tiers whose names say another order than where they begin."""
    named = [name for name in USUAL_THRESHOLDS if name in tiers.names[1:]]
    places = [tiers.names.index(name) for name in named]
    if places != sorted(places):
        if tiers.sizes:
            order = ", ".join(tiers.names)
            raise ValueError(
                f"{' < '.join(named)} must hold, and they are {order}: tiers with a size are above "
                "those with a threshold"
            )
        found = ", ".join(f"{tiers.thresholds[name]:g}" for name in named)
        raise ValueError(f"{' < '.join(named)} must hold, and they are {found}")

    return tiers


Tiers = Annotated[
    TierPolicy, BeforeValidator(_tier_arguments), AfterValidator(_in_the_order_of_their_names)
]
