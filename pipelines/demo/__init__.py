"""A believable subscription business, generated: the raw records of `churn load-demo`."""

from pipelines.demo.business import VERSION, Block, blocks, generate
from pipelines.demo.planted_drift import PlantedDrift

__all__ = ["VERSION", "Block", "PlantedDrift", "blocks", "generate"]
