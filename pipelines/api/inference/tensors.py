"""Tensors of the Open Inference Protocol: a column a feature, read as rows and written again."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.api.bodies import CustomerId, Sent, SentRow, refused
from pipelines.api.problems import Fault, pointer
from pipelines.domain.features.contract import FeatureContract, FeatureKind
from pipelines.domain.serving.trials import VariantAnswer

CUSTOMER: Final = "customer_id"
Datatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP32",
    "FP64",
    "BYTES",
]
# What a feature of each kind is as a tensor; a number may be sent as any type of numbers.
DATATYPES: Final[Mapping[FeatureKind, Datatype]] = {
    "numeric": "FP64",
    "boolean": "BOOL",
    "categorical": "BYTES",
}
OUTPUTS: Final[Mapping[str, tuple[Datatype, Callable[[VariantAnswer], object]]]] = {
    "churn_probability": ("FP64", lambda found: found.answer.churn_probability),
    "risk_tier": ("BYTES", lambda found: found.answer.risk_tier),
    "recommended_action": ("BYTES", lambda found: found.answer.recommended_action),
    "model_version": ("INT64", lambda found: found.model_version),
    "variant": ("BYTES", lambda found: found.variant),
}
B = TypeVar("B", bound=BaseModel)


class Tensor(Sent):
    """One column: a feature, or customer_id."""

    # What other servers are told with a tensor, such as how a text is written, says nothing here.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(max_length=200)
    shape: list[int] = Field(
        max_length=2, description="[n] or [n, 1]; n the same for every tensor."
    )
    datatype: Datatype
    parameters: dict[str, Any] | None = None
    data: list[Any] = Field(description="Null is a value nobody knows.")


class WantedOutput(Sent):
    """The name of an output."""

    name: str = Field(max_length=200)
    parameters: dict[str, Any] | None = None


class InferenceRequest(Sent):
    """What is sent: a tensor for each feature. One that is left out is unknown in every row."""

    id: str | None = Field(None, max_length=200)
    parameters: dict[str, Any] | None = None
    inputs: list[Tensor] = Field(min_length=1, max_length=5000)
    outputs: list[WantedOutput] | None = None


class OutputTensor(BaseModel):
    """One column of answers."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Any]


class InferenceAnswer(BaseModel):
    """Answers, a tensor each: all there are, or those that were asked for."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class TensorMetadata(BaseModel):
    """One tensor a model reads or answers."""

    name: str
    datatype: Datatype
    shape: list[int]


class ModelMetadata(BaseModel):
    """What a model reads and answers."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ModelReady(BaseModel):
    """Whether a model can be asked."""

    name: str
    ready: bool


def read_rows(sent: InferenceRequest, contract: FeatureContract, most: int) -> list[SentRow]:
    """
    Return the rows of tensors.

    Args:
        sent: As it was read.
        contract: Which features there are.
        most: Rows there may be.

    Raises:
        Problem: With each tensor or value that is wrong: its name, shape, type or data.
    """
    kinds = {feature.name: feature.kind for feature in contract.features}
    rows = sent.inputs[0].shape[0] if sent.inputs[0].shape else 0
    if not 1 <= rows <= most:
        raise refused([Fault("/inputs/0/shape", f"is {rows} rows; there may be 1 to {most}")])
    faults: list[Fault] = []
    columns: dict[str, Sequence[Any]] = {}
    for number, tensor in enumerate(sent.inputs):
        place = ("inputs", number)
        if tensor.name in columns:
            faults.append(Fault(pointer(*place, "name"), "is there twice"))
        elif tensor.name not in kinds and tensor.name != CUSTOMER:
            faults.append(Fault(pointer(*place, "name"), "is no feature of the model"))
        elif not _fits(tensor.datatype, kinds.get(tensor.name, "categorical")):
            wanted = DATATYPES[kinds.get(tensor.name, "categorical")]
            faults.append(Fault(pointer(*place, "datatype"), f"has to be {wanted}"))
        elif tensor.shape not in ([rows], [rows, 1]):
            faults.append(Fault(pointer(*place, "shape"), f"has to be [{rows}] or [{rows}, 1]"))
        else:
            columns[tensor.name] = data = _flat(tensor)
            faults += _faults(tensor, data, rows, place)
    if faults:
        raise refused(faults)
    ids = columns.pop(CUSTOMER, [None] * rows)

    return [
        SentRow.model_construct(
            customer_id=ids[number],
            features={name: values[number] for name, values in columns.items()},
        )
        for number in range(rows)
    ]


def wanted(sent: InferenceRequest) -> list[str]:
    """
    Return the names of the outputs that are asked for, all there are if none is named.

    Raises:
        Problem: One is none.
    """
    names = [each.name for each in sent.outputs or ()]
    faults = [
        Fault(pointer("outputs", number, "name"), f"is no output; legal: {', '.join(OUTPUTS)}")
        for number, name in enumerate(names)
        if name not in OUTPUTS
    ]
    if faults:
        raise refused(faults)

    return list(dict.fromkeys(names)) or [*OUTPUTS]


def written(names: Sequence[str], answers: Sequence[VariantAnswer]) -> list[dict[str, Any]]:
    """Return answers as tensors, a number for every row in each."""
    return [
        {
            "name": name,
            "shape": [len(answers)],
            "datatype": OUTPUTS[name][0],
            "data": [OUTPUTS[name][1](found) for found in answers],
        }
        for name in names
    ]


def _fits(datatype: Datatype, kind: FeatureKind) -> bool:
    """Tell whether a feature of a kind may be sent as a type."""
    if kind == "numeric":
        return datatype not in {"BOOL", "BYTES"}

    return datatype == DATATYPES[kind]


def _flat(tensor: Tensor) -> list[Any]:
    """Return the values of a column, which may be written as a list of lists of one."""
    if len(tensor.shape) == 2 and all(type(value) is list for value in tensor.data):
        return [value for row in tensor.data for value in row]

    return tensor.data


def _faults(
    tensor: Tensor, data: Sequence[Any], rows: int, place: tuple[str | int, ...]
) -> list[Fault]:
    """Return what is wrong with the values of a column."""
    if len(data) != rows:
        return [Fault(pointer(*place, "data"), f"has {len(data)} values for {rows} rows")]
    is_legal = _CHECKS["BYTES" if tensor.datatype == "BYTES" else tensor.datatype[:2]]

    return [
        Fault(pointer(*place, "data", number), f"is no {tensor.datatype}")
        for number, value in enumerate(data)
        if value is not None
        and not (is_legal(value, tensor.datatype) if tensor.name != CUSTOMER else _is_id(value))
    ]


def _is_whole(value: object, datatype: str) -> bool:
    """Tell whether a value is a whole number that fits."""
    if type(value) is not int:
        return False
    bits = int(datatype.removeprefix("U").removeprefix("INT"))
    low, high = (
        (0, 1 << bits) if datatype.startswith("U") else (-(1 << (bits - 1)), 1 << (bits - 1))
    )

    return low <= value < high


def _is_number(value: object, _datatype: str) -> bool:
    """Tell whether a value is a finite number."""
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _is_text(value: object, _datatype: str) -> bool:
    """Tell whether a value is a text."""
    return type(value) is str


def _is_truth(value: object, _datatype: str) -> bool:
    """Tell whether a value is true or false."""
    return type(value) is bool


def _is_id(value: object) -> bool:
    """Tell whether a value may be the id of a customer."""
    try:
        _Customer.model_validate({"customer_id": value})
    except ValidationError:
        return False

    return True


class _Customer(Sent):
    """The id of a customer."""

    customer_id: CustomerId


_CHECKS: Final[Mapping[str, Callable[[object, str], bool]]] = {
    "BO": _is_truth,
    "BYTES": _is_text,
    "FP": _is_number,
    "IN": _is_whole,
    "UI": _is_whole,
}
