"""Which projects a tick is for: each shard has those whose id is its number modulo the number of shards."""

from django.db.models.functions import Mod
from django.db.models.lookups import Exact


def of_shard(shard: int, shards: int, *, project: str = "project_id") -> Exact:
    """What to filter rows by to have those of the shard's projects; `project` is the path to a project's id."""
    return Exact(Mod(project, shards), shard)
