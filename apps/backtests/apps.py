from django.apps import AppConfig


class BacktestsConfig(AppConfig):
    """What a threshold would have done: drafts run over history."""

    name = "apps.backtests"

    def ready(self) -> None:
        """Adds the parity to the metrics."""
        from apps.backtests.metrics import Parity
        from apps.core.metrics import add_collector

        add_collector(Parity())
