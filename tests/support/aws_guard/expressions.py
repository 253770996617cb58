"""Reading DynamoDB's expressions: their tokens, the placeholders and attributes they use, their key conditions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.aws_guard.limits import QUERY, RefusedRequestError

TOKEN = re.compile(r"\s*([#:]?\w+|<>|<=|>=|[=<>+\-(),.\[\]])")
COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
KEY_COMPARATORS = COMPARATORS - {"<>"}
WORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})
EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """One condition of a key condition expression; `operator` is a comparator, BETWEEN or BEGINS_WITH."""

    attribute: str
    operator: str


def tokens(expression: str) -> list[str]:
    """Split an expression.

    Raises:
        RefusedRequestError: it holds a character no expression has.
    """
    found, at = [], 0
    text = expression.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise RefusedRequestError(f"cannot read the expression at character {at}: {expression}")
        found.append(match[1])
        at = match.end()
    return found


def given_expressions(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the expressions of a request or an action, by their parameter."""
    return {name: request[name] for name in EXPRESSIONS if request.get(name)}


def placeholders(request: Mapping[str, Any]) -> set[str]:
    """Return the placeholders that the expressions of a request or an action use."""
    return {token for text in given_expressions(request).values() for token in tokens(text) if token[0] in "#:"}


def attributes_of(expression: str, names: Mapping[str, str]) -> set[str]:
    """Return the top-level attributes an expression speaks of."""
    read = tokens(expression)
    found = set()
    for at, token in enumerate(read):
        is_nested = at > 0 and read[at - 1] in {".", "["}
        is_function = read[at + 1 : at + 2] == ["("]
        if is_nested or is_function or token.upper() in WORDS or not re.match(r"[#A-Za-z_]", token):
            continue
        found.add(names.get(token, token))
    return found


def count_operators(expression: str, *, is_update: bool) -> int:
    """Count operators and functions; the `=` of a SET assigns and the AND of a BETWEEN belongs to it."""
    read = tokens(expression)
    counted = 0
    for at, token in enumerate(read):
        is_function = token[0] not in "#:(," and token.upper() not in WORDS and read[at + 1 : at + 2] == ["("]
        is_word = token.upper() in {"AND", "OR", "NOT", "IN"}
        is_comparator = token in COMPARATORS and not is_update
        counted += is_function or is_word or is_comparator or token in {"+", "-"}
    return counted


def in_operands(expression: str) -> int:
    """Return the length of the longest list behind an IN."""
    lists = re.findall(r"\bIN\s*\(([^)]*)\)", expression, re.IGNORECASE)
    return max((found.count(",") + 1 for found in lists), default=0)


def key_conditions(expression: str, names: Mapping[str, str]) -> list[KeyCondition]:
    """Read a key condition expression, which is conditions joined by AND and nothing else.

    Raises:
        RefusedRequestError: it is anything else.
    """
    rest = [token for token in tokens(expression) if token not in {"(", ")", ","}]
    found: list[KeyCondition] = []
    while rest:
        if found and rest.pop(0).upper() != "AND":
            break
        condition, rest = _key_condition(rest, names)
        if condition is None:
            break
        found.append(condition)
    else:
        return found
    raise RefusedRequestError(f"not a key condition: {expression}; {QUERY}")


def _key_condition(read: Sequence[str], names: Mapping[str, str]) -> tuple[KeyCondition | None, list[str]]:
    """Read the first condition; return it, or nothing, and what follows."""
    match [token if token[0] != ":" else ":" for token in read[:5]]:
        case [function, name, ":", *_] if function.lower() == "begins_with":
            return KeyCondition(names.get(name, name), "BEGINS_WITH"), list(read[3:])
        case [name, between, ":", joined, ":"] if (between.upper(), joined.upper()) == ("BETWEEN", "AND"):
            return KeyCondition(names.get(name, name), "BETWEEN"), list(read[5:])
        case [name, comparator, ":", *_] if comparator in KEY_COMPARATORS:
            return KeyCondition(names.get(name, name), comparator), list(read[3:])
        case _:
            return None, []
