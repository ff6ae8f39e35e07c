"""Addresses of the case engine: the five lists, the buttons of tasks and cases, delegations, definitions."""

from django.urls import path

from bianzhi.workflow.web import batch, case_acts, delegations, inbox, opinions, task_acts

app_name = "workflow"

urlpatterns = [
    path("todo/", inbox.todo, name="todo"),
    path("to-read/", inbox.to_read, name="to_read"),
    path("done/", inbox.done, name="done"),
    path("started/", inbox.started, name="started"),
    path("supervised/", inbox.supervised, name="supervised"),
    path("batch/agree/", batch.agree, name="batch_agree"),
    path("batch/read/", batch.read, name="batch_read"),
    path("tasks/<int:pk>/decide/", task_acts.decide, name="decide"),
    path("tasks/<int:pk>/return/", task_acts.send_back, name="return"),
    path("tasks/<int:pk>/withdraw/", task_acts.withdraw, name="withdraw"),
    path("tasks/<int:pk>/claim/", task_acts.claim, name="claim"),
    path("tasks/<int:pk>/release/", task_acts.release, name="release"),
    path("tasks/<int:pk>/transfer/", task_acts.transfer, name="transfer"),
    path("tasks/<int:pk>/recuse/", task_acts.recuse, name="recuse"),
    path("tasks/<int:pk>/add-signer/", task_acts.add_signer, name="add_signer"),
    path("tasks/<int:pk>/remove-signer/", task_acts.remove_signer, name="remove_signer"),
    path("tasks/<int:pk>/copy/", task_acts.copy, name="copy"),
    path("tasks/<int:pk>/read/", task_acts.read, name="read"),
    path("tasks/<int:pk>/urge/", task_acts.urge, name="urge"),
    path("tasks/<int:pk>/skip/", task_acts.skip, name="skip"),
    path("tasks/<int:pk>/reassign/", task_acts.reassign, name="reassign"),
    path("instances/<int:pk>/withdraw/", case_acts.withdraw, name="withdraw_case"),
    path("instances/<int:pk>/copy/", case_acts.copy, name="copy_case"),
    path("instances/<int:pk>/terminate/", case_acts.terminate, name="terminate"),
    path("instances/<int:pk>/suspend/", case_acts.suspend, name="suspend"),
    path("instances/<int:pk>/resume/", case_acts.resume, name="resume"),
    path("instances/<int:pk>/move/", case_acts.move, name="move"),
    path("instances/<int:pk>/opinions/", opinions.sheet, name="opinions"),
    path("delegations/", delegations.delegations, name="delegations"),
    path("delegations/<int:pk>/end/", delegations.end, name="end_delegation"),
]
