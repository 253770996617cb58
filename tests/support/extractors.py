"""Extractors whose answers are plain to see."""

import re
from collections import Counter
from dataclasses import replace

from ricordo.domain.episode import Episode, Role
from ricordo.domain.fact import Extraction, Fact
from ricordo.domain.graph import Entity, Relation

_NAME = re.compile(r"\b[A-Z]\w+")


class SentenceExtractor:
    """`ports.extractor.Extractor` that takes every sentence of a user or an assistant, but greetings."""

    def extract(self, episode: Episode) -> Extraction:
        facts = []
        dropped: Counter[str] = Counter()
        for index, message in enumerate(episode.messages):
            for sentence in filter(None, (part.strip() for part in message.content.split("."))):
                if message.role is Role.SYSTEM or sentence == "Hello":
                    dropped["small_talk"] += 1
                else:
                    facts.append(Fact(f"{sentence}.", message.role, index, speaker=message.name))
        return Extraction(tuple(facts), dropped)


class NamingExtractor:
    """`ports.extractor.Extractor` that takes every sentence, and every capitalised word in it as an entity.

    The first of them knows each of the others.
    """

    def extract(self, episode: Episode) -> Extraction:
        extraction = SentenceExtractor().extract(episode)
        return replace(extraction, facts=tuple(self._with_names(fact) for fact in extraction.facts))

    def _with_names(self, fact: Fact) -> Fact:
        names = list(dict.fromkeys(_NAME.findall(fact.text)))
        relations = tuple(Relation(names[0], "knows", name) for name in names[1:])
        return replace(fact, entities=tuple(Entity(name) for name in names), relations=relations)
