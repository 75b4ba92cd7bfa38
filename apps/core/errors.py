"""Reporting of unexpected errors to Sentry, when an operator gave a DSN."""

import sentry_sdk
from django.conf import settings


def start_reporting() -> None:
    """Starts sentry-sdk. Without SENTRY_DSN it does nothing.

    Bodies, queries, cookies, people and local variables stay here: they can hold a customer's event text or a key.
    """
    if settings.SENTRY_DSN:
        sentry_sdk.init(
            dsn=settings.SENTRY_DSN,
            environment=settings.SENTRY_ENVIRONMENT,
            data_collection={
                "user_info": False,
                "cookies": {"mode": "off"},
                "url_query_params": {"mode": "off"},
                "http_bodies": [],
                "stack_frame_variables": False,
                "database_query_data": False,
                "queues": False,
            },
            traces_sample_rate=0.0,
        )
