"""Where a traversal says whose the data is: to be asserted, and to be taken out to see what fails then."""

from collections.abc import Callable, Iterator
from typing import Any

from gremlin_python.process.traversal import Bytecode

CONDITION = "project"
REACHING = {"V", "E", "out", "in", "both", "outE", "inE", "bothE"}
MERGING = {"mergeV", "mergeE"}

Instruction = list[Any]


def conditions(bytecode: Bytecode) -> Iterator[str]:
    """Yield the projects a traversal names, each where it is a condition."""
    for instruction in _all(bytecode):
        if instruction[:2] == ["has", CONDITION]:
            yield instruction[2]
        elif instruction[0] in MERGING and CONDITION in instruction[1]:
            yield instruction[1][CONDITION]


def unconditional(bytecode: Bytecode) -> list[Instruction]:
    """Return the steps that reach or merge elements of any project.

    A question whether a vertex has no edge at all, and the end of an edge, may leave it open.
    """
    steps = bytecode.step_instructions
    found = []
    for step, following in zip(steps, [*steps[1:], ["end"]], strict=True):
        if step[0] == "not" and steps_of(step[1]) == [["bothE"]]:
            continue
        if step[0] in MERGING:
            found += [] if CONDITION in step[1] else [step]
        elif step[0] in REACHING and following[:2] != ["has", CONDITION]:
            found.append(step)
        found += [inner for child in _children(step) for inner in unconditional(child)]
    return found


def without_conditions(bytecode: Bytecode) -> Bytecode:
    """Return a traversal that takes any project for its own, the mutation to be caught."""
    mutated = Bytecode()
    for step in bytecode.step_instructions:
        if step[:2] == ["has", CONDITION]:
            continue
        arguments = [without_conditions(one) if isinstance(one, Bytecode) else one for one in step[1:]]
        if step[0] in MERGING:
            arguments[0] = {key: said for key, said in step[1].items() if key != CONDITION}
        mutated.add_step(step[0], *arguments)
    return mutated


def steps_of(bytecode: Bytecode) -> list[Instruction]:
    """Return the steps of a traversal."""
    steps: list[Instruction] = bytecode.step_instructions
    return steps


class ClientDouble:
    """Stands before a Gremlin client: shows each traversal to the test, and may change it."""

    def __init__(self, client: Any, see: Callable[[Bytecode], Bytecode]) -> None:
        self._client = client
        self._see = see

    def run(self, traversal: Any, *, deadline: float) -> Any:
        traversal.bytecode = self._see(traversal.bytecode)
        return self._client.run(traversal, deadline=deadline)

    def close(self) -> None:
        self._client.close()


def _children(step: Instruction) -> list[Bytecode]:
    return [argument for argument in step[1:] if isinstance(argument, Bytecode)]


def _all(bytecode: Bytecode) -> Iterator[Instruction]:
    for step in bytecode.step_instructions:
        yield step
        for child in _children(step):
            yield from _all(child)
