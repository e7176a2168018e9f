"""Which engine computes statistics and p-values on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.adapters.drift import alibi_engine
from pipelines.adapters.drift.alibi_engine import AlibiEngine
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.adapters.drift.scipy_engine import ScipyEngine


def choose(
    engine: Literal["auto", "alibi", "scipy"], root: Path, samples: Path
) -> "AlibiEngine | ScipyEngine":
    """
    Return the engine churn.toml asks for; auto means alibi-detect where it is installed.

    Args:
        engine: What `[drift] engine` says.
        root: The checkout, which holds `.venv-alibi`; `CHURN_ALIBI_PYTHON` goes before it.
        samples: Folder of the installation in which alibi-detect is handed what it compares.

    Raises:
        ConfigError: alibi-detect is asked for and not installed.
    """
    python = None if engine == "scipy" else alibi_engine.interpreter(root)
    if python is not None:
        return AlibiEngine(python, samples)
    if engine == "alibi":
        raise ConfigError(
            '[drift] engine is "alibi", and its environment is not there',
            next_step='make setup (alibi-detect needs Python 3.11 or 3.12), or engine = "auto"',
        )

    from pipelines.adapters.drift.scipy_engine import ScipyEngine  # noqa: PLC0415  takes a second

    return ScipyEngine()
