"""Answers about nights, in the warehouse and in memory, held to the same contract."""

from datetime import date, timedelta

import pytest

from pipelines.adapters.gates.docs_folder import DataDocsFolder
from pipelines.adapters.tables.nights import WarehouseNights
from pipelines.adapters.tables.questions.night_questions import NightQuestions
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.settings import ROOT
from pipelines.testing.contracts.nights.pages import TERMS
from pipelines.testing.contracts.nights.questions import QuestionsContract
from pipelines.testing.nights import TIERS, MemoryQuestions
from tests.contracts.test_nights import TestWarehouseNights as Lists


class TestMemoryQuestions(QuestionsContract[MemoryQuestions]):
    """The double."""

    @pytest.fixture
    def questions(self) -> MemoryQuestions:
        """No night yet."""
        return MemoryQuestions()

    def published(self, questions: MemoryQuestions, population: str, as_of: date) -> None:
        """Give the night and the next one the list."""
        tiers = Answer(
            "tiers", "", "", [{"tier": "low", "customers": 1}, {"tier": "high", "customers": 1}]
        )
        for age in (0, 1):
            row = {
                "list_date": as_of,
                "age_days": age,
                "customers": 2,
                "model_version": 4,
                "expected_leavers": 1.0,
            }
            found = {"list": Answer("list", "", "", [row]), "tiers": tiers}
            questions.given[population, as_of + timedelta(days=age)] = Answers(found)


class TestNightQuestions(QuestionsContract[NightQuestions]):
    """What the warehouse answers."""

    @pytest.fixture
    def questions(self, warehouse: Warehouse) -> NightQuestions:
        """A database without a night."""
        return NightQuestions(
            warehouse, ROOT / "sql" / "night", TERMS, ("analytics", "fct_customer_features")
        )

    def published(self, questions: NightQuestions, population: str, as_of: date) -> None:
        """Stage and publish two customers."""
        nights = WarehouseNights(questions.warehouse, DataDocsFolder(ROOT), TIERS)
        Lists().published(nights, population, as_of)
