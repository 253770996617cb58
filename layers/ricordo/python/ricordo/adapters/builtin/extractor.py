from ricordo.adapters.builtin.extraction.reading import Reading
from ricordo.domain.episode import Episode
from ricordo.domain.fact import Extraction


class RuleExtractor:
    """Extracts by rules: no model, no network, the same result every time.

    English is retold in the third person; sentences in other languages are kept behind the speaker's name.
    Time is linear in the length of the episode.
    """

    def extract(self, episode: Episode) -> Extraction:
        reading = Reading(episode)
        for index, message in enumerate(episode.messages):
            reading.hear(index, message)
        return reading.extraction()
