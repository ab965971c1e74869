"""A run -> a page."""

from modelforge.report.write import write_report

__all__ = ["write_report"]
