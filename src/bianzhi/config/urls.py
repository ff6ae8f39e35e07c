"""Every address of the site. Each app keeps its own under `web/urls.py`, in the namespace of its label."""

from django.urls import include, path

from bianzhi.config.health import healthz, readyz
from bianzhi.config.metrics import metrics
from bianzhi.matters.web.verifying import verify

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("verify/", verify, name="verify"),
    path("", include("bianzhi.reports.web.urls")),
    path("accounts/", include("bianzhi.accounts.web.urls")),
    path("audit/", include("bianzhi.audit.web.urls")),
    path("disclosure/", include("bianzhi.disclosure.web.urls")),
    path("documents/", include("bianzhi.documents.web.urls")),
    path("organizations/", include("bianzhi.organizations.web.urls")),
    path("ledger/", include("bianzhi.ledger.web.urls")),
    path("archives/", include("bianzhi.archives.web.urls")),
    path("search/", include("bianzhi.search.web.urls")),
    path("personnel/", include("bianzhi.personnel.web.urls")),
    path("imports/", include("bianzhi.imports.web.urls")),
    path("flows/", include("bianzhi.workflow.web.urls")),
    path("matters/", include("bianzhi.matters.web.urls")),
    path("supervision/", include("bianzhi.supervision.web.urls")),
    path("exchange/", include("bianzhi.exchange.web.urls")),
    path("api/v1/", include("bianzhi.exchange.api.urls")),
    path("recovery/", include("bianzhi.recovery.web.urls")),
    path("intrusion/", include("bianzhi.intrusion.web.urls")),
    path("doctor/", include("bianzhi.doctor.web.urls")),
    path("office/", include("bianzhi.office.web.urls")),
    path("", include("bianzhi.common.web.urls")),
]

handler400 = "bianzhi.common.web.errors.bad_request"
handler403 = "bianzhi.common.web.errors.permission_denied"
handler404 = "bianzhi.common.web.errors.page_not_found"
handler500 = "bianzhi.common.web.errors.server_error"
