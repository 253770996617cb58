"""Whatever callers put into ids, metadata, categories, texts and questions is data to the index, never syntax."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from support.builders import a_memory, embedded
from support.index_bench import IndexBench
from support.index_queries import by_vector, by_words

from ricordo.domain.analysis import words
from ricordo.domain.filters import (
    All,
    AnyOf,
    CategoryIn,
    Expression,
    IdIn,
    MetadataContains,
    MetadataIs,
    MetadataPresent,
    Not,
    OwnedBy,
    metadata_token,
)
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory
from ricordo.domain.scope import OwnerType, Scope

CORPUS = [
    "*", "?", "**", "a*", "?a", "~", "a~2", "a^9", "-a", "+a", "!a", "&&", "||", "AND", "OR", "NOT", "a AND b",
    "a OR b", "NOT a", '"', '""', '"a"', "'", "' OR '1'='1", "'; DROP TABLE memories; --", "\\", "\\\\", "\\*",
    "/a.*/", "/.*/", "a.*b", "[a TO z]", "{a TO *}", "(a)", "(", ")", "[", "]", "{", "}", "<", ">", ">=1", ":",
    "a:b", "_exists_:user_id", "user_id:*", "_id:*", "project:proj-b", "_all", "_source", "_routing", "*:*", "%",
    "_", "a%", "$ne", "$where", "#", '{"match_all":{}}', '"}},{"match_all":{}},{"term":{"a":"', '"]}}', "\n",
    '\n{"index":{}}\n', "\r\n", "\t", " a ", "\0", "a\0b", "\x1f", "\u2028", "${jndi:ldap://x}", "{{user}}",
    "<%= 1 %>", "doc['project'].value", "ctx._source.remove('project')", "java.lang.Runtime", "params._source",
    "now-1d", "2020-01-01||/M", "null", "true", "0", "-1", "NaN", "1e999", "a,b", "a, proj-b", ",", ";", "../../x",
    "%2e%2e%2f", "a b", "\ufeff", "é", "e\u0301", "ß", "İ", "𝄞", "あ", "عربى", "x" * 512,
]  # fmt: skip


def written(text: str, number: int) -> Memory:
    """Make a memory that carries a text in every place a caller may put one."""
    return a_memory(
        f"w{number} {text}",
        memory_id=MemoryId(f"id {text}"),
        scope=Scope(text, text, text, text),
        metadata={text: text, "value": text, "list": [text, "other"]},
        categories=(text,),
        embedding=embedded(0),
    )


@pytest.fixture(scope="module")
def bench(open_index_bench: Callable[[], AbstractContextManager[IndexBench]]) -> Iterator[IndexBench]:
    """An index with a memory for each text of the corpus."""
    with open_index_bench() as opened:
        stored = opened.store(*(written(text, number) for number, text in enumerate(CORPUS)))
        assert len(stored) == len(CORPUS)
        yield opened


def conditions(text: str) -> list[Expression]:
    """Return the conditions that only the memory of a text satisfies."""
    token = metadata_token(text)
    return [
        *(OwnedBy(owner_type, frozenset([text])) for owner_type in OwnerType),
        IdIn(frozenset([f"id {text}"])),
        CategoryIn(frozenset([text])),
        MetadataIs("value", token),
        MetadataIs(text, token),
        MetadataContains("list", text),
        *([] if text in {"value", "list"} else [MetadataPresent(text)]),
    ]


@pytest.mark.parametrize("text", CORPUS)
def test_a_filter_means_its_text(bench: IndexBench, text: str) -> None:
    """Each condition finds the one memory that has the text, and the opposite of any all others."""
    for where in conditions(text):
        assert by_vector(bench, where, limit=len(CORPUS)) == [f"id {text}"], where
    others = by_vector(bench, Not(AnyOf(tuple(conditions(text)))), limit=len(CORPUS))
    assert set(others) == {f"id {other}" for other in CORPUS} - {f"id {text}"}


@pytest.mark.parametrize("text", CORPUS)
def test_a_question_is_only_words(bench: IndexBench, text: str) -> None:
    """What a term finds has one of the term's words; if it has none, it finds nothing."""
    asked = set(words(text))
    sharing = {f"id {other}" for other in CORPUS if asked & set(words(other))}

    found = by_words(bench, text, where=All(), limit=len(CORPUS))

    assert set(found) <= sharing
