"""The command line as its user types it: in this process, or in one of its own where it must be."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from ricordo.local import cli

PROGRAM = (sys.executable, "-c", "from ricordo.local.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Read the output."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder and the commands run on it."""

    data_dir: Path

    def run(self, *arguments: str | Path, **variables: str) -> Ran:
        """Run a command in this process; `variables` are settings without their prefix."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment(**variables)),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = _exit_code([str(argument) for argument in arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    def ok(self, *arguments: str | Path, **variables: str) -> Ran:
        """Run a command that must succeed."""
        ran = self.run(*arguments, **variables)
        assert ran.code == 0, ran
        return ran

    def start(self, *arguments: str | Path, **variables: str) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            env=os.environ | self.environment(**variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the settings; a log level is among them, so that the logger of this process stays."""
        settings = {"data_dir": str(self.data_dir), "log_level": "WARNING", **variables}
        return {f"RICORDO_{name.upper()}": value for name, value in settings.items()}

    @property
    def database(self) -> Path:
        """Its one file."""
        return self.data_dir / "ricordo.db"

    def exported(self, *options: str) -> list[dict[str, Any]]:
        """Export and read the lines."""
        return [json.loads(line) for line in self.ok("export", *options).out.splitlines()]


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        cli.main(arguments)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
            return 1
        return ended.code or 0
    return 0


def write_lines(path: Path, lines: Sequence[Mapping[str, Any] | str]) -> Path:
    """Write JSON Lines; a string is written as it is."""
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path
