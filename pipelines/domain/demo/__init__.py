"""A believable subscription business, generated: the raw records of `churn load-demo`."""

from pipelines.domain.demo.history import VERSION, generate
from pipelines.domain.demo.planted_drift import PlantedDrift

__all__ = ["VERSION", "PlantedDrift", "generate"]
