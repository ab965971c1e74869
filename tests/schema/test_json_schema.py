"""The JSON Schema that editors get is valid draft-07 and knows every word."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from modelforge.catalog import Catalog
from modelforge.schema import json_schema
from modelforge.schema.sections import open_schema


@pytest.fixture(scope="module")
def schema(catalog: Catalog) -> dict:  # type: ignore[type-arg]
    return json_schema(catalog)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    from modelforge.catalog import load_catalog

    return load_catalog()


def test_it_is_draft_07(schema: dict) -> None:  # type: ignore[type-arg]
    Draft7Validator.check_schema(schema)


def test_every_reference_leads_somewhere(schema: dict) -> None:  # type: ignore[type-arg]
    references = set()
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if "$ref" in node:
                references.add(node["$ref"].removeprefix("#/definitions/"))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    for reference in references:
        found = schema["definitions"]
        for part in reference.split("/"):
            found = found[part]
    assert len(references) > 300


def test_layers_and_applications_are_offered_with_documentation(
    schema: dict,  # type: ignore[type-arg]
    catalog: Catalog,
) -> None:
    offered = schema["definitions"]["item"]["properties"]
    for word in catalog.words("layer", "application").values():
        assert word.name in offered
        if word.refused:
            assert word.refused in offered[word.name]["deprecationMessage"]
        else:
            assert offered[word.name]["markdownDescription"].startswith(f"**{word.name}**")
    assert offered["Convolution2D"]["doNotSuggest"]


def test_arguments_carry_their_documentation_and_default(schema: dict) -> None:  # type: ignore[type-arg]
    padding = schema["definitions"]["layer.Conv2D"]["properties"]["padding"]
    assert "no padding" in padding["description"]
    assert 'Default: `"valid"`' in padding["markdownDescription"]


def test_definitions_are_made_when_they_are_needed(catalog: Catalog) -> None:
    schema, forms = open_schema(catalog)
    assert not forms.definitions.keys() & {"item", "layer.Conv2D"}
    assert "layers" in schema["definitions"]["model"]["properties"]
    assert "Conv2D" in schema["definitions"]["item"]["properties"]
    assert not forms.definitions.keys() & {"layer.Conv2D"}
    assert schema["definitions"]["layer.Conv2D"]["x-word"] == ["layer", "Conv2D"]


@pytest.mark.parametrize(
    ("document", "messages"),
    [
        ({"modelforge": 1}, ["'model' is a required property"]),
        ({"extends": "base.yaml"}, []),
        ({"extends": ["a.yaml", "b.yaml"], "train": {"epochs": 3}, "data": {"seed": 3}}, []),
        ({"extends": "base.yaml", "without": "train.loss", "patch": {"train.epochs": 3}}, []),
        ({"extends": 3}, ["3 is not of type 'string', 'array'"]),
        ({"extends": "base.yaml", "train": {"epoch": 3}}, ["'epoch' was unexpected"]),
        ({"model": {"layers": ["Flatten"]}, "train": {}}, ["'loss' is a required property"]),
    ],
)
def test_editors_miss_nothing_in_a_spec_that_extends(
    schema: dict,  # type: ignore[type-arg]
    document: dict,  # type: ignore[type-arg]
    messages: list[str],
) -> None:
    errors = [error.message for error in Draft7Validator(schema).iter_errors(document)]
    assert len(errors) == len(messages), errors
    assert all(part in error for part, error in zip(messages, errors, strict=True))
