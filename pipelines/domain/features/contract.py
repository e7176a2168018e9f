"""The feature contract: what a model may see, in which order, of which kind."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_args

from pipelines.errors import ContractMismatch

FeatureKind = Literal["numeric", "categorical", "boolean"]
MissingKind = Literal["", "structural"]
# What may be said of a column that no model sees.
OF_ATTRIBUTES = ("name", "kind", "title")


@dataclass(frozen=True, slots=True)
class Feature:
    """
    One column of a feature table, as `config.meta.feature` of its dbt YAML declares it.

    Attributes:
        name: Column name.
        kind: numeric, categorical or boolean.
        title: What people read in a reason, without the value.
        unit: Unit of a numeric feature, `""` for the others.
        family: Family the feature is listed under.
        theme: What it is about, as people say it: features of one theme are one reason, told by the
            strongest of them. One without a theme is a reason of its own.
        owner: Who is asked when it is wrong.
        nullable: Whether NULL is a legal value.
        minimum: Smallest legal value, inclusive; None means unbounded.
        maximum: Largest legal value, inclusive; None means unbounded.
        levels: Known levels of a categorical feature, in the order of their codes.
        watch_drift: Whether drift of this feature is watched closely.
        missing: structural where a NULL says something of the customer, as a share of nothing has
            no value; `""` where it is a value nobody knows.
    """

    name: str
    kind: FeatureKind
    title: str
    unit: str = ""
    family: str = ""
    theme: str = ""
    owner: str = "data"
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    levels: tuple[str, ...] = ()
    watch_drift: bool = True
    missing: MissingKind = ""

    @property
    def is_missing_explained(self) -> bool:
        """Whether a NULL says something of the customer, and nothing of a feed."""
        return self.missing == "structural"


@dataclass(frozen=True, slots=True)
class FeatureContract:
    """
    The features of one feature table, in a fixed order.

    Attributes:
        table: Table that holds them, keyed by as_of and customer_id.
        features: Inputs in the order the model sees them.
        attributes: Columns beside them that no model sees. By their levels and bands it is looked
            at whether a model is as good for some customers as for others.
    """

    table: str
    features: tuple[Feature, ...]
    attributes: tuple[Feature, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the features, in order, and of the attributes."""
        return (*self.names, *(attribute.name for attribute in self.attributes))

    @property
    def themes(self) -> tuple[str, ...]:
        """Theme of each feature, in their order; of one without a theme its own name."""
        return tuple(feature.theme or feature.name for feature in self.features)

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that change whenever a model's inputs would, or the attributes."""
        told: list[object] = [self.table, self._inputs]
        if self.attributes:
            told.append([(attribute.name, attribute.kind) for attribute in self.attributes])

        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def provides(self, wanted: Self) -> bool:
        """
        Tell whether rows built to this contract are what a model of *wanted* reads.

        It reads its own features by name, so others beside them, or another order, do not matter.
        """
        return self.table == wanted.table and {*wanted._inputs} <= {*self._inputs}

    def only(self, names: Collection[str]) -> Self:
        """Return the contract of those of its features that are among *names*, as declared here."""
        kept = tuple(feature for feature in self.features if feature.name in names)

        return replace(self, features=kept)

    def and_of(self, other: Self) -> Self:
        """Return the contract with those features of *other* beside it that it lacks."""
        lacking = tuple(item for item in other.features if item.name not in self.names)

        return replace(self, features=(*self.features, *lacking))

    @property
    def _inputs(self) -> list[tuple[str, str, tuple[str, ...], bool]]:
        """What a model notices of each feature."""
        return [
            (feature.name, feature.kind, feature.levels, feature.nullable)
            for feature in self.features
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the contract as JSON-compatible values; attributes only where there are some."""
        told = {"table": self.table, "features": [asdict(feature) for feature in self.features]}
        if self.attributes:
            told["attributes"] = [
                {key: getattr(each, key) for key in OF_ATTRIBUTES} for each in self.attributes
            ]

        return told

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote, or what a dbt manifest declares.

        Raises:
            ContractMismatch: A feature has a key that is not legal, or lacks one that is needed.
        """
        return cls(
            data["table"],
            tuple(_feature(item) for item in data["features"]),
            tuple(_attribute(item) for item in data.get("attributes", ())),
        )


def _feature(item: Mapping[str, Any]) -> Feature:
    """Build one feature, refusing keys nobody reads."""
    legal = {field.name for field in fields(Feature)}
    unknown = sorted(set(item) - legal)
    missing = sorted({"name", "kind", "title"} - set(item))
    if unknown or missing:
        raise ContractMismatch(
            f"feature {item.get('name', '?')!r}: unknown keys {unknown}, missing keys {missing}; "
            f"legal are {sorted(legal)}",
            next_step="edit config.meta.feature in the YAML beside the model",
        )
    if (item["kind"] == "categorical") != bool(item.get("levels")):
        raise ContractMismatch(
            f"feature {item['name']!r}: levels are for categorical features, which need them",
            next_step="edit config.meta.feature in the YAML beside the model",
        )
    if item.get("missing", "") not in get_args(MissingKind):
        raise ContractMismatch(
            f"feature {item['name']!r}: missing is {item['missing']!r} and has to be structural "
            "or left out",
            next_step="edit config.meta.feature in the YAML beside the model",
        )
    theme = item.get("theme", "")
    if not isinstance(theme, str) or not theme.isprintable():
        raise ContractMismatch(
            f"feature {item['name']!r}: theme is {theme!r} and has to be a word or two",
            next_step="edit config.meta.feature in the YAML beside the model",
        )

    return Feature(**{**item, "levels": tuple(item.get("levels", ()))})


def _attribute(item: Mapping[str, Any]) -> Feature:
    """Build one attribute, refusing keys nobody reads."""
    if set(item) != {*OF_ATTRIBUTES} or item["kind"] not in get_args(FeatureKind):
        raise ContractMismatch(
            f"attribute {item.get('name', '?')!r} has {sorted({*item} - {'name'})}, and takes a "
            f"title and a kind: {', '.join(get_args(FeatureKind))}",
            next_step="edit config.meta.attribute in the YAML beside the model",
        )

    return Feature(item["name"], item["kind"], item["title"])
