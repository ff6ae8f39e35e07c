"""Every setting of the running system, from environment variables and the one folder BIANZHI_HOME.

BIANZHI_HOME           folder of everything the system writes: database, files, logs, secrets (default: var/)
DATABASE_URL           postgres://user:password@host/name; without it SQLite in BIANZHI_HOME
BIANZHI_DATABASE_OWNER_URL  PostgreSQL: the account that owns the tables, for `migrate` alone; the platform itself runs
                       as one that owns nothing (DATABASE_URL)
BIANZHI_HOSTS          comma-separated names this server answers to
BIANZHI_HTTPS          1 behind a proxy that speaks HTTPS: secure cookies, HSTS
BIANZHI_TRUSTED_PROXY  address of that proxy (127.0.0.1); read by the launcher
BIANZHI_SECRET_KEY     or BIANZHI_SECRET_KEY_FILE; made and kept in BIANZHI_HOME/secrets otherwise
BIANZHI_KEYS_FILE      keys of the encrypted columns (BIANZHI_HOME/keys/fields.json); keep a copy apart from backups
BIANZHI_CIPHER         aes (AES-256-GCM) or sm4 (SM4-GCM) for what is newly encrypted (aes)
BIANZHI_ENCRYPT_FILES  on: files are encrypted before they are written to BIANZHI_HOME or the bucket; or off (on)
BIANZHI_DEBUG          1 for development only
BIANZHI_IDLE_MINUTES   a session without requests ends after this (30)
BIANZHI_SESSION_HOURS  a session ends after this in any case (10)
BIANZHI_ANCHORS        places outside the database that keep the head of the audit chain, comma-separated: files on
                       another mount, addresses of witnesses (http://10.0.0.9:8900/)
BIANZHI_ANCHOR_KEY_FILE  key of the anchors' HMAC; made and kept in BIANZHI_HOME/keys otherwise
BIANZHI_BACKUP_DIR     folder of the daily backup, on another disk; without it there is none
BIANZHI_BACKUP_KEY_FILE  key the backups are encrypted with; `./bianzhi backup key FILE` makes one
BIANZHI_BACKUP_KEEP    how many daily, weekly and monthly backups are kept (7,4,12)
BIANZHI_BACKUP_FULL_DAYS  a full backup every so many days, incremental ones between (7)
BIANZHI_BACKUP_DATABASE_URL  PostgreSQL: the account that may read everything, where row-level security hides rows
BIANZHI_PGBACKREST_STANZA  PostgreSQL: the stanza of pgBackRest whose last backup the page of backups shows
BIANZHI_DRILL_DAYS     a restore drill every so many days (7)
BIANZHI_DRILL_DATABASE_URL  PostgreSQL: an account that may create a database for the drill
BIANZHI_SECOND_FACTOR  required: administrators and approvers need a second factor (not over invented data); or optional
BIANZHI_PASSWORD_DAYS  days after which a password must be changed; 0 for no limit (0)
BIANZHI_PASSWORD_HISTORY  so many of the last passwords are not taken again (5)
BIANZHI_OIDC_ISSUER    address of the office's identity provider (OpenID Connect), as it names itself; without it none
BIANZHI_OIDC_CLIENT_ID  as whom this installation is registered there; with it
BIANZHI_OIDC_SECRET_FILE  the file with the client's secret
BIANZHI_OIDC_LABEL     what the button on the login page says (统一身份认证)
BIANZHI_OIDC_STRONG    what of the provider counts as a second factor, comma-separated: acr:value, amr:value (nothing)
BIANZHI_SMTP_URL       mail server: smtp://host:25, smtp+starttls://user:password@host or smtps://…; without it no mail
BIANZHI_SMTP_FROM      sender of mails, e.g. 编制通 <bianzhi@example.gov.cn>; needed with BIANZHI_SMTP_URL
BIANZHI_URL            address of this site as people reach it (https://…), for links in mails and calendar feeds
BIANZHI_WEBHOOK_HOSTS  hosts of the internal network to which results may be pushed, also by http; see exchange-api.md
BIANZHI_ARCHIVE_S3     originals of the archive in an S3 bucket: https://key:secret@host:9000/bucket?region=…
BIANZHI_CLAMAV         malware check of incoming files by clamd: host:3310 or the path of its socket; without it none
BIANZHI_OPENSEARCH_URL server of the full-text index (http://user:password@host:9200); without it the index lies in
                       BIANZHI_HOME/search
BIANZHI_PROCESS        what this process is (server, worker, command): names its log file
BIANZHI_LOG            file: logs in BIANZHI_HOME/logs; or stderr, for a service manager that keeps them (file)
BIANZHI_METRICS_FROM   addresses or networks that may read /metrics and the details of /readyz (none)
BIANZHI_METRICS_TOKEN  or BIANZHI_METRICS_TOKEN_FILE; whoever shows it may read them too
BIANZHI_WEB_PROCESSES  processes of the web server (1 on SQLite, as many as processors, at most 4, on PostgreSQL)
BIANZHI_WEB_THREADS    threads of each (8)
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.management.utils import get_random_secret_key

from bianzhi.config import (
    archive_storage,
    databases,
    environment,
    identity_provider,
    logs,
    mail_address,
    row_policies,
    subscriptions,
)

REPOSITORY = Path(__file__).resolve().parents[3]
HOME = environment.folder("BIANZHI_HOME", default=REPOSITORY / "var")
environment.refuse_half_restored(HOME)
environment.refuse_half_upgraded(HOME)
DEBUG = environment.flag("BIANZHI_DEBUG", default=False)
HTTPS = environment.flag("BIANZHI_HTTPS", default=False)

SECRET_KEY = environment.secret(
    "BIANZHI_SECRET_KEY", file=HOME / "secrets" / "secret_key", make=get_random_secret_key()
)
FIELD_KEYS = Path(os.environ.get("BIANZHI_KEYS_FILE", "").strip() or HOME / "keys" / "fields.json")
FIELD_CIPHER = environment.one_of("BIANZHI_CIPHER", ["aes", "sm4"])
ENCRYPT_FILES = environment.one_of("BIANZHI_ENCRYPT_FILES", ["on", "off"]) == "on"
ALLOWED_HOSTS = environment.words("BIANZHI_HOSTS", default=["localhost", "127.0.0.1", "[::1]", socket.gethostname()])

# --- applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "bianzhi.accounts",  # before Django's own, two of whose commands it withholds: createsuperuser, changepassword
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
    "bianzhi.intake",
    "bianzhi.disclosure",
    "bianzhi.search",
    "bianzhi.workflow",
    "bianzhi.documents",
    "bianzhi.organizations",
    "bianzhi.ledger",
    "bianzhi.archives",
    "bianzhi.personnel",
    "bianzhi.supervision",
    "bianzhi.office",
    "bianzhi.imports",
    "bianzhi.matters",
    "bianzhi.exchange",
    "bianzhi.reports",
    "bianzhi.recovery",
    "bianzhi.intrusion",
    "bianzhi.doctor",
    "bianzhi.demo",
]

MIDDLEWARE = [
    "bianzhi.common.web.middleware.request_reference",
    "bianzhi.config.measuring.measured",
    "bianzhi.exchange.api.middleware.interface_answers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bianzhi.config.row_scope.scope_of_request",
    "bianzhi.config.sessions.session_limits",
    "bianzhi.intrusion.web.middleware.reads",
    "bianzhi.accounts.web.middleware.first_password",
    "bianzhi.accounts.web.middleware.second_factor_first",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bianzhi.common.web.middleware.page_headers",
    "bianzhi.common.web.middleware.one_encoding",
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
DATABASES: dict[str, Any] = {"default": databases.kept_open(DATABASE_URL) if DATABASE_URL else SQLITE}
DATABASE_OWNER = databases.account("BIANZHI_DATABASE_OWNER_URL", os.environ.get("BIANZHI_DATABASE_OWNER_URL", ""))
ROW_FUNCTIONS = row_policies.FUNCTIONS
ROW_POLICIES = row_policies.POLICIES

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

# Either too many failures for one user or too many from one address lock, for a quarter of an hour. At a login axes
# would forget everybody's failures from the address; `sign_ins.note_login` forgets those of the one who logged in.
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = False
AXES_LOCKOUT_CALLABLE = "bianzhi.accounts.web.login.locked_out"
AXES_USERNAME_CALLABLE = "bianzhi.accounts.web.attempts.name_tried"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

PASSWORD_DAYS = environment.number("BIANZHI_PASSWORD_DAYS", default=0)
PASSWORD_HISTORY = environment.number("BIANZHI_PASSWORD_HISTORY", default=5)
SECOND_FACTOR = environment.one_of("BIANZHI_SECOND_FACTOR", ["required", "optional"])
PROVIDER = identity_provider.identity_provider()
OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = PROVIDER.issuer, PROVIDER.client_id, PROVIDER.secret
OIDC_LABEL, OIDC_STRONG = PROVIDER.label, PROVIDER.strong
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
# Large uploads wait in the private working folder of the process, not in /tmp.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "bianzhi.common.web.uploads.PrivateUploadHandler",
]
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
ARCHIVE_S3 = archive_storage.bucket("BIANZHI_ARCHIVE_S3", os.environ.get("BIANZHI_ARCHIVE_S3", ""))
CLAMAV = os.environ.get("BIANZHI_CLAMAV", "").strip()
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

# --- what the processes of the web server share ------------------------------------------------------------------

CACHES = {
    "default": {"BACKEND": "bianzhi.common.shared_cache.SharedCache", "LOCATION": str(HOME / "cache")},
}

# --- full-text search --------------------------------------------------------------------------------------------

OPENSEARCH_URL = os.environ.get("BIANZHI_OPENSEARCH_URL", "").strip()
SEARCH_BACKEND = "opensearch" if OPENSEARCH_URL else "tantivy"
SEARCH_ROOT = HOME / "search"

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
WEBHOOK_HOSTS = environment.words("BIANZHI_WEBHOOK_HOSTS", default=[])
ANCHORS = environment.words("BIANZHI_ANCHORS", default=[])
ANCHOR_KEY_FILE = os.environ.get("BIANZHI_ANCHOR_KEY_FILE", "").strip()

# --- backup ------------------------------------------------------------------------------------------------------

BACKUP_DIR = os.environ.get("BIANZHI_BACKUP_DIR", "").strip()
BACKUP_KEY_FILE = os.environ.get("BIANZHI_BACKUP_KEY_FILE", "").strip()
BACKUP_KEEP = environment.counts("BIANZHI_BACKUP_KEEP", default="7,4,12")
BACKUP_FULL_DAYS = environment.number("BIANZHI_BACKUP_FULL_DAYS", default=7, at_least=1)
BACKUP_DATABASE_URL = os.environ.get("BIANZHI_BACKUP_DATABASE_URL", "").strip()
PGBACKREST_STANZA = os.environ.get("BIANZHI_PGBACKREST_STANZA", "").strip()
DRILL_DAYS = environment.number("BIANZHI_DRILL_DAYS", default=7, at_least=1)
DRILL_DATABASE_URL = os.environ.get("BIANZHI_DRILL_DATABASE_URL", "").strip()

LOGS = HOME / "logs"
LOGS.mkdir(mode=0o700, exist_ok=True)
PROCESS = os.environ.get("BIANZHI_PROCESS", "command")
LOGGING = logs.configuration(
    LOGS, process=PROCESS, place=environment.one_of("BIANZHI_LOG", ["file", "stderr"]), console=DEBUG
)

METRICS_FROM = environment.networks("BIANZHI_METRICS_FROM")
METRICS_TOKEN = environment.given_secret("BIANZHI_METRICS_TOKEN")
if PROCESS in ("server", "worker"):
    # Read by prometheus_client when it is first imported: server and worker count into one folder.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(LOGS / "metrics"))
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)
