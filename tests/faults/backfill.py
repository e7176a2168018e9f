"""Score, gate and publish the dates named on the command line, in that order, in one process."""

import sys
from datetime import date

from pipelines.wiring import night
from pipelines.wiring.installation import installation
from tests.faults.business import POPULATION

if __name__ == "__main__":
    found = installation("run")
    for day in map(date.fromisoformat, sys.argv[1:]):
        night.score(found, POPULATION, day)
        night.gate(found, "scores", POPULATION, day)
        night.publish(found, POPULATION, day)
