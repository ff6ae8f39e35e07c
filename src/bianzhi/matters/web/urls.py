"""Addresses of matters."""

from django.urls import path

from bianzhi.matters.web import (
    applying,
    case_list,
    case_page,
    configuring,
    files,
    guide,
    hall,
    overriding,
    papers,
    papers_pdf,
    publications,
    rating,
    revealing,
    step_fields,
)

app_name = "matters"

urlpatterns = [
    path("", hall.hall, name="hall"),
    path("apply/<str:code>/", guide.guide, name="guide"),
    path("cases/", case_list.cases, name="cases"),
    path("cases/<int:pk>/", case_page.case_page, name="case"),
    path("cases/<int:pk>/edit/", applying.application, name="application"),
    path("cases/<int:pk>/discard/", applying.discard, name="discard"),
    path("cases/<int:pk>/people/", applying.people, name="people"),
    path("cases/<int:pk>/again/", case_page.again, name="again"),
    path("cases/<int:pk>/rate/", rating.rate, name="rate"),
    path("cases/<int:pk>/id-numbers/", revealing.reveal, name="reveal"),
    path("cases/<int:pk>/override/", overriding.override, name="override"),
    path("cases/<int:pk>/steps/<int:task_id>/", step_fields.write, name="step"),
    path("attachments/<int:pk>/", files.attachment, name="attachment"),
    path("papers/", papers.papers, name="papers"),
    path("papers/<int:pk>/", papers.paper, name="paper"),
    path("papers/<int:pk>/pdf/", papers_pdf.paper_pdf, name="paper_pdf"),
    path("publications/", publications.publications, name="publications"),
    path("publications/<int:pk>/", publications.publication, name="publication"),
    path("publications/<int:pk>/print/", publications.publication_print, name="publication_print"),
    path("publications/<int:pk>/objection/", publications.object_to, name="object"),
    path("objections/<int:pk>/answer/", publications.answer, name="answer_objection"),
    path("settings/", configuring.settings, name="settings"),
    path("settings/<str:code>/", configuring.setting, name="setting"),
    path("settings/<str:code>/edit/", configuring.edit, name="setting_edit"),
]
