"""Recurrent layers and their cells."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, known_size, one, rank
from modelforge.spec import Object, Value


def simple_rnn(arguments: Arguments) -> Result:
    """`SimpleRNN`."""
    return _layer(arguments, simple_rnn_cell(arguments, _steps(arguments)), states=1)


def gru(arguments: Arguments) -> Result:
    """`GRU`."""
    return _layer(arguments, gru_cell(arguments, _steps(arguments)), states=1)


def lstm(arguments: Arguments) -> Result:
    """`LSTM`: its state is two tensors."""
    return _layer(arguments, lstm_cell(arguments, _steps(arguments)), states=2)


def simple_rnn_cell(arguments: Arguments, step: Shape) -> int:
    """The parameters of a `SimpleRNNCell` that is called on one step."""
    units, features = _sizes(arguments, step)
    return units * (features + units) + (units if arguments.flag("use_bias") else 0)


def gru_cell(arguments: Arguments, step: Shape) -> int:
    """The parameters of a `GRUCell`: three gates, two biases where it resets after."""
    units, features = _sizes(arguments, step)
    biases = (2 if arguments.flag("reset_after") else 1) if arguments.flag("use_bias") else 0
    return 3 * units * (features + units + biases)


def lstm_cell(arguments: Arguments, step: Shape) -> int:
    """The parameters of an `LSTMCell`: four gates."""
    units, features = _sizes(arguments, step)
    return 4 * units * (features + units + (1 if arguments.flag("use_bias") else 0))


CELLS = {"SimpleRNNCell": simple_rnn_cell, "GRUCell": gru_cell, "LSTMCell": lstm_cell}


def cell(arguments: Arguments, name: str) -> Result:
    """A cell within an `RNN`, called on one step."""
    step = arguments.input
    return one((step[0], arguments.positive("units")), CELLS[name](arguments, step))


def rnn(arguments: Arguments) -> Result:
    """`RNN` around a cell, or around several in a row."""
    shape = arguments.input
    _check_state(arguments)
    if len(shape) != 3:
        raise Unknown  # Keras leaves it to the cell
    written = arguments.value("cell")
    cells = _cells(written)
    if arguments.flag("return_state") and (
        len(cells) != 1 or not isinstance(cells[0], Object) or cells[0].name != "GRUCell"
    ):
        raise Unknown
    if not all(isinstance(item, Object) and item.name in CELLS for item in cells):
        raise Unknown
    last = arguments.in_a_row(cells, (shape[0], shape[2]))
    found = _outputs(arguments, shape, last.shape[-1], 1)
    return found._replace(trainable=last.trainable, frozen=last.frozen)


def _cells(written: Value) -> tuple[Value, ...]:
    """The cells in a row; the layer that stacks them adds nothing of its own."""
    if isinstance(written, Object) and written.name == "StackedRNNCells":
        cells = written.arguments.get("cells")
        if written.arguments.keys() != {"cells"} or not isinstance(cells, tuple):
            raise Unknown
        return cells
    return written if isinstance(written, tuple) else (written,)


def _layer(arguments: Arguments, parameters: int, states: int) -> Result:
    units = arguments.positive("units")
    _check_given_states(arguments, units, states)
    found = _outputs(arguments, arguments.input, units, states)
    return found._replace(trainable=parameters)


def _check_given_states(arguments: Arguments, units: int, states: int) -> None:
    """A state that does not fit is found by Keras in the first step only."""
    given = arguments.inputs.get("initial_state", ())
    if given and len(given) != states:
        raise Clash(
            f"its state is {states} tensors, but `initial_state` is {len(given)}"
            if states > 1
            else f"its state is one tensor, but `initial_state` is {len(given)}"
        )
    # A size of 1 is as many as are needed where nothing is multiplied by it.
    sizes = [shape[-1] for shape in given if len(shape) == 2]
    for size in sizes:
        if size is not None and size not in (1, units):
            raise Clash(f"it has {units} units, but a state that it is given has {size}")


def _outputs(arguments: Arguments, shape: Shape, units: int | None, states: int) -> Result:
    time = (shape[1],) if arguments.flag("return_sequences") else ()
    state = ((shape[0], units),) * states if arguments.flag("return_state") else ()
    return Result(((shape[0], *time, units), *state))


def _steps(arguments: Arguments) -> Shape:
    """The shape of one step of the input."""
    shape = arguments.input
    rank(shape, 3, "(batch, steps, features)")
    _check_state(arguments)
    return (shape[0], shape[2])


def _check_state(arguments: Arguments) -> None:
    if arguments.flag("stateful") and arguments.input[0] is None:
        raise Clash("with `stateful: true` the batch size must be fixed, and a spec leaves it open")


def _sizes(arguments: Arguments, step: Shape) -> tuple[int, int]:
    return arguments.positive("units"), known_size(step, -1, "the axis of the features")
