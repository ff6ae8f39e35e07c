"""Addresses of the case engine: the five lists, the buttons of tasks and cases, delegations, definitions."""

from django.urls import path

from bianzhi.workflow.web import (
    batch,
    case_acts,
    definitions,
    delegations,
    drawing,
    inbox,
    migration,
    opinions,
    step_editor,
    task_acts,
    versions,
)
from bianzhi.workflow.web.buttons import view_of_case, view_of_task

app_name = "workflow"

urlpatterns = [
    path("todo/", inbox.todo, name="todo"),
    path("to-read/", inbox.to_read, name="to_read"),
    path("done/", inbox.done, name="done"),
    path("started/", inbox.started, name="started"),
    path("supervised/", inbox.supervised, name="supervised"),
    path("batch/agree/", batch.agree, name="batch_agree"),
    path("batch/read/", batch.read, name="batch_read"),
    path("batch/urge/", batch.urge_late, name="batch_urge"),
    *(
        path(f"tasks/<int:pk>/{name.replace('_', '-')}/", view_of_task(button), name=name)
        for name, button in task_acts.BUTTONS.items()
    ),
    *(
        path(f"instances/<int:pk>/{name.removesuffix('_case')}/", view_of_case(button), name=name)
        for name, button in case_acts.BUTTONS.items()
    ),
    path("instances/<int:pk>/opinions/", opinions.sheet, name="opinions"),
    path("opinion-papers/<int:pk>/", opinions.paper, name="opinion_paper"),
    path("delegations/", delegations.delegations, name="delegations"),
    path("delegations/<int:pk>/end/", delegations.end, name="end_delegation"),
    path("definitions/", definitions.definitions, name="definitions"),
    path("definitions/new/", definitions.create, name="create_definition"),
    path("definitions/<int:pk>/", definitions.definition, name="definition"),
    path("definitions/<int:pk>/upload/", definitions.upload, name="upload"),
    path("definitions/<int:pk>/steps/", step_editor.edit_steps, name="edit_steps"),
    path("definitions/<int:pk>/draw/", drawing.draw, name="draw"),
    path("versions/<int:pk>/", versions.version, name="version"),
    path("versions/<int:pk>/publish/", versions.publish, name="publish"),
    path("versions/<int:pk>/retire/", versions.retire, name="retire"),
    path("versions/<int:pk>/download/", versions.download, name="download"),
    path("versions/<int:pk>/migrate/", migration.migrate, name="migrate"),
]
