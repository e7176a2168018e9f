"""Which role of the database each command works as; what a role may do, the migrations say."""

from collections.abc import Mapping
from typing import Final

OWNER: Final = None  # whoever CHURN_DATABASE_URL logs in as, or the user of the embedded server
LOADER: Final = "churn_loader"
PIPELINE: Final = "churn_pipeline"
TRAINER: Final = "churn_trainer"
ANALYST: Final = "churn_analyst"
SERVICE: Final = "churn_service"
AGGREGATES: Final = "churn_aggregates"

ROLE_OF: Mapping[str, str | None] = {
    "migrate": OWNER,
    "load-demo": LOADER,
    "inspect": ANALYST,
    "benchmark": ANALYST,
    "new": ANALYST,
    "try": OWNER,  # its parts work as the commands they are
    "import": LOADER,
    "pull": PIPELINE,  # what it loads it loads as import does
    "features": PIPELINE,
    "backfill": PIPELINE,
    "gate": PIPELINE,
    "score": PIPELINE,
    "publish": PIPELINE,
    "outcomes": PIPELINE,
    "drift": PIPELINE,
    "notify": PIPELINE,
    "report": PIPELINE,
    "watch": PIPELINE,
    "run": PIPELINE,
    "runs": PIPELINE,
    "rollback-scores": PIPELINE,
    "contract": PIPELINE,
    "test": TRAINER,
    "train": TRAINER,
    "promote": TRAINER,
    "rollback-model": TRAINER,
    "models": TRAINER,
    "sql": ANALYST,
    "audit": ANALYST,
    "keys": OWNER,
    "serve": SERVICE,
    "exporter": AGGREGATES,
    "erase": OWNER,
    "prune": OWNER,
    "up": OWNER,
    "down": OWNER,
    "status": OWNER,
    "demo": OWNER,  # its parts work as the commands they are
}
