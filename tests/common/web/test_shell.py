"""The frame of every page: who, where, whose data, and the pages for what went wrong."""

import pytest
from django.test import Client, RequestFactory

from bianzhi.common.models import Job, JobState, ParameterValue
from bianzhi.common.web import errors

pytestmark = pytest.mark.usefixtures("own_urls")


def read(answer):
    return answer.content.decode()


@pytest.mark.django_db
def test_synthetic_data_are_labelled_on_every_page_and_real_data_are_not(by_nobody):
    assert "均为虚构" not in read(by_nobody.get("/help/"))
    ParameterValue.objects.create(key="data.is_synthetic", value=1)
    ParameterValue.objects.create(key="tenant.name", value="云州市委编办")

    for page in ("/help/", "/search/", "/missing/"):
        assert "均为虚构" in read(by_nobody.get(page))
        assert "云州市委编办" in read(by_nobody.get(page))


@pytest.mark.django_db
def test_pages_of_users_are_kept_out_of_caches_and_carry_a_reference(by_nobody):
    answer = by_nobody.get("/help/")

    assert "no-store" in answer.headers["Cache-Control"]
    assert "HX-Request" in answer.headers["Vary"]
    assert len(answer.headers["X-Request-ID"]) == 12
    assert "geolocation=()" in answer.headers["Permissions-Policy"]


@pytest.mark.django_db
def test_a_reference_from_the_proxy_is_taken_over_unless_it_is_odd(by_nobody):
    taken = by_nobody.get("/help/", headers={"X-Request-ID": "abcdef123456"})
    odd = by_nobody.get("/help/", headers={"X-Request-ID": "a b\tc"})

    assert taken.headers["X-Request-ID"] == "abcdef123456"
    assert odd.headers["X-Request-ID"] != "a b\tc"


@pytest.mark.django_db
def test_the_printed_page_names_who_printed_it(by_nobody):
    assert "打印人：王小明" in read(by_nobody.get("/help/"))


@pytest.mark.django_db
def test_a_missing_page_offers_the_search(by_nobody):
    answer = by_nobody.get("/missing/")

    assert answer.status_code == 404
    assert 'id="error-search"' in read(answer)


def test_the_page_of_a_failure_needs_no_database_and_shows_the_reference():
    request = RequestFactory().get("/broken/")
    request.request_id = "abc123def456"  # type: ignore[attr-defined]

    answer = errors.server_error(request)

    assert answer.status_code == 500
    assert "abc123def456" in read(answer)


@pytest.mark.django_db
def test_a_failing_page_answers_with_its_reference_and_a_failing_fragment_briefly(caplog):
    client = Client(raise_request_exception=False)

    page = client.get("/broken/", headers={"X-Request-ID": "abcdef123456"})
    fragment = client.get("/broken/", headers={"HX-Request": "true"})

    assert page.status_code == fragment.status_code == 500
    assert "abcdef123456" in read(page)
    assert "reference abcdef123456" in caplog.text
    assert "this page always fails" in caplog.text
    assert "<html" not in read(fragment)


@pytest.mark.django_db
def test_an_outdated_form_is_explained(nobody):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nobody)

    answer = client.post("/views/save/", {})

    assert answer.status_code == 403
    assert "页面已过期" in read(answer)


@pytest.mark.django_db
def test_the_gallery_is_not_there_on_a_running_system(by_nobody, settings):
    assert by_nobody.get("/dev/ui/").status_code == 404
    settings.COMPONENT_GALLERY = True
    assert by_nobody.get("/dev/ui/").status_code == 200


@pytest.mark.django_db
def test_a_running_job_is_watched_by_whoever_asked_for_it(by_nobody, nobody):
    job = Job.objects.create(title="导入名册", state=JobState.RUNNING, done=30, total=120, requested_by=nobody)

    page = read(by_nobody.get(f"/jobs/{job.pk}/"))
    fragment = read(by_nobody.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}))

    assert "30 / 120（25%）" in page
    assert "<html" not in fragment
    assert f'hx-get="/jobs/{job.pk}/"' in fragment


@pytest.mark.django_db
def test_a_finished_job_stops_asking_and_shows_what_came_of_it(by_nobody, nobody):
    job = Job.objects.create(title="导入", state=JobState.DONE, result={"url": "/imports/1/"}, requested_by=nobody)

    fragment = read(by_nobody.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}))

    assert "hx-get" not in fragment
    assert 'href="/imports/1/"' in fragment


@pytest.mark.django_db
def test_the_job_of_somebody_else_is_not_found(by_nobody, clerk):
    job = Job.objects.create(title="导入", requested_by=clerk)

    assert by_nobody.get(f"/jobs/{job.pk}/").status_code == 404
