"""One loop, one thing at a time: nothing keeps the others waiting."""

from structlog.testing import capture_logs

from admin.chores import Chore, Chores
from core.errors import Conflict


def test_a_chore_that_has_more_to_do_goes_on_after_the_others_had_their_turn() -> None:
    done: list[str] = []

    def long() -> bool:
        done.append("long")
        return done.count("long") < 3

    chores = Chores([Chore("long", 3_600, long), Chore("short", 0, lambda: done.append("short"))])
    for _ in range(5):
        chores.run_due()
    assert done == ["long", "short"] * 3 + ["short"] * 2


def test_a_chore_that_fails_stops_no_other_and_is_named_until_it_works() -> None:
    works: list[int] = []

    def fails() -> None:
        if not works:
            raise RuntimeError("as it goes")

    done: list[str] = []
    chores = Chores([Chore("fails", 0, fails), Chore("other", 0, lambda: done.append("other"))])
    chores.run_due()
    assert (chores.failing(), done) == (["fails"], ["other"])
    works.append(1)
    chores.all[0].due = 0.0
    chores.run_due()
    assert chores.failing() == []


def test_what_another_process_does_has_not_failed_and_is_told_once() -> None:
    answers: list[Exception | None] = [
        *[Conflict("Another process holds the archiver lease.", code="lease_lost")] * 3,
        None,
        Conflict("Another process holds the archiver lease.", code="lease_lost"),
        RuntimeError("as it goes"),
    ]

    def archive() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    chores = Chores([Chore("archive", 0, archive)])
    failing = []
    with capture_logs() as logged:
        while answers:
            chores.all[0].due = 0.0
            chores.run_due()
            failing.append(chores.failing())
    told = [(line["log_level"], line["event"], line["chore"]) for line in logged]
    elsewhere = ("info", "chore done by another process", "archive")
    assert told == [elsewhere, elsewhere, ("error", "chore failed", "archive")]
    assert failing == [[]] * 5 + [["archive"]]
