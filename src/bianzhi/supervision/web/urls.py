"""Addresses of supervision."""

from django.urls import path

from bianzhi.supervision.web import cards, inspections, orders, plans, problems, rectifying

app_name = "supervision"

urlpatterns = [
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new_plan, name="new_plan"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/close/", plans.close, name="close_plan"),
    path("plans/<int:pk>/cancel/", plans.cancel, name="cancel_plan"),
    path("plans/<int:pk>/print/", plans.plan_print, name="plan_print"),
    path("plans/<int:pk>/problems/", plans.problem_list_print, name="plan_problems"),
    path("inspections/<int:pk>/", inspections.inspection, name="inspection"),
    path("inspections/<int:pk>/result/", inspections.inspect, name="inspect"),
    path("problems/", problems.problems, name="problems"),
    path("problems/new/", problems.new_problem, name="new_problem"),
    path("problems/<int:pk>/", problems.problem, name="problem"),
    path("problems/<int:pk>/lock/", problems.lock, name="lock"),
    path("problems/<int:pk>/void/", problems.void, name="void"),
    path("orders/", orders.orders, name="orders"),
    path("orders/new/", rectifying.new_order, name="new_order"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/notice/", orders.notice, name="notice"),
    path("orders/<int:pk>/report-paper/", orders.report_paper, name="report_paper"),
    path("orders/<int:pk>/closing/", orders.closing_paper, name="closing_paper"),
    path("orders/<int:pk>/report/", rectifying.report, name="report"),
    path("orders/<int:pk>/<slug:act>/", rectifying.handle, name="handle"),
    path("cards/", cards.cards, name="cards"),
    path("cards/<int:pk>/", cards.card, name="card"),
]
