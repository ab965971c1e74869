"""A violation of the schema becomes a finding that says what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from modelforge.catalog import INNER_KINDS, LAYER_KINDS, Catalog, Word
from modelforge.document import Broken, Path, Scalar, Sequence, key_span
from modelforge.document import Mapping as MappingNode
from modelforge.findings import Findings, Span, did_you_mean, listed, nearest
from modelforge.resolve import Waiting
from modelforge.schema.elsewhere import elsewhere, loss_of
from modelforge.schema.forms import MODELS, with_article
from modelforge.schema.violation import Violation, joined

if TYPE_CHECKING:
    from jsonschema import ValidationError

_RELATIONS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}

_OF_KERAS = "an argument takes a layer of Keras"
_OWN_LAYER = (
    "a layer inside another one belongs to that one: Keras 3.15.1 cannot load a model that applies "
    "it elsewhere, too; the whole can be applied again, with `use` among the `layers`"
)

_WHOLE_MODELS = ("Sequential", "Functional", "Model")


class Violations:
    """Turns the violations of one document into findings."""

    def __init__(self, root: MappingNode, catalog: Catalog, findings: Findings) -> None:
        self.root = root
        self.catalog = catalog
        self.findings = findings
        self.meant: dict[Path, set[str]] = {}  # what misspelt keys would have been, by path
        self.handlers: dict[str, Callable[[Violation], None]] = {
            "additionalProperties": self._unknown_keys,
            "required": self._missing,
            "type": self._wrong_type,
            "pattern": self._wrong_text,
            "not": self._forbidden,
            "minItems": self._wrong_length,
            "maxItems": self._wrong_length,
            "minProperties": self._empty,
            "maxProperties": self._several_words,
            **dict.fromkeys(_RELATIONS, self._out_of_range),
        }

    def report(self, errors: Iterable[ValidationError]) -> None:
        """Adds a finding for each violation, leaving out those that another one explains."""
        violations = [Violation.of(error, self.root) for error in errors]
        # What could not be read is blamed already, and what the data will tell is checked then;
        # whole sections and lists it cannot tell.
        violations = [
            v
            for v in violations
            if not isinstance(v.node, Broken)
            and (not isinstance(v.node, Waiting) or _wants_structure(v.schema))
        ]
        # Unknown keys first: `filtres` explains why `filters` is missing.
        violations.sort(key=lambda violation: violation.keyword != "additionalProperties")
        explained = self._misspelt_losses(violations)
        for violation in violations:
            if loss_of(violation.path) not in explained:
                self.handlers.get(violation.keyword, self._other)(violation)

    def _misspelt_losses(self, violations: list[Violation]) -> set[Path]:
        """`loss: {Hubr: {delta: 1}}` reads like a loss for an output called `Hubr`."""
        explained: set[Path] = set()
        losses = self.catalog.names("loss")
        for violation in violations:
            place = loss_of(violation.path)
            if place is None or place in explained:
                continue
            name = str(place[-1])
            if name not in losses and nearest(name, losses, 0.75):
                self._unknown_word({"x-form": ["loss"]}, name, key_span(self.root, place))
                explained.add(place)
        return explained

    # --- unknown and missing keys -------------------------------------------------------------

    def _unknown_keys(self, violation: Violation) -> None:
        schema = violation.schema
        for key in violation.instance:
            if key not in schema["properties"]:
                meant = self._holder(schema, key) or nearest(key, schema["properties"])
                self.meant.setdefault(violation.path, set()).add(meant or "")
                self._unknown_key(violation, key)

    def _unknown_key(self, violation: Violation, key: str) -> None:
        schema, span = violation.schema, key_span(self.root, (*violation.path, key))
        hint = did_you_mean(key, schema["properties"])
        if "x-word" in schema:
            word, holder = self._word(schema), self._holder(schema, key)
            self.findings.error(
                "unknown-argument",
                f"`{word.name}` has no argument `{key}`",
                span,
                hint=f"write `{holder}: {{{key}: ...}}`" if holder else hint,
                notes=_usage(word),
            )
        elif "x-form" in schema:
            self._unknown_beside(violation, key, span)
        else:
            self.findings.error(
                "unknown-key",
                f"{_title(violation)} has no key `{key}`",
                span,
                hint=elsewhere((*violation.path, key)) or hint,
                notes=[f"its keys: {listed(sorted(schema['properties']), 30)}"],
            )

    def _holder(self, schema: Mapping[str, Any], key: str) -> str:
        """The argument that takes `key` as its object: `layer` for `Bidirectional: {LSTM: 64}`."""
        if "x-word" not in schema:
            return ""
        for argument in self._word(schema).arguments:
            kinds = INNER_KINDS if "layer" in argument.kinds else argument.kinds
            is_model = "layer" in argument.kinds and key in MODELS
            if kinds and (is_model or self.catalog.find(key, *kinds)):
                return argument.name
        return ""

    def _unknown_beside(self, violation: Violation, key: str, span: Span) -> None:
        """An unknown word, an argument of the word beside it, or another word for `from`."""
        for name in violation.instance:
            word = self.catalog.find(str(name), *violation.schema["x-form"])
            if word and any(argument.name == key for argument in word.arguments):
                self.findings.error(
                    "misplaced-key",
                    f"`{key}` is an argument of `{name}`, and stands beside it",
                    span,
                    hint=f"indent it under `{name}`",
                )
                return
        if key in ("input", "inputs") and len(violation.instance) > 1:
            self.findings.error(
                "misplaced-key",
                f"`{key}` does not stand beside a layer",
                span,
                hint="what a layer is called on is its `from`",
            )
            return
        self._unknown_word(violation.schema, key, span)

    def _unknown_word(self, schema: Mapping[str, Any], name: str, span: Span) -> None:
        kinds = schema["x-form"]
        names = {*self.catalog.names(*kinds), *schema.get("x-beside", ())}
        what = f"there is no {kinds[0].replace('_', ' ')} `{name}`"
        hint, notes = self._mend_of_unknown(schema, name, names)
        if name in MODELS and name in schema.get("x-beside", ()):
            what, notes = f"`{name}` cannot stand alone", []
            hint = f"write `{name}: {'{layers: [...]}' if name == 'model' else 'PATH'}`"
        elif kinds[0] == "layer" and len(kinds) < len(LAYER_KINDS) and self._stands_in_layers(name):
            what = f"`{name}` can only be an item of `layers`"
            hint, notes = self._mend_of_item(name) if schema.get("x-inside") else ("", [_OF_KERAS])
        self.findings.error(
            f"unknown-{kinds[0].replace('_', '-')}", what, span, hint=hint, notes=notes
        )

    def _mend_of_unknown(
        self, schema: Mapping[str, Any], name: str, names: set[str]
    ) -> tuple[str, list[str]]:
        """What to write in the place of an unknown word, and what else to know."""
        beside, alike = schema.get("x-beside", ()), _alike(name, names)
        near = nearest(name, alike)
        word = self.catalog.find(near, *schema["x-form"]) if near else None
        if word is not None and word.refused:
            return "", [word.refused]
        if name in _WHOLE_MODELS and "model" in beside:
            return "write `model: {layers: [...]}`", []
        plain = name.rpartition(".")[2]
        if plain in names and plain not in beside:
            return f"write `{plain}`", []  # `keras.layers.Dense`
        if near is None:
            return "", [f"there are {listed(self.catalog.words(*schema['x-form']), 20)}"]
        known = near in beside or (word is not None and word.plugged)
        notes = [] if known else [f"`modelforge explain {near}` tells about it"]
        return did_you_mean(name, alike), notes

    def _stands_in_layers(self, name: str) -> bool:
        """Whether it is a word among `layers`, but nothing that can stand here."""
        known = self.catalog.find(name, *LAYER_KINDS) is not None
        return known or name in ("model", "load", "use", "parallel")

    def _mend_of_item(self, name: str) -> tuple[str, list[str]]:
        """What to write where a layer takes a layer, and something else is given to it."""
        if name == "use":
            return "", [_OWN_LAYER]
        return f"write `model: {{layers: [{{{name}: ...}}]}}`", []

    def _missing(self, violation: Violation) -> None:
        missing = [name for name in violation.bound if name not in violation.instance]
        # jsonschema reports each missing key by itself; the first of them speaks for all.
        if not violation.message.startswith(f"'{missing[0]}'"):
            return
        missing = [name for name in missing if name not in self.meant.get(violation.path, ())]
        if missing and "x-word" in violation.schema:
            self._missing_arguments(self._word(violation.schema), violation.span, missing)
        elif missing:
            self.findings.error(
                "missing-key", f"{_title(violation)} needs {joined(missing)}", violation.span
            )

    def _missing_arguments(self, word: Word, span: Span, missing: Iterable[str] = ()) -> None:
        names = list(missing) or [argument.name for argument in word.required]
        self.findings.error(
            "missing-argument", f"`{word.name}` needs {joined(names)}", span, notes=_usage(word)
        )

    # --- wrong values -------------------------------------------------------------------------

    def _wrong_type(self, violation: Violation) -> None:
        if "x-word" in violation.schema:
            self._wrong_word_value(violation)
        else:
            self._wrong_value(violation)

    def _wrong_text(self, violation: Violation) -> None:
        if "x-form" in violation.schema:
            self._wrong_word(violation)
        else:
            self._wrong_type(violation)

    def _wrong_word(self, violation: Violation) -> None:
        if isinstance(violation.node, Waiting):
            self.findings.error(
                "must-be-known",
                f"{violation.what} must be {violation.expected}, which the data cannot tell",
                violation.span,
            )
            return
        text = str(violation.instance)
        word = self.catalog.find(text, *violation.schema["x-form"])
        if word is None:
            self._unknown_word(violation.schema, text, violation.span)
        elif word.refused:
            self._refused(word, violation.span)
        else:
            self._missing_arguments(word, violation.span)

    def _wrong_word_value(self, violation: Violation) -> None:
        word = self._word(violation.schema)
        node, first = violation.node, violation.schema.get("x-first")
        if isinstance(node, Scalar) and node.value is None and "required" in violation.schema:
            self._missing_arguments(word, violation.key_span)
            return
        if first:
            message = f"`{first}` of `{word.name}` must be {violation.expected}"
        else:
            message = f"`{word.name}` takes its arguments by name"
        self.findings.error(
            "wrong-type",
            f"{message}, not {violation.found}",
            violation.span,
            hint=violation.mend or _mend_of_merged(word, node),
            notes=_usage(word),
        )

    def _wrong_value(self, violation: Violation) -> None:
        choices, text = violation.schema.get("x-choices"), violation.instance
        near = did_you_mean(text, choices) if choices and isinstance(text, str) else ""
        self.findings.error(
            "wrong-value" if choices else "wrong-type",
            f"{violation.what} must be {violation.expected}, not {violation.found}",
            violation.span,
            hint=near or violation.mend or str(violation.schema.get("x-mend", "")),
        )

    def _forbidden(self, violation: Violation) -> None:
        if "x-refused" in violation.schema:
            self._refused(self._word(violation.schema), violation.key_span)
            return
        self.findings.error(
            "unsayable-argument",
            f"{violation.what} cannot be said in a spec",
            violation.key_span,
            notes=[str(violation.schema.get("x-unsayable", ""))],
        )

    def _refused(self, word: Word, span: Span) -> None:
        kind = with_article(word.kind.replace("_", " "))
        self.findings.error(
            "refused-word",
            f"`{word.name}` is {kind} that a spec cannot use",
            span,
            notes=[word.refused],
        )

    def _out_of_range(self, violation: Violation) -> None:
        relation, bound = _RELATIONS[violation.keyword], violation.bound
        note = violation.schema.get("x-note")
        self.findings.error(
            "out-of-range",
            f"{violation.what} must be {relation} {bound:g}, not {violation.instance}",
            violation.span,
            notes=[note] if note else [],
        )

    def _wrong_length(self, violation: Violation) -> None:
        if not violation.instance:
            self._empty(violation)
            return
        least, most = violation.schema.get("minItems", 0), violation.schema.get("maxItems")
        takes = f"{least} to {most}" if most else f"at least {least}"
        self.findings.error(
            "wrong-length",
            f"{violation.what} takes {least if least == most else takes} items, "
            f"not {len(violation.instance)}",
            violation.span,
        )

    def _empty(self, violation: Violation) -> None:
        self.findings.error(
            "empty",
            f"{violation.what} is empty",
            violation.span,
            notes=[f"expected {violation.expected}"],
        )

    def _several_words(self, violation: Violation) -> None:
        keys = list(violation.instance)
        self.findings.error(
            "several-words",
            f"{violation.what} takes one word, not {len(keys)}: {joined(keys)}",
            key_span(self.root, (*violation.path, keys[1])),
            hint=f"indent it under `{keys[0]}`, or leave it out",
        )

    def _other(self, violation: Violation) -> None:
        self.findings.error("invalid", violation.message[:200], violation.span)

    def _word(self, schema: Mapping[str, Any]) -> Word:
        kind, name = schema["x-word"]
        word = self.catalog.find(name, kind)
        assert word is not None
        return word


def _mend_of_merged(word: Word, node: Any) -> str:
    """`Concatenate: [a, b]`: what a layer merges stands beside it."""
    texts = isinstance(node, Sequence) and all(
        isinstance(item, Scalar) and isinstance(item.value, str) for item in node.items
    )
    if not word.merges or not texts:
        return ""
    names = ", ".join(str(item.value) for item in node.items[:3])
    return f"what it merges stands beside it: `from: [{names}{', ...' * (len(node.items) > 3)}]`"


def _alike(name: str, names: set[str]) -> set[str]:
    """The names that one may have meant: those of operations hold a dot, the others none."""
    operation = f"ops.{name}"
    if operation in names and name not in names:
        return {operation}
    return {known for known in names if ("." in known) is ("." in name)}


def _wants_structure(schema: Mapping[str, Any]) -> bool:
    """Whether an object or a list must stand there, which no fact of the data can become."""
    by_name = "x-word" in schema and {"object", "null"} >= {*schema.get("type", ("any",))}
    return by_name or "x-form" in schema or schema.get("type") in ("object", "array")


def _usage(word: Word) -> list[str]:
    names = [argument.name for argument in word.arguments if not argument.unsayable]
    if not names:
        return [f"`{word.name}` takes no arguments"]
    return [f"arguments of `{word.name}`: {listed(names)}"]


def _title(violation: Violation) -> str:
    title = str(violation.schema.get("x-section", violation.what))
    return title if " " in title else f"`{title}`"
