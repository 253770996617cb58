"""An extractor whose answers are plain to see."""

from collections import Counter

from ricordo.domain.episode import Episode, Role
from ricordo.domain.fact import Extraction, Fact


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
