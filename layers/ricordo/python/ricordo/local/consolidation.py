"""The nightly run without Step Functions: the same steps, one after another, in the order of their workflow."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

from functions.consolidate.steps import begin, consolidate, finish, mend, projects, record, scopes, sweep
from ricordo.domain.errors import RicordoError

State = dict[str, Any]
Step = Callable[[State, object], State]


def consolidate_now(*, at: str, holder: str) -> State:
    """Make a run and return what its last step told; what stops it in one project does not stop the others.

    `at` names the run: one that broke off is taken up under the same time. Two holders are never at one scope.

    Raises:
        UnavailableError: the truth is down.
    """
    state = begin.handler({"input": {"at": at}, "started_at": at, "holder": holder}, None)
    while state["after"] is not None:
        state = projects.handler(state, None)
        for project in state["projects"]:
            _consolidate_project(project)
    return finish.handler(state, None)


def _consolidate_project(project: State) -> None:
    state = project
    try:
        for left in _steps(project):
            state = left
    except RicordoError as error:
        state |= {"error": {"Error": type(error).__name__}}
    record.handler(state, None)


def _steps(state: State) -> Iterator[State]:
    """Yield what each step leaves."""
    while True:
        state = scopes.handler(state, None)
        state["done"] = [consolidate.handler(batch, None) for batch in state["batches"]]
        yield state
        if state["page"] is None:
            break
    state = yield from _repeated(sweep.handler, state, until=lambda left: not left["more"])
    yield from _repeated(mend.handler, state, until=lambda left: left["place"] is None)


def _repeated(step: Step, state: State, *, until: Callable[[State], bool]) -> Generator[State, None, State]:
    """Run a step until it says it is done; return what it leaves last."""
    while True:
        state = step(state, None)
        yield state
        if until(state):
            return state
