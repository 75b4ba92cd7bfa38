from datetime import timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.incidents.models import EvaluatedShard


def lag_of(shard: int, text: str) -> float:
    [line] = [line for line in text.splitlines() if line.startswith(f'irk_tick_lag_seconds{{shard="{shard}"}}')]
    return float(line.split()[1])


@pytest.mark.django_db
def test_the_lag_rises_although_no_worker_is_there_to_say_so(client: Client) -> None:
    EvaluatedShard.objects.create(shard=0, shards=2, last_as_of=clock.now() - timedelta(hours=1))
    EvaluatedShard.objects.create(shard=1, shards=2, last_as_of=clock.now())
    text = client.get("/metrics").content.decode()
    assert lag_of(0, text) > 3599
    assert lag_of(1, text) < lag_of(0, text) - 3500


@pytest.mark.django_db
def test_metrics_are_answered_before_the_first_tick(client: Client) -> None:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert "irk_tick_seconds" in response.content.decode()
    assert "irk_tick_lag_seconds{" not in response.content.decode()
