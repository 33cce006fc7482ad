"""Help by topic in plain text: commands and options under the topics that they name.

Typer shows such topics through rich, which takes longer to import than all else that help needs.
"""

from collections import defaultdict
from collections.abc import Iterable

from typer import Context
from typer.core import TyperCommand, TyperGroup

# More letters than the first sentence of any help: sentences are wrapped, not cut.
WHOLE = 1000


class TopicGroup(TyperGroup):
    """Lists commands under their ``rich_help_panel``."""

    def format_commands(self, ctx: Context, formatter) -> None:
        """Write each topic with its commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        _write_topics(
            formatter,
            (
                (command.rich_help_panel, (name, command.get_short_help_str(WHOLE)))
                for name, command in commands
            ),
        )


class TopicCommand(TyperCommand):
    """Lists arguments, and options under their ``rich_help_panel``."""

    def format_options(self, ctx: Context, formatter) -> None:
        """Write each topic with its options."""
        lines = ((option, option.get_help_record(ctx)) for option in self.get_params(ctx))
        _write_topics(formatter, ((_topic_of(option), line) for option, line in lines if line))


def _topic_of(parameter) -> str:
    usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
    return parameter.rich_help_panel or usual


def _write_topics(formatter, rows: Iterable[tuple[str, tuple[str, str]]]) -> None:
    # In the order in which topics first appear.
    topics = defaultdict(list)
    for topic, line in rows:
        topics[topic].append(line)
    for topic, lines in topics.items():
        with formatter.section(topic):
            formatter.write_dl(lines)
