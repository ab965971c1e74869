"""The catalog as JSON Schema, and the schema's violations as findings."""

from modelforge.schema.check import check
from modelforge.schema.sections import json_schema

__all__ = ["check", "json_schema"]
