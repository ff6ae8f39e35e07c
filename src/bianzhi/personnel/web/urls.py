"""Addresses of the personnel register."""

from django.urls import path

from bianzhi.personnel.web import (
    approvals,
    changing,
    correcting,
    engagements,
    entering,
    issuing,
    leaving,
    lending,
    movements,
    people_list,
    person,
    positions,
    transferring,
)

app_name = "personnel"

urlpatterns = [
    path("people/", people_list.people, name="people"),
    path("people/<int:pk>/", person.person, name="person"),
    path("people/<int:pk>/id-number/", person.reveal, name="reveal"),
    path("people/<int:pk>/change/", changing.change, name="change"),
    path("people/<int:pk>/edit/", changing.edit, name="edit"),
    path("people/<int:pk>/transfer/", transferring.transfer_page, name="transfer"),
    path("people/<int:pk>/exit/", leaving.exit_page, name="exit"),
    path("people/<int:pk>/appoint/", positions.appoint_page, name="appoint"),
    path("people/<int:pk>/duty/", positions.duty_page, name="duty"),
    path("people/<int:pk>/second/", lending.second, name="second"),
    path("appointments/<int:pk>/end/", positions.end_appointment_page, name="end_appointment"),
    path("occupancies/<int:pk>/correct/", correcting.correct, name="correct"),
    path("moves/", transferring.moves, name="moves"),
    path("exit-clock/", leaving.clock, name="exit_clock"),
    path("enlist/", entering.choose_slot, name="enlist"),
    path("enlist/<int:pk>/", entering.enlist_on_slot, name="enlist_on_slot"),
    path("enlist/reinstate/", entering.reinstate, name="reinstate"),
    path("enlist/known/", entering.known_person, name="known_person"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/new/", issuing.issue, name="issue"),
    path("approvals/check/", issuing.check, name="issue_check"),
    path("approvals/<int:pk>/", approvals.approval, name="approval"),
    path("approvals/<int:pk>/print/", approvals.approval_print, name="approval_print"),
    path("slots/", approvals.slots, name="slots"),
    path("slots/<int:pk>/return/", approvals.give_back, name="return_slot"),
    path("movements/", movements.movements, name="movements"),
    path("movements/<int:pk>/", movements.movement, name="movement"),
    path("movements/<int:pk>/notice/", movements.notice, name="notice"),
    path("movements/<int:pk>/reverse/", movements.reverse_page, name="reverse"),
    path("secondments/", lending.secondments, name="secondments"),
    path("secondments/<int:pk>/return/", lending.give_back, name="return"),
    path("engagements/", engagements.engagements, name="engagements"),
    path("engagements/new/", engagements.new_engagement, name="new_engagement"),
    path("engagements/<int:pk>/end/", engagements.end, name="end_engagement"),
]
