"""Checks a resolved document against the schema; what is wrong becomes findings."""

from __future__ import annotations

from modelforge.catalog import Catalog
from modelforge.document import Mapping, every_scalar, plain
from modelforge.findings import Findings
from modelforge.schema.items import check_items
from modelforge.schema.sections import open_schema

MOST = 100  # a document that is wrong in more places is wrong as a whole


def check(root: Mapping, catalog: Catalog, findings: Findings) -> bool:
    """Whether the document keeps to the language; every violation is added to `findings`."""
    # Imported here: it takes longer than everything else that `modelforge --help` needs.
    from jsonschema import Draft7Validator

    before = len(findings.errors)
    schema, _ = open_schema(catalog)
    errors = []
    for error in Draft7Validator(schema).iter_errors(plain(root)):
        errors.append(error)
        if len(errors) == MOST:
            break
    if errors:
        from modelforge.schema.violations import Violations

        Violations(root, catalog, findings).report(errors)
    check_items(root, catalog, findings)
    _check_numbers(root, findings)
    return len(findings.errors) == before


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
