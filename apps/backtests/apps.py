from django.apps import AppConfig


class BacktestsConfig(AppConfig):
    """What a threshold would have done: drafts run over history."""

    name = "apps.backtests"
