"""ModelForge's own words, written in the same form as Keras's."""

from modelforge.catalog.own import exports, hub, sources, strategies
from modelforge.catalog.word import Word

OWN: tuple[Word, ...] = (
    *sources.WORDS,
    *exports.WORDS,
    *strategies.STRATEGIES,
    hub.WORD,
)
