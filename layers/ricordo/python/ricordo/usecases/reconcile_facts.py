from collections.abc import Sequence

from ricordo.domain.fact import Fact


def reconcile_facts(facts: Sequence[Fact], places: range) -> list[int]:
    """Say which facts at `places` are to be stored: all but those that repeat an earlier one word for word.

    `facts` are all facts of the part; those of a user and of an assistant are told apart, for they may be of different
    scopes. What other episodes have left in the store is the store's to decide, in the transaction that writes.
    """
    seen = {(fact.text, fact.attributed_to) for fact in facts[: places.start]}
    wanted = []
    for place in places:
        said = (facts[place].text, facts[place].attributed_to)
        if said not in seen:
            wanted.append(place)
        seen.add(said)
    return wanted
