"""One loop, one thing at a time: nothing keeps the others waiting."""

from admin.chores import Chore, Chores


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
