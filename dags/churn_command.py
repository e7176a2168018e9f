"""One `churn` command as one Airflow task."""

from datetime import timedelta

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator, RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowException
from churn_params import AS_OF, POPULATION

# pipelines/errors.py: 2 usage, 10 configuration, 20 to 35 data, model or list, 75 another writer.
POINTLESS = frozenset({2, 10, *range(20, 36)})
LOCKED = 75
OF_A_NIGHT = ("--population", POPULATION, "--as-of", AS_OF)


class CommandFailed(AirflowException):
    """`churn` ended with an exit code other than 0."""

    def __init__(self, command: str, exit_code: int) -> None:
        super().__init__(f"churn {command} ended with exit code {exit_code}; its reason is above")
        self.exit_code = exit_code


class ByExitCode(RetryPolicy):
    """Wait for a lock, never repeat what cannot help, and try anything else once more."""

    def evaluate(self, exception: Exception, try_number: int, **_: object) -> RetryDecision:
        """Decide by the exit code of `churn`; a task that could not start is Airflow's to retry."""
        code = getattr(exception, "exit_code", None)
        if code == LOCKED:
            return RetryDecision.retry(timedelta(seconds=60), "another writer is at work")
        if code in POINTLESS or (code and try_number > 1):
            return RetryDecision.fail("trying again would not change it")

        return RetryDecision.default()


class ChurnCommand(BaseOperator):
    """Run `churn COMMAND --population P --as-of D`, without a shell; or with other *options*."""

    template_fields = ("options",)

    def __init__(self, *, command: str, options: tuple = OF_A_NIGHT, **kwargs: object) -> None:
        patience = {"retries": 10, "retry_delay": timedelta(seconds=10)}
        limits = {"execution_timeout": timedelta(hours=3), "retry_policy": ByExitCode()}
        super().__init__(**{"task_id": command.replace(" ", "_"), **patience, **limits, **kwargs})
        self.command, self.options = command, options
        self.hook = SubprocessHook()

    def execute(self, context: object) -> str:  # noqa: ARG002
        """Return the last line the command printed."""
        result = self.hook.run_command(["churn", *self.command.split(), *self.options])
        if result.exit_code != 0:
            raise CommandFailed(self.command, result.exit_code)

        return str(result.output)

    def on_kill(self) -> None:
        """End the command with its task."""
        self.hook.send_sigterm()
