"""What is answered about a night, whoever is asked."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Generic, TypeVar

from pipelines.domain.nights.page.state import ending
from pipelines.domain.ports.nights import Questions

T = TypeVar("T", bound=Questions)

NIGHT, NEXT_NIGHT = date(2026, 3, 1), date(2026, 3, 2)


class QuestionsContract(ABC, Generic[T]):
    """Tests of nights nothing is known of, which a subclass provides as the fixture `questions`."""

    @abstractmethod
    def published(self, questions: T, population: str, as_of: date) -> None:
        """Let a list be known that model version 4 made: `C1` low at 0.25, `C2` high at 0.75."""

    def test_of_an_unknown_night_there_is_nothing(self, questions: T) -> None:
        """No list, no gate and no alert, and that is no fault."""
        answers = questions.answers_about("subscribers", NIGHT)

        for name in ("list", "attempts", "tiers", "gates", "drift", "outcomes", "alerts"):
            assert [] == [*answers[name].rows]
        assert "unfinished" == ending("subscribers", NIGHT, answers).state

    def test_a_published_list_is_the_one_people_see(self, questions: T) -> None:
        """On its night, and on those after it, older by a day each; of no other population."""
        self.published(questions, "subscribers", NIGHT)
        ages = {
            as_of: questions.answers_about("subscribers", as_of)["list"].first["age_days"]
            for as_of in (NIGHT, NEXT_NIGHT)
        }
        found = questions.answers_about("subscribers", NIGHT)

        assert {NIGHT: 0, NEXT_NIGHT: 1} == ages
        assert (2, 4, 1.0) == tuple(
            found["list"].first[name] for name in ("customers", "model_version", "expected_leavers")
        )
        assert {"low": 1, "high": 1} == {
            row["tier"]: row["customers"] for row in found["tiers"].rows
        }
        assert "published" == ending("subscribers", NIGHT, found).state
        assert [] == [*questions.answers_about("trial", NIGHT)["list"].rows]

    def test_nobody_is_in_an_answer(self, questions: T) -> None:
        """Who they are is a question that is shown and not asked."""
        self.published(questions, "subscribers", NIGHT)
        found = questions.answers_about("subscribers", NEXT_NIGHT)

        assert "C1" not in str(found)
