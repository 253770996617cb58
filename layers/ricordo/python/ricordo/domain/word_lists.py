"""Lists of English words that ranking treats apart; words are folded and without apostrophes."""

from typing import Final

STOP_WORDS: Final = frozenset(
    {
        "a", "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "aren",
        "as", "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by",
        "can", "could", "couldn", "d", "did", "didn", "do", "does", "doesn", "doing", "don", "down",
        "during", "each", "either", "else", "ever", "few", "for", "from", "further", "get", "gets",
        "getting", "go", "goes", "going", "got", "had", "hadn", "has", "hasn", "have", "haven", "having",
        "he", "her", "here", "hers", "herself", "him", "himself", "his", "how", "however", "i", "if", "in",
        "into", "is", "isn", "it", "its", "itself", "just", "let", "ll", "m", "me", "might", "mine", "more",
        "most", "much", "must", "my", "myself", "neither", "no", "nor", "not", "now", "of", "off", "on",
        "once", "one", "only", "or", "other", "our", "ours", "ourselves", "out", "over", "own", "re", "s",
        "same", "shall", "she", "should", "shouldn", "so", "some", "such", "t", "than", "that", "the",
        "their", "theirs", "them", "themselves", "then", "there", "these", "they", "this", "those",
        "through", "to", "too", "under", "until", "up", "us", "ve", "very", "was", "wasn", "we", "were",
        "weren", "what", "whatever", "when", "where", "whether", "which", "while", "who", "whom", "whose",
        "why", "will", "with", "won", "would", "wouldn", "you", "your", "yours", "yourself", "yourselves",
    }
)  # fmt: skip

TIME_WORDS: Final = frozenset(
    {
        "yesterday", "today", "tonight", "tomorrow", "ago", "last", "next", "recently", "lately", "earlier",
        "later", "soon", "week", "weeks", "weekend", "month", "months", "year", "years", "day", "days",
        "morning", "afternoon", "evening", "night", "monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday", "january", "february", "march", "april", "june", "july", "august",
        "september", "october", "november", "december", "spring", "summer", "autumn", "fall", "winter",
        "since", "until", "birthday", "anniversary", "christmas",
    }
)  # fmt: skip

NUMBER_WORDS: Final = frozenset(
    {
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "dozen", "twenty", "thirty", "forty", "fifty", "hundred", "thousand", "million", "half", "quarter",
        "couple", "once", "twice",
    }
)  # fmt: skip
