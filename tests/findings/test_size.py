"""Sizes in bytes have one spelling."""

from __future__ import annotations

import pytest

from modelforge.findings.size import size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (2**20 - 1, "1.0 MiB"),
        (20 * 2**20, "20.0 MiB"),
        (256 * 2**30, "256.0 GiB"),
        (2**40, "1.0 TiB"),
        (2**55, "32,768.0 TiB"),
    ],
)
def test_a_size(count: int, text: str) -> None:
    assert size_text(count) == text
