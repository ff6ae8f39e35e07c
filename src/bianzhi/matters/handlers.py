"""What matters contribute to the platform at start: the commands of every matter, offered to the flows."""

from bianzhi.matters import definitions
from bianzhi.workflow.registries import register_command


def register() -> None:
    """Put everything in its place; called once at start."""
    for matter in definitions.ALL:
        for name, command in matter.commands.items():
            register_command(name, command)
