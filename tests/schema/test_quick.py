"""The quick check says what jsonschema says, of whatever is held against the schema."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from modelforge.catalog import Catalog
from modelforge.schema.quick import Quick, UnknownKeyword
from modelforge.schema.sections import open_schema
from tests.generator.spec import make_spec
from tests.hostile.mutate import damaged_value

REPOSITORY = Path(__file__).parent.parent.parent
WRITTEN = [*REPOSITORY.glob("specs/*.yaml"), *REPOSITORY.glob("tests/invalid/schema/*.yaml")]


def test_it_agrees_with_jsonschema(catalog: Catalog) -> None:
    schema, _ = open_schema(catalog)
    quick, slow = Quick(schema), Draft7Validator(schema)
    random = Random(1)
    values = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in WRITTEN]
    plain = [yaml.safe_load(make_spec(seed).whole) for seed in range(60)]
    values += [damaged_value(random, value) for value in plain for _ in range(10)] + plain
    valid = [quick.holds(value) for value in values]
    assert valid == [slow.is_valid(value) for value in values]
    assert 20 < sum(valid) < len(valid) - 100


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer"},
        {"type": ["integer", "null"], "minimum": 1, "maximum": 3},
        {"type": ["number", "string"], "exclusiveMinimum": 0, "pattern": "^a"},
        {"items": {"type": "number", "exclusiveMaximum": 2}, "minItems": 1, "maxItems": 2},
        {"properties": {"a": {"type": "boolean"}}, "additionalProperties": {"type": "null"}},
        {"required": ["a"], "minProperties": 1, "allOf": [{"maxProperties": 1}]},
        {"additionalProperties": False, "properties": {"a": {"$ref": "#/definitions/x"}}},
        {"not": {"type": "object"}},
        {"not": {}},
    ],
)
def test_every_keyword(schema: dict[str, Any]) -> None:
    schema = {**schema, "definitions": {"x": {"type": "string"}}}
    values: list[Any] = [None, True, False, 0, 1, 2, 3, 4, 1.0, 2.5, -1, "", "a", "ba", [], {}]
    values += [[value] for value in values] + [{"a": value} for value in values]
    values += [{"b": None}, {"a": True, "b": None}, {"a": "", "b": 1}, [1, 1], [1, 2, 3]]
    quick, slow = Quick(schema), Draft7Validator(schema)
    assert [quick.holds(value) for value in values] == [slow.is_valid(v) for v in values]


def test_a_keyword_that_it_does_not_know() -> None:
    with pytest.raises(UnknownKeyword, match="uniqueItems"):
        Quick({"uniqueItems": True})
