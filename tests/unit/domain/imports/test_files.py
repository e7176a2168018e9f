"""What the importers' files must hold."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from pipelines.domain.imports.columns import FileColumn
from pipelines.domain.imports.files import RETAIL, SOURCES, TELCO, DataFile, SourceFile, conform
from pipelines.errors import ImportRefused

AS_OF = date(2026, 11, 20)


def telco_rows(**changes: list[str]) -> pa.Table:
    """Two legal telco customers, with some columns changed."""
    rows = {
        "customerID": ["7590-AAAAA", "5575-BBBBB"],
        "gender": ["Female", "Male"],
        "SeniorCitizen": ["0", "1"],
        "Partner": ["Yes", "No"],
        "Dependents": ["No", "No"],
        "tenure": ["0", "34"],
        "PhoneService": ["No", "Yes"],
        "MultipleLines": ["No phone service", "No"],
        "InternetService": ["DSL", "DSL"],
        "OnlineSecurity": ["No", "Yes"],
        "OnlineBackup": ["Yes", "No"],
        "DeviceProtection": ["No", "Yes"],
        "TechSupport": ["No", "No"],
        "StreamingTV": ["No", "No"],
        "StreamingMovies": ["No", "No"],
        "Contract": ["Month-to-month", "One year"],
        "PaperlessBilling": ["Yes", "No"],
        "PaymentMethod": ["Electronic check", "Mailed check"],
        "MonthlyCharges": ["29.85", "56.95"],
        "TotalCharges": [" ", "1889.5"],
        "Churn": ["No", "Yes"],
    }
    return pa.table({**rows, **changes})


def retail_rows(**changes: object) -> pa.Table:
    """Three invoice lines as Parquet has them: one without a customer, one cancelled."""
    rows: dict[str, object] = {
        "InvoiceNo": ["536365", "536366", "C536367"],
        "StockCode": ["85123A", "71053", "84029G"],
        "Description": ["HOLDER", None, "BOTTLE"],
        "Quantity": [6, 8, -2],
        "InvoiceDate": pa.array([datetime(2010, 12, 1, 8, 26)] * 3, pa.timestamp("us")),  # noqa: DTZ001
        "UnitPrice": [2.55, 3.39, 2.75],
        "CustomerID": [17850.0, None, 17850.0],
        "Country": ["United Kingdom", "France", "France"],
    }
    return pa.table({**rows, **changes})


def as_csv(rows: pa.Table) -> DataFile:
    """A file whose first row is on line 2."""
    return DataFile("customers.csv", "abc", rows, first_line=2)


def as_parquet(rows: pa.Table) -> DataFile:
    """A file whose rows count from 1."""
    return DataFile("lines.parquet", "abc", rows, first_line=1)


def refusal(source: SourceFile, file: DataFile, as_of: date | None = AS_OF) -> str:
    """What the refusal of *file* says; every one names the command to run next."""
    with pytest.raises(ImportRefused) as caught:
        conform(source, file, as_of)
    assert source.command in caught.value.next_step

    return caught.value.message


def test_a_legal_telco_file_becomes_the_raw_table() -> None:
    """Every column takes its raw name and type; a blank total in month 0 is NULL."""
    table = conform(TELCO, as_csv(telco_rows()), AS_OF)

    assert 2 == table.num_rows
    assert [None, 1889.5] == table["total_charges"].to_pylist()
    assert pa.int32() == table.schema.field("tenure").type
    assert [datetime(2026, 11, 19, tzinfo=UTC)] * 2 == table["loaded_at"].to_pylist()


def test_a_legal_retail_file_becomes_the_raw_table() -> None:
    """Lines are numbered, customers are text or NULL, and known when they happened, in UTC."""
    table = conform(RETAIL, as_parquet(retail_rows()), None)

    assert [1, 2, 3] == table["line_number"].to_pylist()
    assert ["17850", None, "17850"] == table["customer_id"].to_pylist()
    assert table["invoiced_at"] == table["loaded_at"]
    assert datetime(2010, 12, 1, 8, 26, tzinfo=UTC) == table["loaded_at"][0].as_py()


def test_columns_that_nobody_reads_are_left_out() -> None:
    """A file may hold more than is needed."""
    table = conform(TELCO, as_csv(telco_rows().append_column("note", pa.array(["a", "b"]))), AS_OF)

    assert "note" not in table.column_names


def test_missing_columns_are_all_named_beside_those_found() -> None:
    """Whoever made the file sees in one message what to add."""
    rows = telco_rows().drop_columns(["tenure", "Churn"]).rename_columns({"gender": "Gender"})

    message = refusal(TELCO, as_csv(rows))

    assert "3 of 21 columns are missing: gender, tenure, Churn" in message
    assert "found: customerID, Gender, SeniorCitizen" in message


def test_a_column_that_is_there_twice_is_refused() -> None:
    """Nobody could say which of the two holds."""
    rows = telco_rows().append_column("tenure", pa.array(["1", "2"]))

    assert "1 columns are there more than once: tenure" in refusal(TELCO, as_csv(rows))


def test_a_header_without_rows_is_refused() -> None:
    """Loading nothing is not a success."""
    assert "no rows" in refusal(TELCO, as_csv(telco_rows().slice(0, 0)))


@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("tenure", ["0", "many"], "tenure: 1 of 2 values are not whole numbers, first on line 3"),
        ("tenure", ["1.5", "2"], "first on line 2, '1.5'"),
        ("MonthlyCharges", ["29,85", "x"], "MonthlyCharges: 2 of 2 values are not numbers"),
        ("MonthlyCharges", ["nan", "inf"], "MonthlyCharges: 2 of 2 values are not numbers"),
        ("Churn", ["No", "Maybe"], "Churn: 1 of 2 values are not Yes or No, first on line 3"),
        ("Partner", ["true", "No"], "Partner: 1 of 2 values are not Yes or No"),
        ("SeniorCitizen", ["0", "2"], "SeniorCitizen: 1 of 2 values are not 0 or 1"),
        ("Contract", ["", "One year"], "Contract: 1 of 2 values are blank, first on line 2"),
        ("customerID", ["a" * 201, "b"], "customerID: 1 of 2 values are not text of at most 200"),
        ("TotalCharges", ["", " "], "TotalCharges: 1 of 2 values are blank where tenure is not 0"),
    ],
)
def test_a_wrong_value_is_counted_and_placed(column: str, values: list[str], fault: str) -> None:
    """A refusal says which column, how many of how many, the first line and the first value."""
    assert fault in refusal(TELCO, as_csv(telco_rows(**{column: values})))


def test_all_faults_are_listed_at_once() -> None:
    """A file with three faults is not sent back three times."""
    rows = telco_rows(tenure=["x", "1"], Churn=["?", "No"], gender=["", "Male"])

    message = refusal(TELCO, as_csv(rows))

    assert "tenure: 1 of 2 values are not whole numbers" in message
    assert "gender: 1 of 2 values are blank" in message
    assert "Churn: 1 of 2 values are not Yes or No" in message


def test_a_repeated_key_is_refused_without_showing_it() -> None:
    """The line is enough to find it, and the key may identify a person."""
    message = refusal(TELCO, as_csv(telco_rows(customerID=["7590-AAAAA", "7590-AAAAA"])))

    assert "customerID: 1 of 2 rows repeat the key of an earlier row, first on line 3" in message
    assert "7590-AAAAA" not in message


def test_a_personal_value_is_never_shown() -> None:
    """A bad value of a personal column is placed and not quoted."""
    source = SourceFile(
        "x", "x", (FileColumn("card", "card", "count", is_personal=True),), None, None
    )
    rows = pa.table({"card": ["4111-1111", "1"]})

    message = refusal(source, as_csv(rows))

    assert "card: 1 of 2 values are not whole numbers, first on line 2" in message
    assert "4111" not in message


def test_a_long_value_is_shown_in_part() -> None:
    """One bad value does not fill the screen."""
    message = refusal(TELCO, as_csv(telco_rows(Churn=["No", "x" * 500])))

    assert "x" * 39 + "…" in message
    assert "x" * 41 not in message


def test_a_telco_file_needs_an_as_of() -> None:
    """The file does not say when it was known, and today is nobody's to assume."""
    assert "does not say when" in refusal(TELCO, as_csv(telco_rows()), None)


@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("Quantity", ["6", "six", "1"], "Quantity: 1 of 3 values are not whole numbers"),
        ("InvoiceDate", ["2011-02-30", "x", "2011-01-01"], "InvoiceDate: 2 of 3 values are not"),
        ("UnitPrice", [None, 1.0, 2.0], "UnitPrice: 1 of 3 values are blank, first on line 1"),
        ("Country", [["a"], ["b"], ["c"]], "Country is of type list<item: string>"),
        ("InvoiceDate", [1, 2, 3], "InvoiceDate: 3 of 3 values are not times"),
    ],
)
def test_a_wrong_retail_value_is_refused(column: str, values: list[object], fault: str) -> None:
    """Typed columns are judged as text ones are."""
    rows = retail_rows(**{column: values})

    assert fault in refusal(RETAIL, as_parquet(rows), None)


def test_every_source_is_found_by_its_name() -> None:
    """The command line and the ledger use the same names."""
    assert {"telco": TELCO, "retail": RETAIL} == SOURCES
