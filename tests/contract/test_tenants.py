"""What every backend owes its tenants."""

from support.stores import Stores
from support.tenant_reads import tenants_are_kept_apart


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal ids, owners, texts, threads, events and keys in two projects, every read answers for its own."""
    tenants_are_kept_apart(stores)
