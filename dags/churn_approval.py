"""A person is asked whether a challenger that waits becomes champion; nobody's answer is no."""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import chain, task
from churn_command import OF_A_NIGHT, ChurnCommand, CommandFailed

# pipelines/errors.py: the challenger waits for a person.
APPROVAL_NEEDED = 34
# The next Sunday's training has another challenger, and waits while this one is open.
PATIENCE = timedelta(days=6)


class Judge(ChurnCommand):
    """`churn promote`; that a person has to approve is an answer here, and no failure."""

    def execute(self, context: object) -> str:
        """Return the last line the command printed, or APPROVAL_NEEDED."""
        try:
            return super().execute(context)
        except CommandFailed as failure:
            if failure.exit_code != APPROVAL_NEEDED:
                raise
            return str(APPROVAL_NEEDED)


def ask_a_person(train: ChurnCommand) -> None:
    """Wire, behind *train*, what judges, who is asked where it waits, and what they approve."""
    judge = Judge(command="promote", task_id="judge")

    @task.short_circuit
    def wants_approval(verdict: str) -> bool:
        return verdict == str(APPROVAL_NEEDED)

    ask = ApprovalOperator(
        task_id="ask",
        subject="Shall the new model of {{ params.population }} be champion?",
        body="Its card is in MLflow; the log of `judge` says how it compares with the champion, "
        "and `churn promote --preview` what would change tonight.",
        response_timeout=PATIENCE,
    )
    answer = "{{ ti.xcom_pull('ask')['responded_by_user']['name'] }}"
    take = ChurnCommand(command="promote", options=(*OF_A_NIGHT, "--approved-by", answer))
    chain(train, judge, wants_approval(judge.output), ask, take)
