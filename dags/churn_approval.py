"""A person is asked whether a challenger that waits becomes champion, or is set aside."""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import chain, task
from churn_command import OF_A_NIGHT, ChurnCommand, CommandFailed

# pipelines/errors.py: the challenger waits for a person.
APPROVAL_NEEDED = 34
# The next Sunday's training has another challenger, and waits while this one is open.
PATIENCE = timedelta(days=6)

# By the answer, which is a list of one; whoever gave it is in the ledger either way.
SAID = {"Approve": "--approved-by", "Reject": "--rejected-by"}
OPTION = "{{ " + f"{SAID}[ti.xcom_pull('ask')['chosen_options'][0]]" + " }}"
NAME = "{{ ti.xcom_pull('ask')['responded_by_user']['name'] }}"


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
    """Wire, behind *train*, what judges, who is asked where it waits, and what they say."""
    judge = Judge(command="promote", task_id="judge")

    @task.short_circuit
    def wants_approval(verdict: str) -> bool:
        return verdict == str(APPROVAL_NEEDED)

    ask = HITLOperator(
        task_id="ask",
        options=list(SAID),
        subject="Shall the new model of {{ params.population }} be champion?",
        body="Its card is in MLflow; the log of `judge` says how it compares with the champion, "
        "and `churn promote --preview` what would change tonight.",
        response_timeout=PATIENCE,
    )
    answer = ChurnCommand(command="promote", options=(*OF_A_NIGHT, OPTION, NAME))
    chain(train, judge, wants_approval(judge.output), ask, answer)
