"""Addresses of office."""

from django.urls import path

from bianzhi.office.web import (
    away,
    calendar,
    events,
    feeds,
    mails,
    messages,
    notice_files,
    notices,
    preferences,
    publishing,
)

app_name = "office"
urlpatterns = [
    path("notices/", notices.notice_list, name="notices"),
    path("notices/new/", publishing.notice_new, name="notice_new"),
    path("notices/<int:pk>/", notices.notice_page, name="notice"),
    path("notices/<int:pk>/confirm/", notices.notice_confirm, name="notice_confirm"),
    path("notices/<int:pk>/readers/", publishing.notice_readers, name="notice_readers"),
    path("notices/<int:pk>/edit/", publishing.notice_edit, name="notice_edit"),
    path("notices/<int:pk>/publish/", publishing.notice_publish, name="notice_publish"),
    path("notices/<int:pk>/withdraw/", publishing.notice_withdraw, name="notice_withdraw"),
    path("notices/<int:pk>/discard/", publishing.notice_discard, name="notice_discard"),
    path("notice-files/<int:pk>/", notice_files.notice_file, name="notice_file"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/read/", messages.read_selected, name="messages_read"),
    path("messages/read-all/", messages.read_all, name="messages_read_all"),
    path("messages/<int:pk>/", messages.open_message, name="message"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/test-mail/", preferences.test_mail, name="test_mail"),
    path("calendar/", calendar.month_page, name="calendar"),
    path("calendar.ics", feeds.download, name="calendar_file"),
    path("feed/open/", feeds.feed_open, name="feed_open"),
    path("feed/revoke/", feeds.feed_revoke, name="feed_revoke"),
    path("feeds/<str:token>/calendar.ics", feeds.feed, name="feed"),
    path("events/new/", events.event_new, name="event_new"),
    path("events/<int:pk>/", events.event_page, name="event"),
    path("events/<int:pk>/edit/", events.event_edit, name="event_edit"),
    path("events/<int:pk>/cancel/", events.event_cancel, name="event_cancel"),
    path("away/", away.away, name="away"),
    path("mails/", mails.mail_list, name="mails"),
    path("mails/retry/", mails.mails_retry, name="mails_retry"),
]
