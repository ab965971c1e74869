"""The vocabulary: what Keras offers (generated) and ModelForge's own words."""

from modelforge.catalog.catalog import Catalog
from modelforge.catalog.load import load_catalog, version_finding
from modelforge.catalog.record import Head
from modelforge.catalog.word import (
    INNER_KINDS,
    LAYER_KINDS,
    Argument,
    JsonType,
    JsonValue,
    Kind,
    Word,
)

__all__ = [
    "INNER_KINDS",
    "LAYER_KINDS",
    "Argument",
    "Catalog",
    "Head",
    "JsonType",
    "JsonValue",
    "Kind",
    "Word",
    "load_catalog",
    "version_finding",
]
