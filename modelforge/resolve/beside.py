"""ModelForge's own keys in an item of `layers`; every other key is the word of the layer."""

from __future__ import annotations

LOOPS = ("repeat", "for", "if")  # say how often an item is there
BESIDE = ("name", "from", "call", "merge", *LOOPS)
