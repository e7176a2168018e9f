"""The page of one night: how it ended, its numbers at a glance, and its sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.nights.page import (
    charts,
    drift_section,
    figures,
    house_sections,
    list_sections,
    model_sections,
    money_section,
)
from pipelines.domain.nights.page.answers import Answers
from pipelines.domain.nights.page.matters import Matter, matters
from pipelines.domain.nights.page.state import Ending, ending
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.page.view import Cell, Chart, Link, Section

TITLES = {
    "published": "Published",
    "held": "Held",
    "failed": "Failed",
    "unfinished": "Not finished",
}


@dataclass(frozen=True, slots=True)
class Links:
    """
    Addresses a page leads to; those that are empty are not there.

    Attributes:
        airflow: The run that wrote the page.
        mlflow: MLflow's page of the model, `{model}` and `{version}` in their places.
        docs: Gate to the first page of what it checked, relative to the page.
    """

    airflow: str = ""
    mlflow: str = ""
    docs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """
    A number at a glance.

    Attributes:
        title: What it is.
        number: The number.
        note: What it is of, or its range.
    """

    title: str
    number: Cell
    note: str


@dataclass(frozen=True, slots=True)
class NightPage:
    """
    The page of one night.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date of the night.
        answers: What was asked of the warehouse.
        terms: What is known of churn.toml.
        links: Where it leads.
    """

    population: str
    as_of: date
    answers: Answers
    terms: Terms
    links: Links = field(default_factory=Links)

    @property
    def ending(self) -> Ending:
        """How the night ended."""
        return ending(self.population, self.as_of, self.answers)

    @property
    def title(self) -> str:
        """The state in a word or two."""
        return TITLES[self.ending.state]

    @property
    def headline(self) -> str:
        """What to know first, in a sentence."""
        seen = self.answers["list"].first
        state = self.ending.state
        if state == "published":
            return (
                f"{figures.count(seen['customers'])} customers scored by version "
                f"{seen['model_version']}; the list of this night is the one people see."
            )
        kept = {
            "held": "A list was refused, and none was published for this night.",
            "failed": "A task failed, and no list was published for this night.",
            "unfinished": "No list has been published for this night.",
        }[state]
        if not seen:
            return f"{kept} There is no earlier one: people see no list at all."
        days = seen["age_days"]

        return (
            f"{kept} People see the list of {seen['list_date']}, {days} "
            f"{figures.plural(days, 'day')} older than this night."
        )

    @property
    def matters(self) -> Sequence[Matter]:
        """What is open besides the fault the page begins with."""
        fault = self.ending.fault

        return matters(self.as_of, self.answers, fault.title if fault else "")

    @property
    def facts(self) -> Sequence[Fact]:
        """Numbers at a glance, of the list people see."""
        seen = self.answers["list"]
        if not seen.rows:
            return ()
        row = seen.first
        found = [
            Fact(
                "Customers",
                seen.cell(0, "customers", figures.count(row["customers"])),
                f"list of {row['list_date']}",
            ),
            Fact(
                "Expected to leave",
                seen.cell(0, "expected_leavers", figures.count(row["expected_leavers"])),
                f"within {self.terms.horizon_days} days, {figures.share(row['mean_probability'])}",
            ),
        ]
        fees, worth = self.answers["fees"], self.answers["worth"]
        if fees.rows:
            paid = fees.first
            found.append(
                Fact(
                    "Fees at risk",
                    fees.cell(0, "at_risk", figures.count(paid["at_risk"])),
                    f"a month, {figures.between(paid['at_risk_low'], paid['at_risk_high'])}",
                )
            )
        for at, campaign in enumerate(worth.rows):
            if campaign["whom"] == "capacity":
                found.append(
                    Fact(
                        f"Worth of {figures.count(campaign['contacted'])} contacts",
                        worth.cell(at, "worth", figures.count(campaign["worth"])),
                        figures.between(campaign["worth_low"], campaign["worth_high"]),
                    )
                )

        return found

    @property
    def age(self) -> Sequence[Cell | str]:
        """How old the list people see is."""
        seen = self.answers["list"]
        if not seen.rows:
            return ["People see no list."]
        row = seen.first
        days = seen.cell(0, "age_days", figures.count(row["age_days"]))
        unit = figures.plural(row["age_days"], "day")
        said: list[Cell | str] = [f"People see the list of {row['list_date']}, "]
        said += [days, f" {unit} older than this night"] if row["age_days"] else ["this night's"]
        if row["published_at_utc"]:
            said.append(f", published {row['published_at_utc']} UTC")

        return [*said, f", made by {row['model_name']} version {row['model_version']}."]

    @property
    def nights(self) -> Chart | None:
        """A square for each of the last nights."""
        rows = self.answers["nights"].rows

        return charts.strip(rows) if rows else None

    @property
    def sections(self) -> Sequence[Section]:
        """What comes below, in its order."""
        found = [
            house_sections.attempts(self.answers),
            list_sections.tiers(self.answers, self.terms),
            list_sections.movement(self.answers, self.terms),
            list_sections.arrivals(self.answers, self.terms),
            money_section.money(self.population, self.answers, self.terms),
            drift_section.drift(self.answers),
            house_sections.gates(self.answers, self.links.docs),
            model_sections.outcomes(self.answers, self.terms),
            model_sections.loop(self.answers, self._model_link),
            house_sections.alerts(self.answers),
        ]

        return [section for section in found if section is not None]

    @property
    def leads(self) -> Sequence[Link]:
        """Where the run that wrote the page is."""
        return [Link("This run in Airflow", self.links.airflow)] if self.links.airflow else []

    @property
    def _model_link(self) -> str:
        """MLflow's page of the model whose list people see."""
        seen = self.answers["list"].first
        if not seen or not self.links.mlflow:
            return ""

        return self.links.mlflow.format(model=seen["model_name"], version=seen["model_version"])
