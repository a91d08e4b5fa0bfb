"""Runs a step of work as a process of one role.

A command of the command line runs under one process role. What crosses rings starts a child for
each role: it gets its argument as JSON on standard input and answers with JSON on standard output,
so that no process ever holds keys of two worlds. A typed error crosses as what it is.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from core.crypto.rings import ProcessRole
from core.errors import ChanceryError
from core.settings import Settings

Step = Callable[[Settings, dict[str, Any]], Any]

EXIT_TYPED_ERROR = 3


class StepFailed(ChanceryError):
    """A step in another process ended with a typed error; code and sentence are its own."""


def run_step(role: ProcessRole, step: str, environ: Mapping[str, str], **argument: Any) -> Any:
    """Run ``step`` in a child process of ``role`` and return what it returned.

    Raises:
        StepFailed: with the code and the sentence of the child's error.
    """
    child = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "admin.steps", role, step],
        input=json.dumps(argument).encode(),
        stdout=subprocess.PIPE,
        env=dict(environ),
        check=False,
    )
    if child.returncode not in {0, EXIT_TYPED_ERROR}:
        raise StepFailed(
            f"The step {step} of {role} ended with status {child.returncode}.", code="step_failed"
        )
    answer = json.loads(child.stdout)
    if child.returncode == EXIT_TYPED_ERROR:
        code = answer.pop("code")
        message = answer.pop("message")
        for known in ("ok", "retryable"):
            answer.pop(known, None)
        raise StepFailed(message, code=code, **answer)
    return answer


def serve_step(step: Step, settings: Settings) -> int:
    """Be the child: run ``step``, print its answer, return the exit status."""
    try:
        answer = step(settings, json.load(sys.stdin))
    except ChanceryError as error:
        json.dump(error.as_dict(), sys.stdout, default=str)
        return EXIT_TYPED_ERROR
    json.dump(answer, sys.stdout)
    return 0
