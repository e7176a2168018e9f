"""
XGBoost, and what explains its trees, without scikit-learn's folds.

XGBoost takes those for `xgb.cv`, which is not used here; with scipy's statistics, which they and
scikit-learn's base import, they are 0.65 of the 0.9 s of CPU that it costs beside pandas.
"""

from pipelines.adapters.libraries.stand_ins import Empty, Later, in_place_of

with in_place_of(Empty("sklearn.model_selection"), Later("scipy.stats")):
    import woodelf
    import xgboost as xgb

__all__ = ["woodelf", "xgb"]
