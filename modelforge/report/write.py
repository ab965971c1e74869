"""Writes a run's page into its folder."""

from __future__ import annotations

from pathlib import Path

from modelforge.report.facts import read_facts
from modelforge.report.page import render_page
from modelforge.runs import RunFolder
from modelforge.runs.files import write_text


def write_report(folder: RunFolder) -> Path:
    """Writes `report.html` into a run folder, replacing the one before, and gives its path."""
    target = folder.path / "report.html"
    write_text(target, render_page(read_facts(folder)))
    return target
