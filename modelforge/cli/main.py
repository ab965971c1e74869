"""The command line: verbs that are imported when they run, and the one border where errors end."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from modelforge.findings import ModelForgeError, Stopped, nearest
from modelforge.version import __version__

# Each verb: the module that holds its `command`, and its line in `modelforge --help`, which is
# kept here so that the help imports nothing.
VERBS = {
    "new": "Write a starter spec: from a template, a folder of images, or a CSV file.",
    "validate": "Check specs: language, names, types, wiring, shapes.",
    "show": "Show a spec resolved, and its layers with shapes and parameters.",
    "diff": "Compare two specs by what they mean.",
    "schema": "Print the JSON Schema that editors use.",
    "explain": "Explain a word: a layer, a loss, a source ...",
    "catalog": "Compare the vocabulary with the installed Keras, or make it anew.",
    "runs": "List what has been run.",
    "train": "Train a spec: the main job.",
    "evaluate": "Measure a trained run.",
    "predict": "Ask a trained run about files or rows.",
    "export": "Export a trained run, and compare the export with the model.",
    "doctor": "Say what is installed, what is missing, and how to mend it.",
}


class Unread(Exception):
    """Nobody reads what is written to standard output; click would make it exit code 1."""


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is used."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The verbs in the order of the work, not of the alphabet."""
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The verb's command, or None for a word that is no verb."""
        if name not in VERBS:
            return None
        module = importlib.import_module(f"modelforge.cli.{name}")
        command: click.Command = module.command
        return command

    def invoke(self, context: click.Context) -> Any:
        """Runs the verb."""
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise Unread from error

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds the nearest verb to click's complaint about an unknown one."""
        if args and not args[0].startswith("-") and args[0] not in VERBS:
            near = nearest(args[0], VERBS)
            hint = f" Did you mean `{near}`?" if near else ""
            raise click.UsageError(f"There is no command `{args[0]}`.{hint}", context)
        return super().resolve_command(context, args)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="modelforge")
def modelforge() -> None:
    """Keras models as YAML: validated, trained, evaluated and exported from a spec."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    # A cold start makes many objects and no garbage; looking for some takes a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code; nothing escapes but a real defect's file."""
    try:
        code: Any = modelforge.main(args=arguments, prog_name="modelforge", standalone_mode=False)
    except ModelForgeError as error:
        from modelforge.findings.text import render

        click.echo(render(error.findings, color=colored(sys.stderr)), err=True, nl=False)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return Stopped.exit_code
    except Unread:
        # The reader (`head`, a terminal that is gone) has seen enough, and the work is done;
        # Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _report_plugin(error) or _report_defect(error)
    return code if isinstance(code, int) else 0


def colored(stream: Any) -> bool:
    """Whether a stream is a terminal that wants colour (`NO_COLOR` and `FORCE_COLOR` are heard)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def _report_plugin(error: Exception) -> int:
    """The exit code where it is a plugin that failed, which is told; else 0."""
    from modelforge.findings.text import render
    from modelforge.graph.plugins import plugin_failed

    found = plugin_failed(error, f"{type(error).__name__}: {error}")
    if found is None:
        return 0
    click.echo(render([found], color=colored(sys.stderr)), err=True, nl=False)
    return 1


def _report_defect(error: Exception) -> int:
    from modelforge.cli.defect import DEFECT, write_defect

    path = write_defect(error)
    click.echo(
        f"error[defect]: this is a defect of ModelForge: {type(error).__name__}: {error}\n"
        f"  note: {path} holds the traceback and the versions; please report it with the spec",
        err=True,
    )
    return DEFECT
