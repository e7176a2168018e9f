"""
Everything that is expected to go wrong, as one tree.

    ChurnError
    ├── ConfigError            10  engineer   churn.toml or an environment variable
    ├── DatabaseUnavailable    11  engineer   PostgreSQL cannot be started or reached
    ├── RegistryUnavailable    12  engineer   MLflow cannot be reached
    ├── ServiceFailed          13  engineer   a process of ours did not come up or ended badly
    ├── DbtFailed              14  engineer   dbt could not parse, build or test
    ├── RoleMissing            15  engineer   a database user lacks the role a command works as
    ├── ImportRefused          20  data       a file is not what its importer reads
    ├── GateFailed             21  data       a batch is not fit to use
    ├── ContractMismatch       22  science    features and model disagree
    ├── FeaturesMissing        23  engineer   nothing was built for this as_of
    ├── LeakSuspected          24  science    a feature knows the future
    ├── NotEnoughLabels        25  science    too few matured labels to train or judge on
    ├── CustomerUnknown        26  data       nobody has the id that is to be erased
    ├── AuditBroken            27  engineer   the audit trail is not what was written
    ├── ChampionMissing        30  science    no model carries the alias
    ├── ArtefactDamaged        31  science    a model directory is not what was registered
    ├── NothingStaged          32  engineer   there is no run to publish
    ├── QueryRefused           40  analyst    the database refused a query
    └── RunLocked              75  engineer   another writer is at work; try again later

Anything else that escapes is a bug of ours. Exit code 2 is the command line's own (wrong usage).
"""

from typing import ClassVar


class ChurnError(Exception):
    """
    A failure people can act on.

    Args:
        message: The thing and the size of the fault.
        next_step: The command to run, or the person to ask, next.
    """

    exit_code: ClassVar[int] = 1
    owner: ClassVar[str] = "engineer"

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class ConfigError(ChurnError):
    """churn.toml or an environment variable is not legal."""

    exit_code = 10


class DatabaseUnavailable(ChurnError):
    """PostgreSQL cannot be started or reached."""

    exit_code = 11


class RegistryUnavailable(ChurnError):
    """MLflow cannot be reached."""

    exit_code = 12


class ServiceFailed(ChurnError):
    """A process of ours did not come up, or ended badly."""

    exit_code = 13


class DbtFailed(ChurnError):
    """dbt could not parse, build or test."""

    exit_code = 14


class RoleMissing(ChurnError):
    """The database user may not work as the role a command needs."""

    exit_code = 15


class ImportRefused(ChurnError):
    """A file is not what its importer reads; nothing was loaded."""

    exit_code = 20
    owner = "data"


class GateFailed(ChurnError):
    """A batch is not fit to use; what was published before stays."""

    exit_code = 21
    owner = "data"


class ContractMismatch(ChurnError):
    """The feature table and the model disagree on the features."""

    exit_code = 22
    owner = "science"


class FeaturesMissing(ChurnError):
    """No features were built for this population and as_of."""

    exit_code = 23


class LeakSuspected(ChurnError):
    """A feature knows what was not known at its as_of."""

    exit_code = 24
    owner = "science"


class NotEnoughLabels(ChurnError):
    """Too few matured labels to train or judge on."""

    exit_code = 25
    owner = "science"


class CustomerUnknown(ChurnError):
    """No table has the customer who is to be erased, and none was erased before."""

    exit_code = 26
    owner = "data"


class AuditBroken(ChurnError):
    """The audit trail is not, row by row, what was written."""

    exit_code = 27


class ChampionMissing(ChurnError):
    """No registered model carries the champion alias."""

    exit_code = 30
    owner = "science"


class ArtefactDamaged(ChurnError):
    """A model directory is not, byte for byte, what was registered."""

    exit_code = 31
    owner = "science"


class NothingStaged(ChurnError):
    """There is no staged run to publish."""

    exit_code = 32


class QueryRefused(ChurnError):
    """The database refused a query."""

    exit_code = 40
    owner = "analyst"


class RunLocked(ChurnError):
    """Another writer holds this population; try again later."""

    exit_code = 75
