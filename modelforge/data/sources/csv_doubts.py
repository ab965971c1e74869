"""Columns of a CSV that are probably not what they were taken for; tables that are too wide."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from modelforge.data.features.feature import Learned
from modelforge.data.place import Request
from modelforge.findings import listed
from modelforge.findings.size import size_text
from modelforge.sniff.table import Table, has_decimal_commas, odd_ones

MANY_CATEGORIES = 1_000
MOST_BYTES = 8 * 2**30  # of the vectors of all rows, which are kept in memory


def warn_almost_number(
    column: str, table: Table, missing: Collection[str], request: Request
) -> None:
    """Warns where a column was taken for text though nearly all of its values are numbers."""
    values = table.columns[column]
    found = almost_number(values, table.lines, missing)
    if found:
        request.warning(
            "almost-numbers",
            f"column `{column}` is taken for text: {found[0]}",
            notes=found[1:],
        )


def almost_number(
    values: Sequence[str], lines: Sequence[int], missing: Collection[str]
) -> tuple[str, ...]:
    """Why the values are no numbers, and how to mend it; empty where they are far from it."""
    if has_decimal_commas(values, missing):
        shown = next(value for value in values if value not in missing)
        return (
            f"its numbers have decimal commas, such as `{shown[:40]}`",
            "expected decimal points; replace the commas in the file",
        )
    odd = odd_ones(values, missing)
    if not odd:
        return ()
    row = next(row for row, value in enumerate(values) if value in odd)
    return (
        f"`{values[row][:40]}` in line {lines[row]} is no finite number, nearly all others are",
        "if it stands for a missing value, add it to `missing_values`: "
        f"[{listed(sorted(odd), 5)}]; otherwise mend it in the file",
    )


def check_width(learned: Sequence[Learned], rows: int, request: Request) -> None:
    """Refuses a table whose vectors would not fit into memory; warns of very many categories."""
    argument = "features" if "features" in request.item.arguments else "path"
    for item in learned:
        if item.kind.endswith("_categorical") and len(item.vocabulary) > MANY_CATEGORIES:
            request.warning(
                "many-categories",
                f"column `{item.column}` has {len(item.vocabulary):,} categories, "
                "each of which is an input of the model",
                argument,
                notes=_narrower(item),
            )
    width = sum(item.width for item in learned)
    size = 4 * width * rows
    if size > MOST_BYTES:
        widest = max(learned, key=lambda item: item.width)
        request.error(
            "table-too-large",
            f"{rows:,} rows of {width:,} numbers take {size_text(size)}, more than "
            f"{size_text(MOST_BYTES)}; most of it is column `{widest.column}` "
            f"with {widest.width:,}",
            argument,
            notes=_narrower(widest),
        )
    request.findings.stop_on_errors()


def _narrower(item: Learned) -> tuple[str, ...]:
    kind = "integer" if item.kind.startswith("integer") else "string"
    return (
        f"for fewer, write `{{{kind}_hashed: {{num_bins: 64}}}}` or "
        f"`{{{kind}_categorical: {{max_tokens: 500}}}}` for it under `features`, or leave it out "
        "with `ignore`",
    )
