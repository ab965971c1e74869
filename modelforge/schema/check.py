"""Checks a resolved document against the schema; what is wrong becomes findings."""

from __future__ import annotations

from itertools import islice

from modelforge.catalog import Catalog
from modelforge.document import Mapping, Plain, every_scalar, plain
from modelforge.findings import Findings
from modelforge.schema.forms import Schema
from modelforge.schema.items import check_items, is_too_long
from modelforge.schema.known import check_known
from modelforge.schema.phases import check_phases
from modelforge.schema.quick import Quick
from modelforge.schema.sections import open_schema
from modelforge.schema.thaw import check_thaw

MOST = 100  # a document that is wrong in more places is wrong as a whole


def check(root: Mapping, catalog: Catalog, findings: Findings) -> bool:
    """Whether the document keeps to the language; every violation is added to `findings`."""
    before = len(findings.errors)
    if is_too_long(root, findings):
        return False
    schema, _ = open_schema(catalog)
    value = plain(root)
    if not Quick(schema).holds(value):
        _report(root, value, schema, catalog, findings)
    check_items(root, catalog, findings)
    check_phases(root, findings)
    check_thaw(root, findings)
    check_known(root, findings)
    check_thaw(root, findings)
    _check_numbers(root, findings)
    return len(findings.errors) == before


def _report(
    root: Mapping, value: Plain, schema: Schema, catalog: Catalog, findings: Findings
) -> None:
    """What is wrong, as far as there are not too many places."""
    # Imported here: it takes longer than everything else that a spec without mistakes needs.
    from jsonschema import Draft7Validator

    from modelforge.schema.violations import Violations

    errors = islice(Draft7Validator(schema).iter_errors(value), MOST)
    Violations(root, catalog, findings).report([*errors])


def _check_numbers(root: Mapping, findings: Findings) -> None:
    """NaN passes every range of a JSON Schema, so it is looked for by itself."""
    for node in every_scalar(root):
        if isinstance(node.value, float) and (
            node.value != node.value or node.value in (float("inf"), float("-inf"))
        ):
            findings.error(
                "not-finite",
                f"`{node.value}` is not a finite number",
                node.span,
                notes=["no argument takes NaN or infinity"],
            )
