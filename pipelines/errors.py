"""
Everything that is expected to go wrong, as one tree.

    ChurnError
    ├── ConfigError            10  engineer   churn.toml or an environment variable
    ├── DatabaseUnavailable    11  engineer   PostgreSQL cannot be started or reached
    ├── RegistryUnavailable    12  engineer   MLflow cannot be reached
    ├── ServiceFailed          13  engineer   a process of ours did not come up or ended badly
    ├── DbtFailed              14  engineer   dbt could not parse, build or test
    ├── RoleMissing            15  engineer   a database user lacks the role a command works as
    ├── ImportRefused          20  data       a source is not what it is declared to be
    ├── GateFailed             21  data       a batch is not fit to use
    ├── ContractMismatch       22  science    features and model disagree
    ├── FeaturesMissing        23  engineer   nothing was built for this as_of
    ├── LeakSuspected          24  science    a feature knows the future
    ├── NotEnoughLabels        25  science    too few matured labels to train or judge on
    ├── CustomerUnknown        26  data       nobody has the id that is to be erased
    ├── AuditBroken            27  engineer   the audit trail is not what was written
    ├── ChampionMissing        30  science    no version is champion
    ├── ArtefactDamaged        31  science    a model directory is not what was registered
    ├── NothingStaged          32  engineer   there is no run to publish
    ├── ListMissing            33  engineer   no list by the deadline
    ├── ApprovalNeeded         34  science    a challenger waits for a person
    ├── FloorNotReached        35  science    the first model is not good enough to be champion
    ├── QueryRefused           40  analyst    the database refused a query
    └── RunLocked              75  engineer   another writer is at work; try again later

Anything else that escapes is a bug of ours. 2 is wrong usage, 143 a command somebody has stopped.
"""

from collections.abc import Mapping, Sequence
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
    """
    churn.toml or an environment variable is not legal.

    The message names the key or variable and what is legal there; correct it.
    """

    exit_code = 10


class DatabaseUnavailable(ChurnError):
    """
    PostgreSQL cannot be started or reached.

    Check that the server runs and CHURN_DATABASE_URL leads there; `churn migrate` where the message
    says that migrations are missing. Then run the command again.
    """

    exit_code = 11


class RegistryUnavailable(ChurnError):
    """
    MLflow cannot be reached.

    Check that the server runs and that CHURN_MLFLOW_URI leads there; without that variable
    MLflow's database is beside the warehouse. Then run the command again.
    """

    exit_code = 12


class ServiceFailed(ChurnError):
    """
    A process of ours did not come up, or ended badly.

    Read the log the message names. From `churn notify` it means that a mail server or webhook
    did not take a message: the alert is kept and sent the next time.
    """

    exit_code = 13


class DbtFailed(ChurnError):
    """
    dbt could not parse, build or test.

    Read the node the message names, correct the model or its source, and run `churn features`.
    """

    exit_code = 14


class RoleMissing(ChurnError):
    """
    The database user may not work as the role a command needs, or that role may not read or write.

    Have the owner of the database make the grant the message names, or log in as a user who has it.
    """

    exit_code = 15


class ImportRefused(ChurnError):
    """
    A source is not what it is declared to be; nothing was loaded.

    Compare the source with what the message says was expected.
    """

    exit_code = 20
    owner = "data"


class GateFailed(ChurnError):
    """
    A batch is not fit to use; what was published before stays.

    Ask the owner the message names; `churn.gate_results` has every check. Correct the data and
    run the night again. After a change that was intended, set `history_from` in churn.toml.
    """

    exit_code = 21
    owner = "data"


class ContractMismatch(ChurnError):
    """
    The feature table and the model disagree on the features.

    Undo the change of the dbt models, or run `churn backfill`, `churn train` and `churn promote`.
    """

    exit_code = 22
    owner = "science"


class FeaturesMissing(ChurnError):
    """
    No features were built for this population and as_of.

    Run `churn features` for the date; if nobody is in it, choose a date the raw tables cover.
    """

    exit_code = 23


class LeakSuspected(ChurnError):
    """
    A column knows what became of a customer, or what was not known at its as_of.

    Restrict what is named to rows known before as_of, or leave it out. If it is honest, say why:
    `accepted_leaks` of the population in churn.toml, `--accept` of `churn benchmark` and `new`.
    """

    exit_code = 24
    owner = "science"
    leaks: Sequence[Mapping[str, object]] = ()  # each with columns, kind, reason and auc


class NotEnoughLabels(ChurnError):
    """
    Too few matured labels to train or judge on.

    Build more past dates with `churn backfill`, or wait until the labels of more have matured.
    """

    exit_code = 25
    owner = "science"


class CustomerUnknown(ChurnError):
    """
    No table has the customer who is to be erased, and none was erased before.

    Look the id up in the system it comes from; nothing was changed.
    """

    exit_code = 26
    owner = "data"


class AuditBroken(ChurnError):
    """
    The audit trail is not, row by row, what was written.

    Compare `churn.audit_log` with the last backup and with the checksum kept elsewhere, and ask
    who may act as its owner.
    """

    exit_code = 27


class ChampionMissing(ChurnError):
    """
    No version of the model is champion.

    Run `churn train`, whose first model becomes champion; `churn promote` where a challenger waits.
    """

    exit_code = 30
    owner = "science"


class ArtefactDamaged(ChurnError):
    """
    A model directory is not, byte for byte, what was registered.

    Restore the files from a backup, or train again. A damaged copy in the cache is fetched again.
    """

    exit_code = 31
    owner = "science"


class NothingStaged(ChurnError):
    """
    There is no staged run to publish.

    Run the command the message names: `churn score` without a run, `churn gate scores` where no
    gate has passed it, `churn features` where what it was scored from is unfit.
    """

    exit_code = 32


class ListMissing(ChurnError):
    """
    The list of a date was not published by the deadline of churn.toml.

    People see the one before. Read the alerts of that night and the log of its task; where there is
    none, Airflow does not run or churn_nightly is paused. `churn run` makes the list by hand.
    """

    exit_code = 33


class ApprovalNeeded(ChurnError):
    """
    A challenger waits for a person: the policy asks for one, or it cannot be judged.

    Look at its card in MLflow and at `churn promote --preview`; approve it in Airflow or with
    `churn promote --approved-by NAME`.
    """

    exit_code = 34
    owner = "science"


class FloorNotReached(ChurnError):
    """
    There is no champion, and the model just trained is not good enough to be the first.

    Give it features that tell more, or lower `floors` of [promotion] in churn.toml; train again.
    """

    exit_code = 35
    owner = "science"


class QueryRefused(ChurnError):
    """
    The database refused a query.

    Correct the query as the message says. It may only read, and be one statement.
    """

    exit_code = 40
    owner = "analyst"


class RunLocked(ChurnError):
    """
    Another writer holds this population; try again later.

    Wait; the message says who holds it. Airflow asks again every minute, up to ten times.
    """

    exit_code = 75


class Stopped(SystemExit):
    """Somebody sent SIGTERM. No Exception at all: what waits for those to go on must not go on."""

    exit_code: ClassVar[int] = 143  # of a shell, 128 + 15

    def __init__(self) -> None:
        super().__init__(self.exit_code)
