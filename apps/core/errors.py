"""Reporting of unexpected errors to Sentry, when an operator gave a DSN."""

import sentry_sdk
from django.conf import settings


def start_reporting() -> None:
    """Starts sentry-sdk. Without SENTRY_DSN it does nothing.

    Bodies and local variables stay here: they can hold a customer's event text or a key.
    """
    if settings.SENTRY_DSN:
        sentry_sdk.init(
            dsn=settings.SENTRY_DSN,
            environment=settings.SENTRY_ENVIRONMENT,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            traces_sample_rate=0.0,
        )
