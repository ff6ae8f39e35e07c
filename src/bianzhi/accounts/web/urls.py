"""Addresses of login, one's own account, user administration and the platform's settings."""

from django.urls import path

from bianzhi.accounts.web import calendar, login, own_account, parameters, users

app_name = "accounts"

urlpatterns = [
    path("login/", login.login_page, name="login"),
    path("logout/", login.logout_page, name="logout"),
    path("password/", own_account.password_change, name="password_change"),
    path("profile/", own_account.profile, name="profile"),
    path("users/", users.user_list, name="users"),
    path("users/new/", users.user_create, name="user_create"),
    path("users/<int:pk>/", users.user_page, name="user"),
    path("users/<int:pk>/edit/", users.user_edit, name="user_edit"),
    path("users/<int:pk>/grant/", users.grant, name="grant"),
    path("users/<int:pk>/reset/", users.reset_password, name="reset_password"),
    path("users/<int:pk>/switch/", users.switch, name="switch"),
    path("grants/<int:pk>/revoke/", users.revoke, name="revoke"),
    path("parameters/", parameters.parameter_list, name="parameters"),
    path("parameters/<str:key>/", parameters.parameter_edit, name="parameter"),
    path("parameters/<str:key>/reset/", parameters.parameter_reset, name="parameter_reset"),
    path("calendar/", calendar.calendar_page, name="calendar"),
    path("calendar/<int:year>/", calendar.calendar_page, name="calendar_year"),
    path("calendar/<int:year>/confirm/", calendar.calendar_confirm, name="calendar_confirm"),
]
