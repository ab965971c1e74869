"""The keys by which a spec inherits: a spec without them is spared the import of `inherit`."""

from __future__ import annotations

INHERITING = ("extends", "without", "patch")
