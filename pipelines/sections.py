"""The tables of churn.toml, each with what it may hold and what holds without it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipelines.domain.access.networks import NetworkPolicy
from pipelines.domain.access.tokens import TokenPolicy
from pipelines.domain.alerts.alert import AlertSeverity
from pipelines.domain.alerts.channels import CHANNELS
from pipelines.domain.alerts.rules import AlertRules
from pipelines.domain.serving.trials import Trial
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.measures.costs import Costs

# Names that become part of SQL; what they may hold is decided here, once.
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Reason = Annotated[str, Field(min_length=1)]
# An address and no more: neither a name beside it, nor what ends a header.
_PART = r'[^\s\p{Cc}@,:;<>()"\\]+'
EmailAddress = Annotated[str, Field(pattern=f"^{_PART}@{_PART}$")]


def _is_channel(name: str) -> str:
    """Refuse a channel there is no module for."""
    if name not in CHANNELS:
        raise ValueError(f"there is no channel {name!r}; legal here: {', '.join(CHANNELS)}")

    return name


def _is_known(family: str) -> str:
    """Refuse a model family there is no module for."""
    if family not in FAMILIES:
        raise ValueError(f"there is no family {family!r}; legal here: {', '.join(FAMILIES)}")

    return family


# `failed_*` is every failed task, `gate_scores` one kind.
KindPattern = Annotated[str, Field(pattern=r"^[a-z_*]+$")]
ChannelName = Annotated[str, AfterValidator(_is_channel)]
Family = Annotated[str, AfterValidator(_is_known)]


class Section(BaseModel):
    """A table of churn.toml: immutable, and without room for keys nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Warehouse(Section):
    """Schemas of the warehouse: what is loaded, and what dbt builds from it."""

    raw_schema: Name = "raw"
    models_schema: Name = "analytics"


class TableDays(Section):
    """
    Days on which a table has something new.

    Attributes:
        table: Its name; one without a schema is a raw table.
        column: Column that says which day a row is of.
    """

    table: str = Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")
    column: str = Field(min_length=1)


class Population(Section):
    """A set of customers scored together, and how its model is trained."""

    feature_model: Name
    label_model: Name
    sources: tuple[Name, ...]
    horizon_days: int = Field(30, ge=0, le=3660)
    gap_days: int = Field(0, ge=0, le=3660)
    split: Literal["time", "customer"] = "time"
    snapshot_every_days: int = Field(30, ge=1, le=3660)
    snapshots: int = Field(12, ge=1, le=120)
    snapshots_on: TableDays | None = None
    deadline: TimeOfDay | None = None
    nightly: bool = True
    engine: Literal["here", "spark"] = "here"
    fee: Name | None = None
    protected: tuple[Name, ...] = ()
    bands: tuple[Name, ...] = ()
    accepted_leaks: Mapping[Name, Reason] = Field({})

    @property
    def is_told_at_once(self) -> bool:
        """Whether it is known on the as_of itself who has left, so that the others are scored."""
        return self.horizon_days + self.gap_days == 0

    @property
    def label_variables(self) -> dict[str, int]:
        """Variables of dbt_project.yml that say what a label is; the same every night."""
        return {"horizon_days": self.horizon_days, "gap_days": self.gap_days}


class Business(Section):
    """
    How many customers can be contacted, and what that costs and saves, in any one currency.

    The costs are those of Verbraken, Verbeke & Baesens 2013, for a telephone company in euros.
    """

    contact_capacity_pct: float = Field(5.0, gt=0, le=100)
    customer_lifetime_value: float = Field(200.0, gt=0)
    offer_cost: float = Field(10.0, ge=0)
    contact_cost: float = Field(1.0, ge=0)
    acceptance_alpha: float = Field(6.0, ge=1, le=1000)
    acceptance_beta: float = Field(14.0, ge=1, le=1000)

    @model_validator(mode="after")
    def _keeps_more_than_it_offers(self) -> "Business":
        """Refuse an offer that is worth more than the customer."""
        if self.offer_cost >= self.customer_lifetime_value:
            raise ValueError(
                f"offer_cost is {self.offer_cost:g} and has to be below customer_lifetime_value, "
                f"{self.customer_lifetime_value:g}"
            )

        return self

    @property
    def costs(self) -> Costs:
        """What a campaign costs and saves."""
        return Costs(
            self.customer_lifetime_value,
            self.offer_cost,
            self.contact_cost,
            self.acceptance_alpha,
            self.acceptance_beta,
        )


class Training(Section):
    """How models are fitted and judged."""

    families: tuple[Family, ...] = Field(FAMILIES, min_length=1)
    search_trials: int = Field(12, ge=1, le=1000)
    search_seconds: int = Field(240, ge=1, le=86_400)
    search_rows: int = Field(200_000, ge=100)
    bootstrap_resamples: int = Field(200, ge=10)
    seed: int = Field(20261121, ge=0, lt=2**31)
    minimum_churners: int = Field(50, ge=1)
    maximum_single_feature_auc: float = Field(0.95, gt=0.5, le=1)


class Reasons(Section):
    """Who is told why."""

    for_everyone: bool = False


class Spark(Section):
    """A cluster of Spark, of populations whose engine it is."""

    master: str = Field(
        "local[2]",
        pattern=r"^(local\[[1-9][0-9]{0,2}\]|spark://[A-Za-z0-9._:,\[\]-]+:[0-9]{1,5})$",
    )
    folder: str | None = Field(None, pattern=r"^/")
    driver_host: str = Field("127.0.0.1", pattern=r"^[A-Za-z0-9._:-]+$")
    worker_python: str | None = Field(None, pattern=r"^/")
    executor_memory: str = Field("1g", pattern=r"^[1-9][0-9]{0,4}[mg]$")
    file_rows: int = Field(25_000, ge=1, le=10_000_000)
    wait_seconds: int = Field(60, ge=1, le=3600)
    job_seconds: int = Field(3600, ge=1, le=86_400)


class Floors(Section):
    """
    AUC on the test below which a model is registered, and goes no further.

    Attributes:
        staging: What a challenger has to reach.
        production: What a champion has to reach.
    """

    staging: float | None = Field(None, gt=0.5, lt=1)
    production: float | None = Field(None, gt=0.5, lt=1)


class Promoting(Section):
    """What it takes to be champion, besides being better."""

    policy: Literal["automatic", "approval"] = "automatic"
    floors: Floors = Floors()
    champion_max_age_days: int = Field(180, ge=1, le=36_600)


class Retention(Section):
    """
    For how many days what nights leave behind is kept; `churn prune` removes what is older.

    Of the last published date of a population, and of a night that waits to be published, lists,
    results, drift and pages always stay.
    """

    scores_days: int = Field(400, ge=1, le=36_600)
    gate_results_days: int = Field(400, ge=1, le=36_600)
    drift_checks_days: int = Field(400, ge=1, le=36_600)
    alerts_days: int = Field(400, ge=7, le=36_600)
    refused_rows_days: int = Field(90, ge=1, le=36_600)
    requests_days: int = Field(90, ge=1, le=36_600)
    data_docs_days: int = Field(90, ge=7, le=36_600)
    logs_days: int = Field(30, ge=1, le=36_600)


class Imports(Section):
    """What is asked of the sources of declared populations."""

    refused_rows_pct: float = Field(1.0, ge=0, le=100)


class Alerts(Section):
    """Who receives alerts; the servers they are sent through are in the environment."""

    email_from: EmailAddress = "churn@localhost"
    email_to: tuple[EmailAddress, ...] = ()
    webhook_form: Literal["json", "teams", "pagerduty"] = "json"
    remind_after_days: int = Field(7, ge=1, le=366)
    severity: Mapping[KindPattern, AlertSeverity] = Field({})
    routes: Mapping[KindPattern, tuple[ChannelName, ...]] = Field({})

    @property
    def rules(self) -> AlertRules:
        """Severity and route by kind."""
        return AlertRules(
            severity=self.severity,
            routes=self.routes,
            remind_after_days=self.remind_after_days,
        )


class Service(Section):
    """Bounds of `churn serve`: how much it takes at once, and how long anything may last."""

    waiting_requests: int = Field(512, ge=1, le=100_000)
    batch_rows: int = Field(10_000, ge=1, le=10_000)
    body_records: int = Field(20_000, ge=1, le=1_000_000)
    body_megabytes: int = Field(32, ge=1, le=1000)
    body_seconds: int = Field(10, ge=1, le=600)
    request_seconds: int = Field(30, ge=1, le=600)
    model_poll_seconds: int = Field(15, ge=1, le=3600)
    history_lists: int = Field(10, ge=1, le=400)
    connections: int = Field(8, ge=1, le=100)
    network: NetworkPolicy = NetworkPolicy()
    tokens: TokenPolicy = TokenPolicy()
    trials: dict[Name, Trial] = {}
