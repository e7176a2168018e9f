"""The two examples, from the file to features and labels a model can learn from."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.adapters.dbt import own_project
from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import FeatureContract
from pipelines.settings import ROOT
from tests import examples
from tests.examples import RETAIL, TELCO, real_file
from tests.integration.declared_house import House

pytestmark = pytest.mark.story

AS_OF = date(2026, 11, 20)
TEST_DAY = date(2011, 8, 31)
TRAINING_DAYS = [date(2011, 3, 10) + timedelta(days=14) * n for n in range(7)]
HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,"
    "InternetService,OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,"
    "StreamingMovies,Contract,PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)
CUSTOMER = (
    "{id},Female,0,Yes,No,1,No,No phone service,DSL,No,Yes,No,No,No,No,Month-to-month,Yes,"
    "Electronic check,29.85,29.85,{churn}"
)
LINE = "{invoice},p,1,{at},1.5,a,France"


@pytest.fixture
def house(warehouse: Warehouse) -> House:
    """The examples and a warehouse."""
    return House(examples.PROJECT, warehouse)


def build(
    warehouse: Warehouse, state: Path, population: str, as_ofs: list[date], **variables: object
) -> FeatureContract:
    """Build features and labels of *as_ofs*; return the contract of the features."""
    house = ROOT / "dbt_project"
    project = own_project.root(examples.PROJECT, house)
    dbt = Dbt(project, warehouse.url, "analytics", state, house_dir=house)
    dbt.build(
        f"+fct_{population}_features +fct_{population}_labels",
        {"as_ofs": [as_of.isoformat() for as_of in as_ofs], **variables},
    )
    return dbt.contract(f"fct_{population}_features")


def labelled(warehouse: Warehouse, population: str, contract: FeatureContract) -> pd.DataFrame:
    """Features and labels, categories as the codes of their levels."""
    query = (
        f"select * from analytics.fct_{population}_features "
        f"inner join analytics.fct_{population}_labels using (as_of, customer_id) "
        "order by as_of, customer_id"
    )
    with warehouse.batches(query) as reader:
        frame = reader.read_pandas()
    for feature in contract.features:
        assert feature.nullable or frame[feature.name].notna().all(), feature.name
        if feature.levels:
            assert {*frame[feature.name].dropna()} <= {*feature.levels}, feature.name
            frame = frame.join(pd.get_dummies(frame.pop(feature.name), prefix=feature.name))

    return frame


def logistic() -> Pipeline:
    """The plainest model there is."""
    return make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=3000),
    )


def inputs(frame: pd.DataFrame) -> np.ndarray:
    """Everything that is neither key nor label."""
    keys = ["as_of", "customer_id", "is_churned", "label_due_at"]
    return frame.drop(columns=keys).to_numpy(np.float64)


def test_telco_customers_can_be_told_apart(house: House, tmp_path: Path) -> None:
    """All customers have features and labels; the AUC is that of an honest model, not of a leak."""
    (imported,) = house.load("telco", AS_OF, customers=str(real_file(TELCO)))
    assert 7043 == imported.loaded

    contract = build(
        house.warehouse, tmp_path, "telco", [AS_OF], known_at=AS_OF.isoformat(), horizon_days=0
    )
    frame = labelled(house.warehouse, "telco", contract)

    assert 7043 == len(frame)
    assert 1869 == frame["is_churned"].sum()
    assert 11 == frame["total_charges"].isna().sum()
    assert {AS_OF} == set(frame["label_due_at"])
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0)
    labels = frame["is_churned"].to_numpy(np.bool_)
    aucs = cross_val_score(logistic(), inputs(frame), labels, cv=folds, scoring="roc_auc")
    assert 0.84 <= aucs.mean() <= 0.87


def test_retail_customers_can_be_told_apart(house: House, tmp_path: Path) -> None:
    """Trained on March to May, judged on 31 August 2011; above 0.80 would be a leak."""
    warehouse = house.warehouse
    (imported,) = house.load("retail", AS_OF, online_retail=str(real_file(RETAIL)))
    assert (541_909, 135_080) == (imported.read, imported.of_nobody)
    (lines,) = warehouse.rows(
        "select count(*), count(*) filter (where invoice_no like 'C%') "
        "from raw.retail__online_retail"
    )
    assert (541_909 - 135_080, 8_905) == tuple(lines)

    variables = {"known_at": "2011-12-09", "horizon_days": 90}
    contract = build(warehouse, tmp_path, "retail", [*TRAINING_DAYS, TEST_DAY], **variables)
    frame = labelled(warehouse, "retail", contract)

    is_test = frame["as_of"] == TEST_DAY
    assert 1962 == is_test.sum()
    churned = frame["is_churned"].to_numpy(np.bool_)
    model = logistic().fit(inputs(frame[~is_test]), churned[~is_test])
    scores = model.predict_proba(inputs(frame[is_test]))[:, 1]
    assert 0.745 <= roc_auc_score(churned[is_test], scores) <= 0.80

    build(warehouse, tmp_path, "retail", [TEST_DAY], **variables)
    again = labelled(warehouse, "retail", contract)
    pd.testing.assert_frame_equal(frame, again, check_exact=True)


def test_what_was_known_late_changes_no_retail_feature(house: House, tmp_path: Path) -> None:
    """A line of before the as_of that arrived after it is seen by later snapshots only."""
    path = tmp_path / "lines.csv"
    days = [date(2011, 4, 1), date(2011, 4, 2)]
    totals = "select events_56d from analytics.fct_retail_features order by as_of"
    lines = ["InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]

    for known_on, at, expected in (
        (date(2011, 4, 1), "2011-03-01 10:00", [(1,), (1,)]),
        (date(2011, 4, 2), "2011-03-02 10:00", [(1,), (2,)]),
    ):
        lines.append(LINE.format(invoice=len(lines), at=at))
        path.write_text("\n".join([*lines, ""]))
        (imported,) = house.load("retail", known_on, online_retail=str(path))
        assert 1 == imported.loaded
        build(house.warehouse, tmp_path, "retail", days, horizon_days=90)
        assert expected == [tuple(row) for row in house.warehouse.rows(totals)]


def test_a_later_telco_file_replaces_the_one_before(house: House, tmp_path: Path) -> None:
    """Each as_of sees the latest file that was known before it, and only that one."""
    path = tmp_path / "customers.csv"
    for as_of, left in (
        (date(2026, 1, 2), {"a": "No", "b": "Yes"}),
        (date(2026, 2, 2), {"a": "Yes"}),
    ):
        rows = [CUSTOMER.format(id=name, churn=churn) for name, churn in left.items()]
        path.write_text("\n".join([HEADER, *rows, ""]))
        house.load("telco", as_of, customers=str(path))

    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 1), date(2026, 2, 2)]
    build(house.warehouse, tmp_path, "telco", days, known_at="2026-03-01", horizon_days=0)

    labels = house.warehouse.rows(
        "select as_of::text, customer_id, is_churned from analytics.fct_telco_labels order by 1, 2"
    )
    assert [
        ("2026-01-02", "a", False),
        ("2026-01-02", "b", True),
        ("2026-02-01", "a", False),
        ("2026-02-01", "b", True),
        ("2026-02-02", "a", True),
    ] == [tuple(row) for row in labels]
