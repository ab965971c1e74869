"""`modelforge show`: a spec resolved, and its layers with shapes and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modelforge.cli.freezing import ByPhase, Row, asks, foreseen, marked, print_frozen
from modelforge.cli.options import (
    json_option,
    large_option,
    set_option,
    spec_argument,
    trust_option,
)
from modelforge.cli.rates import (
    RatesByPhase,
    built_rates,
    foreseen_rates,
    print_rates,
    rated,
)
from modelforge.cli.tell import tell_warnings
from modelforge.findings import Findings

if TYPE_CHECKING:
    from modelforge.graph import Loaded


@click.command("show")
@spec_argument
@set_option
@trust_option
@click.option(
    "--resolved",
    is_flag=True,
    help="Print the spec without variables and with every default; TensorFlow is not needed.",
)
@click.option("--origin", metavar="PATH", help="Tell where a value came from.")
@large_option
@json_option
def command(
    spec: str,
    overrides: tuple[str, ...],
    resolved: bool,
    origin: str | None,
    allow_large: bool,
    as_json: bool,
) -> int:
    """Show a spec's layers with their shapes and parameters.

    Keras is only asked where the shapes depend on the data, or on a layer without a known rule.
    """
    findings = Findings()
    if origin is not None:
        from modelforge.cli.origin import print_origin

        print_origin(spec, overrides, origin, as_json=as_json)
    elif resolved:
        _print_resolved(spec, overrides, findings, as_json)
    else:
        from modelforge.graph import load

        loaded = load(spec, overrides, findings, allow_large=allow_large)
        findings.stop_on_errors()
        assert loaded is not None
        _print_layers(loaded, findings, as_json)
    return 0


def _print_resolved(
    path: str, overrides: tuple[str, ...], findings: Findings, as_json: bool
) -> None:
    import json

    from modelforge.document.write import to_yaml
    from modelforge.graph import load
    from modelforge.spec.resolved import Resolved

    loaded = load(path, overrides, findings, allow_large=True)
    tell_warnings(findings)
    assert loaded is not None
    plain = Resolved(loaded.catalog).spec(loaded.spec)
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n" if as_json else to_yaml(plain)
    click.echo(text, nl=False)


def _print_layers(loaded: Loaded, findings: Findings, as_json: bool) -> None:
    import json

    rows, frozen, rates = _known_rows(loaded) or _built_rows(loaded, findings)
    tell_warnings(findings)
    if as_json:
        click.echo(json.dumps(rated(rows, rates), indent=2))
    else:
        from modelforge.cli.layers import print_layers

        print_layers(loaded.spec.name, rows)
        print_frozen(frozen)
        print_rates(rates)


def _known_rows(loaded: Loaded) -> tuple[list[Row], ByPhase, RatesByPhase] | None:
    """The rows as far as they can be told without TensorFlow: all of them, or None."""
    from modelforge.graph.shapes.rows import rows

    found = rows(loaded.graph, loaded.known)
    by_phase = foreseen(loaded) if asks(loaded) else {}
    rates = foreseen_rates(loaded)
    if found is None or by_phase is None or rates is None:
        return None
    return marked(found, by_phase), by_phase, rates


def _built_rows(loaded: Loaded, findings: Findings) -> tuple[list[Row], ByPhase, RatesByPhase]:
    """The rows as Keras builds the model, with the data opened for what it must tell."""
    from modelforge.cli.tensorflow import import_tensorflow

    import_tensorflow()
    from modelforge.build.freezing import frozen_by_phase
    from modelforge.build.from_spec import model_of
    from modelforge.build.table import layer_table

    model, graph = model_of(loaded, findings)
    train = loaded.spec.train
    by_phase = frozen_by_phase(model, graph, train) if train is not None else {}
    rates = built_rates(loaded, model, graph, by_phase)
    if not asks(loaded) and not any(frozen.lines() for frozen in by_phase.values()):
        by_phase = {}  # as where Keras need not be asked
    return marked(layer_table(model, graph), by_phase), by_phase, rates
