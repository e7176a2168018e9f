"""Two models in service on a real night: what each answers, what is kept, and who was better."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.domain.serving.trials import Trial
from tests.e2e import at_rest as at_rest_business
from tests.e2e.at_rest import ID, NIGHT, UNTIL
from tests.faults.business import POPULATION, Business
from tests.faults.damage import champion
from tests.faults.other_models import gloomier, registered
from tests.integration.service_night import features, made_key, night_of
from tests.integration.service_process import SOON, serving

KINDS = {bool: "BOOL", str: "BYTES"}


@pytest.fixture(scope="module")
def business(at_rest: Path) -> Iterator[Business]:
    """A copy of a business with a champion and two published nights; its server runs."""
    with at_rest_business.copy_of(at_rest) as churn_home:
        churn_home.configure(SOON)
        found = Business(churn_home)
        yield found
        found.wired.warehouse.engine.dispose()


def test_a_split_of_a_night_is_answered_kept_and_judged(business: Business) -> None:
    """By tensors, everybody at once: the champion's share is the night's in every bit."""
    challenger = registered(business, gloomier).version
    first = champion(business).version
    trial = Trial(challenger=challenger, mode="split", salt="winter")
    table = f'{POPULATION} = {{ challenger = {challenger}, mode = "split", salt = "winter" }}'
    business.churn_home.configure({**SOON, "trials = {}": f"trials = {{ {table} }}"})
    night = night_of(business)
    rows = features(business, [*night])
    names = [*rows]
    columns = {
        name: [rows[customer][name] for customer in names] for name in next(iter(rows.values()))
    }
    kinds = {
        name: next(
            (KINDS.get(type(value), "FP64") for value in values if value is not None), "FP64"
        )
        for name, values in columns.items()
    }
    inputs = [
        {"name": name, "shape": [len(names)], "datatype": kinds[name], "data": values}
        for name, values in columns.items()
    ]
    ids = {"name": "customer_id", "shape": [len(names)], "datatype": "BYTES", "data": names}
    with serving(business.churn_home) as service:
        answer = service.ask(
            *("POST", f"/v2/models/churn-{POPULATION}/infer", made_key(business, per_hour=100)),
            json={"inputs": [*inputs, ids]},
        )
        said = service.said.read_text("utf-8")
    assert 200 == answer.status_code, answer.text
    told = {each["name"]: each["data"] for each in answer.json()["outputs"]}
    of = dict(zip(names, told["variant"], strict=True))

    assert len(names) > 500
    assert {name: trial.variant(name) for name in names} == of
    versions = {"champion": first, "challenger": challenger}
    assert [versions[each] for each in told["variant"]] == told["model_version"]
    probabilities = dict(zip(names, told["churn_probability"], strict=True))
    ours = [name for name in names if of[name] == "champion"]
    assert {name: night[name][0] for name in ours} == {name: probabilities[name] for name in ours}
    assert all(probabilities[name] > night[name][0] for name in names if of[name] == "challenger")
    kept = business.rows(
        "select customer_id, variant, model.version, churn_probability "
        "from churn.served_predictions, lateral (select case variant when 'champion' then "
        "champion_version else challenger_version end as version) as model "
        "where score_date = %s and is_answered",
        NIGHT,
    )
    assert Counter(
        (name, of[name], versions[of[name]], probabilities[name]) for name in names
    ) == Counter(kept)
    assert ID not in said

    business.execute(
        "insert into churn.outcomes (population, score_date, customer_id, run_id, "
        "churn_probability, is_churned) select population, score_date, customer_id, run_id, "
        f"churn_probability, false from churn.scores_published where score_date = '{NIGHT}' "
        f"and population = '{POPULATION}'"
    )
    judged = business.churn_home.churn("outcomes", "--as-of", UNTIL)
    assert f"split of {first} and {challenger}: churn_rate of {len(names):,} customers" in judged
    results = business.rows(
        "select metric, customers, difference > 0, verdict from churn.trial_results order by metric"
    )
    assert ("brier", len(names), True) == results[0][:3]
    assert ("churn_rate", len(names), "open") == (*results[1][:2], results[1][3])
