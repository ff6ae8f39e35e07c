"""The case engine: flows declared in a BPMN 2.0 profile, their state in rows. It knows no domain.

A domain registers what the engine asks of it (`workflow.registries`): a handler for its subjects, relations that lead
to units, commands that service tasks run. `docs/reference/workflow.md` states the profile and the semantics.
"""
