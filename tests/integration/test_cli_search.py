"""`ricordo search` and `ricordo demo`."""

from pathlib import Path

import pytest
from support.command_line import Installation, write_lines


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation that knows something of two users."""
    folder = tmp_path_factory.mktemp("known")
    home = Installation(folder / "home")
    lines = [
        {"memory": "Ana plays the cello.", "user_id": "ana", "created_at": "2026-01-05T10:00:00Z"},
        {"memory": "Ana is allergic to peanuts.", "user_id": "ana"},
        {"memory": "The [bold]word\x1b[31m is written red.", "user_id": "red"},
    ]
    home.ok("import", write_lines(folder / "lines.jsonl", lines))
    return home


def test_a_search_shows_score_text_and_time(home: Installation) -> None:
    """The best answer comes first, in a table."""
    lines = home.ok("search", "Which instrument does Ana play?", "--user-id", "ana").out.splitlines()
    assert lines[0].split() == ["score", "memory", "when"]
    assert "Ana plays the cello." in lines[1]
    assert lines[1].rstrip().endswith("2026-01-05 10:00")


def test_explain_shows_the_signals(home: Installation) -> None:
    """With --explain a result tells what its score is made of."""
    assert "semantic 0." in home.ok("search", "instrument", "--user-id", "ana", "--explain").out


def test_json_is_what_the_api_answers(home: Installation) -> None:
    """The API's fields, at most --top-k of them."""
    (result,) = home.ok("search", "Ana", "--user-id", "ana", "--top-k", "1", "--json").json()["results"]
    assert {"id", "memory", "score", "score_breakdown", "user_id", "created_at"} <= set(result)


def test_a_search_stays_with_its_owner(home: Installation) -> None:
    """Another user's memories are not found."""
    assert home.ok("search", "cello", "--user-id", "ben").out == "Nothing was found.\n"


def test_a_search_without_an_owner_is_refused(home: Installation) -> None:
    """A missing owner never means everybody."""
    ran = home.run("search", "cello")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("ricordo: Say whose memories")


def test_a_memory_cannot_write_to_the_terminal(home: Installation) -> None:
    """Markup is shown as it is and escape sequences lose their escape."""
    out = home.ok("search", "red word", "--user-id", "red").out
    assert "The [bold]word [31m is written red." in out
    assert "\x1b" not in out


def test_the_demo_imports_and_searches(tmp_path: Path) -> None:
    """It finds what its questions ask for and leaves nothing where the user's own data would be."""
    home = Installation(tmp_path / "home")
    out = home.ok("demo").out
    assert "3 conversations became" in out
    for told in ("allergic to peanuts", "half marathon on 25 April 2026", "Tomas feeds the cat", "semantic "):
        assert told in out
    assert list(tmp_path.iterdir()) == []


def test_the_demo_can_be_kept(tmp_path: Path) -> None:
    """With --keep its folder can be searched afterwards; running it again adds nothing."""
    home = Installation(tmp_path / "demo")
    home.ok("demo", "--keep", home.data_dir)
    known = home.exported()
    assert "3 conversations became 0 memories" in home.ok("demo", "--keep", home.data_dir).out
    assert home.exported() == known
    assert home.ok("search", "Where does Nora live?", "--user-id", "nora", "--json").json()["results"]
