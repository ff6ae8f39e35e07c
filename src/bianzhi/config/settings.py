"""Every setting of the running system, from environment variables and the one folder BIANZHI_HOME.

BIANZHI_HOME           folder of everything the system writes: database, files, logs, secrets (default: var/)
DATABASE_URL           postgres://user:password@host/name; without it SQLite in BIANZHI_HOME
BIANZHI_HOSTS          comma-separated names this server answers to
BIANZHI_HTTPS          1 behind a proxy that speaks HTTPS: secure cookies, HSTS
BIANZHI_TRUSTED_PROXY  address of that proxy (127.0.0.1); read by the launcher
BIANZHI_SECRET_KEY     or BIANZHI_SECRET_KEY_FILE; made and kept in BIANZHI_HOME/secrets otherwise
BIANZHI_DEBUG          1 for development only
BIANZHI_IDLE_MINUTES   a session without requests ends after this (30)
BIANZHI_SESSION_HOURS  a session ends after this in any case (10)
BIANZHI_AUDIT_ANCHORS  file, best on another host, to which the head of the audit chain is written every minute
BIANZHI_SMTP_URL       mail server: smtp://host:25, smtp+starttls://user:password@host or smtps://…; without it no mail
BIANZHI_SMTP_FROM      sender of mails, e.g. 编制通 <bianzhi@example.gov.cn>; needed with BIANZHI_SMTP_URL
BIANZHI_URL            address of this site as people reach it (https://…), for links in mails and calendar feeds
BIANZHI_PROCESS        name of the log file of this process (server, worker, command)
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.management.utils import get_random_secret_key

from bianzhi.config import environment, logs, mail_address, subscriptions

REPOSITORY = Path(__file__).resolve().parents[3]
HOME = environment.folder("BIANZHI_HOME", default=REPOSITORY / "var")
DEBUG = environment.flag("BIANZHI_DEBUG", default=False)
HTTPS = environment.flag("BIANZHI_HTTPS", default=False)

SECRET_KEY = environment.secret(
    "BIANZHI_SECRET_KEY", file=HOME / "secrets" / "secret_key", make=get_random_secret_key()
)
ALLOWED_HOSTS = environment.words("BIANZHI_HOSTS", default=["localhost", "127.0.0.1", "[::1]", socket.gethostname()])

# --- applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "template_partials",
    "django_tasks",
    "django_tasks_db",
    "bianzhi.common",
    "bianzhi.audit",
    "bianzhi.accounts",
    "bianzhi.workflow",
    "bianzhi.documents",
    "bianzhi.organizations",
    "bianzhi.ledger",
    "bianzhi.personnel",
    "bianzhi.supervision",
    "bianzhi.office",
    "bianzhi.imports",
    "bianzhi.matters",
    "bianzhi.reports",
    "bianzhi.demo",
]

MIDDLEWARE = [
    "bianzhi.common.web.middleware.request_reference",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bianzhi.config.sessions.session_limits",
    "bianzhi.accounts.web.middleware.first_password",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bianzhi.common.web.middleware.page_headers",
    "bianzhi.common.web.middleware.day_shown",
    "bianzhi.common.web.middleware.sound_address",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bianzhi.config.urls"
WSGI_APPLICATION = "bianzhi.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bianzhi.common.web.context.shell",
            ],
        },
    }
]

# --- database ----------------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": HOME / "db.sqlite3",
    "OPTIONS": {
        # Without IMMEDIATE a transaction that reads before it writes fails with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-20000;"
        ),
    },
}
DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True) if DATABASE_URL else SQLITE
}

# --- accounts and sessions ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "bianzhi.config.passwords.BoundedArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "bianzhi.accounts.passwords.NotTheAccountName"},
    {"NAME": "bianzhi.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"

# Either too many failures for one user or too many from one address lock, for a quarter of an hour.
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "bianzhi.accounts.web.login.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_IDLE_SECONDS = 60 * environment.number("BIANZHI_IDLE_MINUTES", default=30, at_least=1)
SESSION_COOKIE_AGE = 3600 * environment.number("BIANZHI_SESSION_HOURS", default=10, at_least=1)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# A notice may name a person; the default would keep it in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- protection of the pages -------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "bianzhi.common.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bars are drawn with style="width: 93%", and charts place their tooltips the same way.
        "style-src-attr": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
# A workbook with many different sheets has a field for each of their columns on the page that sorts them out.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# --- language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- files -------------------------------------------------------------------------------------------------------

MEDIA_ROOT = HOME / "files"
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "bianzhi.config.staticfiles.TolerantManifestStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Why the style sheets could not be built, told by the launcher; every page then says so.
ASSETS_PROBLEM = os.environ.get("BIANZHI_ASSETS_PROBLEM", "")

# --- mail --------------------------------------------------------------------------------------------------------

MAIL_SERVER = mail_address.mail_server("BIANZHI_SMTP_URL", os.environ.get("BIANZHI_SMTP_URL", ""))
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.uses_starttls, MAIL_SERVER.uses_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = mail_address.mail_sender("BIANZHI_SMTP_FROM", os.environ.get("BIANZHI_SMTP_FROM", ""), MAIL_SERVER)
SITE_URL = os.environ.get("BIANZHI_URL", "").strip().rstrip("/")

# --- jobs and logs -----------------------------------------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
SUBSCRIPTIONS = subscriptions.SUBSCRIPTIONS
AUDIT_ANCHORS = os.environ.get("BIANZHI_AUDIT_ANCHORS", "")

LOGS = HOME / "logs"
LOGS.mkdir(mode=0o700, exist_ok=True)
LOGGING = logs.configuration(LOGS, process=os.environ.get("BIANZHI_PROCESS", "command"), console=DEBUG)
