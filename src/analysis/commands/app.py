"""The ``workbench`` command: what may be typed, and how a command ends.

Exit codes: 0 done, 1 a chapter failed, 2 bad input or usage, 130 interrupted.
"""

import sys

import typer

from analysis.commands.build import build_editions
from analysis.commands.built_report import print_pdf, verify_edition
from analysis.commands.check import check_table
from analysis.commands.compare import compare_built_editions
from analysis.commands.messages import update_messages
from analysis.commands.propose import print_dictionary, propose_mapping_file
from analysis.commands.review import collect, sign_off
from analysis.commands.topics import TopicCommand, TopicGroup
from analysis.errors import AnalysisError, InputError

INTERRUPTED = 130
TOPICS = {
    "A registry's tables": {
        "map": propose_mapping_file,
        "check": check_table,
        "dictionary": print_dictionary,
    },
    "The report": {
        "build": build_editions,
        "compare": compare_built_editions,
        "verify": verify_edition,
        "pdf": print_pdf,
    },
    "Texts": {"messages": update_messages},
}
REVIEW = {"collect": collect, "sign-off": sign_off}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        As typed after ``workbench``; those of the process where None.
    """
    try:
        # Typer would end the process itself; tests and programs are given the code.
        code = _app()(arguments, prog_name="workbench", standalone_mode=False) or 0
    except typer.TyperException as error:
        error.show()
        return error.exit_code
    except InputError as error:
        return _end(error, 2)
    except AnalysisError as error:
        return _end(error, 1)
    except OSError as error:
        return _end(f"a file cannot be read or written: {error.strerror or error}", 2)
    # Typer has turned the interrupt into its exit code.
    return (
        _end("interrupted: the public report is as it was", code) if code == INTERRUPTED else code
    )


def _end(message: object, code: int) -> int:
    typer.secho(message, fg="red", err=True)
    return code


def _app() -> typer.Typer:
    settings = {
        "cls": TopicGroup,
        "rich_markup_mode": None,
        # A fault of the program shows its plain traceback, without the values of variables.
        "pretty_exceptions_enable": False,
        "context_settings": {"help_option_names": ["-h", "--help"]},
    }
    app = typer.Typer(help="Childhood cancer: from registry tables to a report.", **settings)
    for topic, commands in TOPICS.items():
        _add(app, commands, topic)
    review = typer.Typer(help="Collect reviewers' comments, or sign off chapters.", **settings)
    _add(review, REVIEW, "Steps")
    app.add_typer(review, name="review", rich_help_panel="The report")
    return app


def _add(app: typer.Typer, commands: dict, topic: str) -> None:
    for name, command in commands.items():
        app.command(name, cls=TopicCommand, rich_help_panel=topic)(command)


if __name__ == "__main__":
    sys.exit(main())
