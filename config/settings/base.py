"""Settings shared by every environment. Values come from the environment and `.env`; `.env.example` names them all."""

from pathlib import Path

from apps.core import logs
from config.settings.strict import StrictEnv
from config.settings.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = StrictEnv()

SECRET_KEY = env.required("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.strings("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.strings("CSRF_TRUSTED_ORIGINS", default=[])
# The address under which people and SDKs reach this installation, e.g. https://irk.example.com
PUBLIC_URL = env.url("PUBLIC_URL", default="http://127.0.0.1:8000", schemes=("http", "https"))

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_prometheus",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "apps.core",
    "apps.clickhouse",
    "apps.organizations",
    "apps.projects",
    "apps.events",
    "apps.ingest",
    "apps.detection",
    "apps.thresholds",
    "apps.incidents",
    "apps.backtests",
    "apps.explanations",
]

MIDDLEWARE = [
    "apps.core.probes.ProbeMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.core.request_log.RequestLogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.clickhouse.pages.PageMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.postgres("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "organizations.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
# unfold's login page does not carry the address it was asked for, so the way on is named here.
LOGIN_REDIRECT_URL = "admin:index"
# One-time login links (apps/organizations/login_links.py) are for a stack on one's own machine.
LOGIN_LINKS = False

REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss"))
CLICKHOUSE_URL = env.url("CLICKHOUSE_URL", schemes=("clickhouse", "clickhouses"))

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# Ingest limits, from docs/ingest.md.
INGEST_MAX_WIRE_BYTES = env.positive("INGEST_MAX_WIRE_BYTES", default=512 * 1024)
INGEST_MAX_INFLATED_BYTES = env.positive("INGEST_MAX_INFLATED_BYTES", default=2 * 1024 * 1024)
INGEST_MAX_EVENTS = env.positive("INGEST_MAX_EVENTS", default=500)
INGEST_MAX_EVENT_BYTES = env.positive("INGEST_MAX_EVENT_BYTES", default=32 * 1024)
# JSON whose rows one process holds until they are durable; see docs/ingest.md.
INGEST_QUEUE_BYTES = env.positive("INGEST_QUEUE_BYTES", default=16 * 1024 * 1024)
# Compressed batches that Postgres keeps while ClickHouse cannot take them; 0: none, ingest then answers 503.
INGEST_SPOOL_BYTES = env.whole("INGEST_SPOOL_BYTES", default=1024 * 1024 * 1024)
# Of a key, of all keys of an organization, and from an address; many people may sit behind one address.
INGEST_REQUESTS_PER_MINUTE = env.positive("INGEST_REQUESTS_PER_MINUTE", default=6000)
INGEST_ORGANIZATION_REQUESTS_PER_MINUTE = env.positive("INGEST_ORGANIZATION_REQUESTS_PER_MINUTE", default=30_000)
INGEST_ADDRESS_REQUESTS_PER_MINUTE = env.positive("INGEST_ADDRESS_REQUESTS_PER_MINUTE", default=12_000)
INGEST_UNKNOWN_KEYS_PER_MINUTE = env.positive("INGEST_UNKNOWN_KEYS_PER_MINUTE", default=60)
# How many proxies of ours a request passes, each of which appends to X-Forwarded-For.
INGEST_PROXIES = env.positive("INGEST_PROXIES", default=1)
# Django's own cap must not answer before ours, which says what to change.
DATA_UPLOAD_MAX_MEMORY_SIZE = INGEST_MAX_WIRE_BYTES + 1024
# Above what fits into gunicorn's request line (4,094 characters): Django counts a query string's fields before any view
# or middleware could answer.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Evaluation. A tick sees rows stored before as_of - settle; see docs/ARCHITECTURE.md, "Time".
TICK_SECONDS = 10
SETTLE_SECONDS = 3
# Projects are spread over shards by id; one evaluator works on a shard at a time.
EVALUATION_SHARDS = env.positive("EVALUATION_SHARDS", default=1)

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task that a dead worker held is given out again after this many seconds; longer than any task may run.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SOFT_TIME_LIMIT = 210
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Irk",
    "DESCRIPTION": "Tells product teams where their users get frustrated, and proves it.",
    "VERSION": "1",
    # Types have null among their values, which 3.0 has no words for.
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["apps.ingest.openapi.add_types"],
}

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True

SENTRY_DSN = env.url("SENTRY_DSN", default="", schemes=("http", "https"))
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", default="production")

LOG_LEVEL = env.choice("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logs.configure(level=LOG_LEVEL)
