"""What matters contribute to the platform at start: commands, the handler of cases, relations of units, proofs."""

from bianzhi.matters import definitions, publishing, supervising
from bianzhi.matters.flow import RELATIONS, SUBJECT_KIND, CaseHandler
from bianzhi.workflow.registries import register_command, register_handler, register_relation


def register() -> None:
    """Put everything in its place; called once at start."""
    for matter in definitions.ALL:
        for name, command in matter.commands.items():
            register_command(name, command)
    for name, command in {**publishing.COMMANDS, **supervising.COMMANDS}.items():
        register_command(name, command)
    register_handler(SUBJECT_KIND, CaseHandler())
    for name, (label, relation) in RELATIONS.items():
        register_relation(name, label, relation)
