"""Runs a step of work as a process of one role.

A command of the command line runs under one process role. What crosses rings starts a child for
each role: it gets its argument as JSON on standard input and answers with JSON on standard output,
so that no process ever holds keys of two worlds. A typed error crosses as what it is. Where each role
has its own system user, a child that root starts is that user.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from typing import Any

from admin.system_users import as_user_of
from admin.trouble import typed_trouble
from core.crypto.rings import ProcessRole
from core.errors import ChanceryError
from core.settings import Settings, load_settings, settings_file

Step = Callable[[Settings, dict[str, Any]], Any]
Child = subprocess.Popen[bytes]

EXIT_TYPED_ERROR = 3


class StepFailed(ChanceryError):
    """A step in another process ended with a typed error; code and sentence are its own."""


def run_step(role: ProcessRole, step: str, environ: Mapping[str, str], **argument: Any) -> Any:
    """Run ``step`` in a child process of ``role`` and return what it returned.

    Raises:
        StepFailed: with the code and the sentence of the child's error.
    """
    child = start_step(role, step, environ, **argument)
    try:
        return finish_step(child, role, step)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def start_step(role: ProcessRole, step: str, environ: Mapping[str, str], **argument: Any) -> Child:
    """Start ``step`` in a child process of ``role``; whoever calls finishes or ends it."""
    settings = load_settings(environ, settings_file(environ))
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "admin.steps", role, step],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **as_user_of(settings, role, environ),
    )
    assert child.stdin is not None
    with suppress(BrokenPipeError), child.stdin as pipe:
        pipe.write(json.dumps(argument).encode())
    return child


def finish_step(child: Child, role: ProcessRole, step: str) -> Any:
    """Wait for a step that was started, and return what it returned.

    Raises:
        StepFailed: with the code and the sentence of the child's error.
    """
    assert child.stdout is not None
    with child.stdout as pipe:
        said = pipe.read()
    status = child.wait()
    if status not in {0, EXIT_TYPED_ERROR}:
        raise StepFailed(f"The step {step} of {role} ended with status {status}.", code="step_failed")
    answer = json.loads(said)
    if status == EXIT_TYPED_ERROR:
        code = answer.pop("code")
        message = answer.pop("message")
        for known in ("ok", "retryable"):
            answer.pop(known, None)
        raise StepFailed(message, code=code, **answer)
    return answer


def serve_step(step: Step, settings: Settings) -> int:
    """Be the child: run ``step``, print its answer, return the exit status."""
    try:
        # What a step logs does not belong into its answer.
        with redirect_stdout(sys.stderr), typed_trouble():
            answer = step(settings, json.load(sys.stdin))
    except ChanceryError as error:
        json.dump(error.as_dict(), sys.stdout, default=str)
        return EXIT_TYPED_ERROR
    json.dump(answer, sys.stdout)
    return 0
