"""How one column becomes numbers: as asked for, and as learned; both are plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from modelforge.catalog.own.features import FREE_TEXT

TEXT_KINDS = ("string_categorical", "string_hashed", FREE_TEXT)
WHOLE_KINDS = ("integer_categorical", "integer_hashed")
# What the columns of a kind look like before preprocessing; NaN and "" stand for missing values.
LARGEST_WHOLE = 2**24  # float32 holds every whole number up to here


@dataclass(frozen=True)
class Feature:
    """A column and the word that says how it becomes numbers.

    option: the word's `num_bins` or `max_tokens`, if it has one.
    """

    column: str
    kind: str
    option: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether the raw column is text; otherwise it is float32."""
        return self.kind in TEXT_KINDS

    @property
    def raw_dtype(self) -> str:
        """The TensorFlow dtype of the raw column."""
        return "string" if self.is_text else "float32"


@dataclass(frozen=True)
class Learned:
    """A feature with what the training share told.

    missing: a column tells where the value was missing. offset, scale: value = (raw - offset) /
    scale. vocabulary: the categories. boundaries: between the ranges.
    """

    column: str
    kind: str
    missing: bool = False
    offset: float = 0.0
    scale: float = 1.0
    vocabulary: tuple[Any, ...] = ()
    boundaries: tuple[float, ...] = ()
    bins: int = 0

    def as_plain(self) -> dict[str, Any]:
        """Plain values for the manifest."""
        plain = asdict(self)
        return {**plain, "vocabulary": list(self.vocabulary), "boundaries": list(self.boundaries)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Learned:
        """The learned feature that a manifest holds."""
        lists = {key: tuple(plain[key]) for key in ("vocabulary", "boundaries")}
        return cls(**{**plain, **lists})

    @property
    def width(self) -> int:
        """How many numbers of the model's input the column becomes."""
        if self.kind == FREE_TEXT:
            return 0  # it is an input of its own
        if self.kind.endswith("_hashed"):
            encoded = self.bins
        elif self.kind.endswith("_categorical"):
            encoded = len(self.vocabulary) + 1  # all unknown ones share one
        else:
            encoded = len(self.boundaries) + 1
        return encoded + self.missing

    @property
    def feature(self) -> Feature:
        """The feature without what was learned."""
        return Feature(self.column, self.kind)
