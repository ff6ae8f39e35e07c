"""Addresses of keeping: fonds, volumes, appraisals, loans, inspections, catalogues, packages."""

from django.urls import URLPattern, URLResolver, path

from bianzhi.archives.web import appraisals, catalogues, fonds, inspections, keeping, loans, packages, volumes

LOOKING_AFTER: list[URLPattern | URLResolver] = [
    path("keeping/", keeping.keeping, name="keeping"),
    path("keeping/fonds/", keeping.fonds, name="fonds"),
    path("keeping/fonds/new/", fonds.fonds_new, name="fonds_new"),
    path("keeping/fonds/<int:pk>/edit/", fonds.fonds_edit, name="fonds_edit"),
    path("keeping/categories/new/", fonds.category_new, name="category_new"),
    path("volumes/", volumes.volumes, name="volumes"),
    path("volumes/new/", volumes.volume_new, name="volume_new"),
    path("volumes/<int:pk>/", volumes.volume, name="volume"),
    path("volumes/<int:pk>/edit/", volumes.volume_edit, name="volume_edit"),
    path("volumes/<int:pk>/bind/", volumes.volume_bind, name="volume_bind"),
    path("volumes/<int:pk>/print/", volumes.volume_print, name="volume_print"),
    path("catalogue/print/", catalogues.catalogue_print, name="catalogue_print"),
    path("due/", appraisals.due, name="due"),
    path("appraisals/", appraisals.appraisals, name="appraisals"),
    path("appraisals/new/", appraisals.appraisal_new, name="appraisal_new"),
    path("appraisals/<int:pk>/", appraisals.appraisal, name="appraisal"),
    path("appraisals/<int:pk>/submit/", appraisals.appraisal_submit, name="appraisal_submit"),
    path("appraisals/<int:pk>/decide/", appraisals.appraisal_decide, name="appraisal_decide"),
    path("appraisals/<int:pk>/carry-out/", appraisals.appraisal_carry_out, name="appraisal_carry_out"),
    path("appraisals/<int:pk>/print/", appraisals.appraisal_print, name="appraisal_print"),
]
GIVING_OUT: list[URLPattern | URLResolver] = [
    path("loans/", loans.loans, name="loans"),
    path("loans/new/", loans.loan_new, name="loan_new"),
    path("loans/<int:pk>/", loans.loan, name="loan"),
    path("loans/<int:pk>/end/", loans.loan_end, name="loan_end"),
    path("packages/", packages.packages, name="packages"),
    path("packages/export/", packages.package_export, name="package_export"),
    path("packages/import/", packages.package_import, name="package_import"),
    path("packages/<int:pk>/", packages.package, name="package"),
    path("packages/<int:pk>/download/", packages.package_download, name="package_download"),
]
PROVING: list[URLPattern | URLResolver] = [
    path("inspections/", inspections.inspections, name="inspections"),
    path("inspections/new/", inspections.inspection_new, name="inspection_new"),
    path("inspections/<int:pk>/", inspections.inspection, name="inspection"),
    path("inspections/<int:pk>/print/", inspections.inspection_print, name="inspection_print"),
    path("items/<int:pk>/four-checks/", inspections.four_checks, name="four_checks"),
    path("items/<int:pk>/four-checks/new/", inspections.four_check, name="four_check"),
]
KEEPING: list[URLPattern | URLResolver] = [*LOOKING_AFTER, *GIVING_OUT, *PROVING]
