"""What operators see of one process of the service, as Prometheus reads it."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from pipelines.domain.serving.served import ServedModel
from pipelines.domain.serving.trials import VariantAnswer

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SCORES = tuple(step / 10 for step in range(1, 11))


class Metrics:
    """Counters of one process, in a registry of its own; no label holds anything of a customer."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "churn_requests",
            "Answered requests.",
            ("route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "churn_request_seconds",
            "How long a request took, from its headers to its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._scores = Histogram(
            "churn_served_probability",
            "Probabilities that were answered to rows in requests.",
            ("population",),
            buckets=SCORES,
            registry=self._registry,
        )
        self._version = Gauge(
            "churn_model_version",
            "Version of the model in service.",
            ("population",),
            registry=self._registry,
        )
        self._refused = Gauge(
            "churn_model_refused",
            "1 while the recorded champion could not be brought into service.",
            ("population",),
            registry=self._registry,
        )
        self.tokens_refused = Counter(
            "churn_tokens_refused",
            "Tokens of an identity provider that were not believed.",
            ("reason",),
            registry=self._registry,
        )
        self.shadows_left_out = Counter(
            "churn_shadows_left_out",
            "Customers of a trial whom the challenger was to score silently, and did not.",
            ("population",),
            registry=self._registry,
        )
        self.challenger_failures = Counter(
            "churn_challenger_failures",
            "Customers of a trial whom the challenger failed to score.",
            ("population",),
            registry=self._registry,
        )
        self._challenger_refused = Gauge(
            "churn_challenger_refused",
            "1 while the challenger of a trial could not be brought into service.",
            ("population",),
            registry=self._registry,
        )
        self._variants = Counter(
            "churn_trial_answers",
            "Rows that were answered, by the model that answered.",
            ("population", "variant"),
            registry=self._registry,
        )
        self.in_progress = Gauge(
            "churn_requests_in_progress",
            "Requests that are being answered or wait for it.",
            registry=self._registry,
        )

    def watch_identity(self, is_usable: Callable[[], bool]) -> None:
        """Say from now on whether there are keys of the identity provider to believe."""
        usable = Gauge(
            "churn_identity_keys_usable",
            "1 while keys of the identity provider are there that may be believed.",
            registry=self._registry,
        )
        usable.set_function(is_usable)

    def in_trial(self, populations: Iterable[str]) -> None:
        """Begin to count at 0: of a count that begins with the first there is no increase."""
        for population in populations:
            self.shadows_left_out.labels(population)
            self.challenger_failures.labels(population)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def scored(self, population: str, answers: Iterable[VariantAnswer]) -> None:
        """Count what rows were answered, and by which model."""
        scores = self._scores.labels(population)
        for each in answers:
            scores.observe(each.answer.churn_probability)
            self._variants.labels(population, each.variant).inc()

    def serving(
        self,
        models: Mapping[str, ServedModel],
        faults: Mapping[str, object],
        challenger_faults: Mapping[str, object],
    ) -> None:
        """Say which models are in service, whose champion is not, and whose challenger."""
        for population in {*models, *faults}:
            self._refused.labels(population).set(population in faults)
            self._challenger_refused.labels(population).set(population in challenger_faults)
        for population, model in models.items():
            self._version.labels(population).set(model.version.version)

    def response(self) -> Response:
        """Return all of it."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
