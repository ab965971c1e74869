"""Which places of a spec hold objects, as the schema says: what merging two specs must know."""

from __future__ import annotations

from typing import Any, Literal

from modelforge.catalog import Catalog
from modelforge.resolve.merge import Word
from modelforge.schema.forms import Schema
from modelforge.schema.sections import open_schema


class SchemaPlace:
    """A place of the schema; `schema` is None where the schema says nothing (in `vars`)."""

    def __init__(self, catalog: Catalog, definitions: Schema, schema: Schema | None) -> None:
        self._catalog = catalog
        self._definitions = definitions
        self._schema = self._found(schema)

    @property
    def form(self) -> Literal["always", "perhaps", "alike"]:
        """Whether a mapping there is an object."""
        if self._schema is None or "x-form" not in self._schema:
            return "alike"
        return "perhaps" if "x-by-output" in self._schema else "always"

    def below(self, key: str) -> SchemaPlace:
        """The place of a key's value."""
        schema = self._schema or {}
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        return SchemaPlace(
            self._catalog, self._definitions, inner if isinstance(inner, dict) else None
        )

    def word(self, key: str) -> Word | None:
        """The word that a key is there; in a variable, of whatever kind."""
        kinds: Any = self._catalog.kinds if self._schema is None else self._schema.get("x-form", ())
        found = self._catalog.find(key, *kinds)
        return Word(found.name, found.first.name if found.first else None) if found else None

    def _found(self, schema: Schema | None) -> Schema | None:
        """The schema itself behind its references."""
        while schema is not None and "properties" not in schema:
            if "$ref" in schema:
                schema = self._definitions[schema["$ref"].removeprefix("#/definitions/")]
            elif "allOf" in schema:
                schema = schema["allOf"][0]
            else:
                break
        return schema


def spec_place(catalog: Catalog) -> SchemaPlace:
    """The place of the whole spec."""
    schema, forms = open_schema(catalog)
    return SchemaPlace(catalog, forms.definitions, schema)
