"""The words of verbs that read no spec: the catalog, and those of `--plugins`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelforge.catalog import Catalog


def catalog_with(plugins: Sequence[str]) -> Catalog:
    """The words of the catalog and of these files; raises Refused where they cannot be had."""
    from modelforge.catalog import load_catalog

    if not plugins:
        return load_catalog()
    from modelforge.cli.tell import tell
    from modelforge.findings import Findings, refuse
    from modelforge.graph.plugins import NOT_TRUSTED, READ_IT_FIRST, TRUSTED, read_plugin, run_files

    runner = TRUSTED.get()
    if runner is None:
        raise refuse("plugins-not-trusted", NOT_TRUSTED, notes=[READ_IT_FIRST])
    findings = Findings()
    files = [read_plugin(name, findings, name, None) for name in plugins]
    findings.stop_on_errors()
    vocabulary = run_files([file for file in files if file], runner, findings)
    findings.stop_on_errors()
    tell(findings)
    return vocabulary.catalog
