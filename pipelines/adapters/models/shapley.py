"""Exact Shapley values of trees, by woodelf's vectors of their leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from woodelf.core.cube_metric import ShapleyValues
from woodelf.core.path_to_s_vectors.woodelf_p2s import HighDepthWoodelfPathToSVectors
from woodelf.core.trees.decision_trees_ensemble import DecisionTreeNode, DecisionTreesEnsemble
from woodelf.core.trees.parse_models import load_decision_tree_ensemble_model
from woodelf.core.utils import get_covers_vector, get_unique_features_in_path

from pipelines.adapters.libraries.trees import xgb
from pipelines.domain.arrays import Flags, Matrix, Vector

# Of decisions on the way to a node, a bit each: eight features deep at most.
Patterns = npt.NDArray[np.uint8]
DEEPEST = 8

# So many rows of one feature, and what is worked out of them, stay in a core's cache.
ROWS_AT_ONCE = 16_384
# Of vectors that are kept; of 3,000 trees of depth 8 they would be 3 GB.
KEPT_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class _Leaf:
    """
    One leaf, or two neighbours of which a bit tells who is in which.

    Attributes:
        adds: Position of a feature, and what it adds by the pattern of decisions on the way.
    """

    adds: tuple[tuple[int, Vector], ...]


@dataclass(frozen=True, slots=True)
class _Decision:
    """
    One split on the way to leaves.

    Attributes:
        feature: Position of what it asks about.
        below: Left is who has less.
        is_left_missing: Whether left is who has no value, too.
        bit: Of the pattern, where the way has asked about the feature before; None adds a bit.
        bits: How many the pattern has.
        left: What comes then.
        right: And on the other side; None where *left* tells for both.
    """

    feature: int
    below: float
    is_left_missing: bool
    bit: int | None
    bits: int
    left: "_Decision | _Leaf"
    right: "_Decision | _Leaf | None"


class ShapleyOfTrees:
    """
    What each feature adds to a margin (Nadel & Wettenstein 2025: WOODELF).

    woodelf's own walk works out the vectors of every leaf again for each batch, and compares
    through pandas; here those that fit are worked out once, and rows are walked in numpy. Order and
    type of every sum are woodelf's, so that the numbers are the same to the last bit where the same
    leaves tell a row.

    Args:
        booster: Of trees that are no deeper than *depth*.
        depth: Of the deepest, DEEPEST at most.
        kept_bytes: Of vectors that are kept; those of later trees are worked out for each batch.
    """

    def __init__(self, booster: xgb.Booster, depth: int, kept_bytes: int = KEPT_BYTES) -> None:
        if depth > DEEPEST:
            raise ValueError(f"trees are {depth} deep, and patterns have {DEEPEST} bits")
        self._vectors = HighDepthWoodelfPathToSVectors(ShapleyValues(), depth)
        self._others = [*ensemble_of(booster).trees]
        self._kept_bytes = kept_bytes
        self._kept = self._next(self._others)
        del self._others[: len(self._kept)]

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers, n_features)` of `(n_customers, n_features)`."""
        told = np.zeros(matrix.shape)
        starts = range(0, len(matrix), ROWS_AT_ONCE)
        sums: dict[int, dict[int, Vector]] = {begin: {} for begin in starts}
        for trees in self._portions():
            for begin in starts:
                block = matrix[begin : begin + ROWS_AT_ONCE]
                columns, nobody = np.asfortranarray(block), np.zeros(len(block), dtype=np.uint8)
                for tree in trees:
                    _walk(tree, nobody, columns, sums[begin])
        for begin, features in sums.items():
            for feature, added in features.items():
                told[begin : begin + len(added), feature] = added

        return told

    def _portions(self) -> Iterator[list["_Decision | _Leaf"]]:
        """Yield all trees in their order, as many at once as may be kept."""
        yield self._kept
        done = 0
        while done < len(self._others):
            trees = self._next(self._others[done:])
            yield trees
            done += len(trees)

    def _next(self, trees: Sequence[DecisionTreeNode]) -> list["_Decision | _Leaf"]:
        """Return the first of *trees* with their vectors: as many as may be kept, one at least."""
        made: list[_Decision | _Leaf] = []
        size = 0
        for tree in trees:
            made.append(_compiled(tree, [], self._vectors, tree.depth > 1))
            size += _bytes(made[-1])
            if size >= self._kept_bytes:
                break

        return made


def ensemble_of(booster: xgb.Booster) -> DecisionTreesEnsemble:
    """
    Return the trees of *booster* as woodelf holds them, its features by position.

    woodelf reads each split one float32 lower than it is, and asks who has less, so that who has
    just less than the split would be told by the leaf on the other side: one of 16,000 rows, by
    0.06 of its log-odds.
    """
    ensemble = load_decision_tree_ensemble_model(booster, [*range(booster.num_features())])
    for tree in ensemble.trees:
        for node in tree.bfs():
            if not node.is_leaf():
                node.value = float(np.nextafter(np.float32(node.value), np.float32(np.inf)))

    return ensemble


def _bytes(node: "_Decision | _Leaf | None") -> int:
    """Return the size of the vectors below *node*."""
    if node is None:
        return 0
    if isinstance(node, _Leaf):
        return sum(vector.nbytes for _, vector in node.adds)

    return _bytes(node.left) + _bytes(node.right)


def _walk(
    node: _Decision | _Leaf, patterns: Patterns, columns: Matrix, sums: dict[int, Vector]
) -> None:
    """Add what *node* and everything below it says of each row."""
    if isinstance(node, _Leaf):
        places = patterns.astype(np.intp)
        for feature, vector in node.adds:
            added = vector.take(places, mode="clip")
            if feature in sums:
                sums[feature] += added
            else:
                sums[feature] = added
        return
    values = columns[:, node.feature]
    is_left = ~(values >= node.below) if node.is_left_missing else values < node.below
    _walk(node.left, _followed(patterns, is_left, node), columns, sums)
    if node.right is not None:
        _walk(node.right, _followed(patterns, ~is_left, node), columns, sums)


def _followed(patterns: Patterns, is_there: Flags, node: _Decision) -> Patterns:
    """Return the patterns with what a decision says of one side."""
    if node.bit is None:
        return np.asarray((patterns << 1) + is_there.view(np.uint8))
    others = np.uint8((1 << node.bits) - 1 - node.bit)

    return np.asarray(patterns & (others + is_there.view(np.uint8) * np.uint8(node.bit)))


def _compiled(
    node: DecisionTreeNode,
    way: list[DecisionTreeNode],
    vectors: HighDepthWoodelfPathToSVectors,
    is_paired: bool,
) -> _Decision | _Leaf:
    """Return a node of woodelf's with everything that does not depend on the rows."""
    asked = get_unique_features_in_path(way)
    if node.is_leaf():
        return _leaf(node, way, vectors, None)
    is_new = node.feature_name not in asked
    is_pair = is_paired and is_new and node.left.is_leaf() and node.right.is_leaf()
    left = (
        _leaf(node.left, [*way, node], vectors, node.right.value)
        if is_pair
        else _compiled(node.left, [*way, node], vectors, is_paired)
    )

    return _Decision(
        feature=node.feature_name,
        below=node.value,
        is_left_missing=node.nan_go_left,
        bit=None if is_new else 1 << (len(asked) - 1 - asked.index(node.feature_name)),
        bits=len(asked),
        left=left,
        right=None if is_pair else _compiled(node.right, [*way, node], vectors, is_paired),
    )


def _leaf(
    leaf: DecisionTreeNode,
    way: list[DecisionTreeNode],
    vectors: HighDepthWoodelfPathToSVectors,
    neighbour: float | None,
) -> _Leaf:
    """Return a leaf with what it adds for each pattern, and its *neighbour* with it."""
    asked = get_unique_features_in_path(way)
    covers = np.array(get_covers_vector([*way, leaf], asked))
    made = vectors.get_path_dependent_s_matrix(asked, None, covers, leaf.value, neighbour)

    return _Leaf(tuple((name, np.ascontiguousarray(made[name])) for name in made))
