"""What a bundle says about usage: defaults that change nothing, bounds, and advice."""

from datetime import timedelta

import pytest

from core.errors import InvalidInput
from core.types import NotificationText, UsageRules
from policies.bundle import canonical, from_canonical
from policies.check import lint
from tests.factories.policies import MONDAY, make_bundle


def test_a_bundle_that_says_nothing_changes_nothing() -> None:
    assert make_bundle().usage.rules() == UsageRules()


def test_what_a_bundle_says_is_heeded_and_kept_by_its_canonical_form() -> None:
    bundle = make_bundle(
        "usage: {edit_history: everyone, edit_minutes: 60, delete_minutes: 0, previews: true,"
        " notification_text: none, covered_text: sender}"
    )
    assert from_canonical(canonical(bundle)) == bundle
    assert bundle.usage.rules() == UsageRules(
        edit_history=True,
        edit_within=timedelta(hours=1),
        delete_within=timedelta(0),
        previews=True,
        notification_text=NotificationText.NONE,
        covered_shown_to_sender=True,
    )


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("usage: {edit_minutes: -1}", "usage.edit_minutes"),
        ("usage: {edit_minutes: soon}", "usage.edit_minutes"),
        ("usage: {notification_text: everything}", "usage.notification_text"),
        ("usage: {edit_histroy: everyone}", "usage.edit_histroy"),
    ],
)
def test_what_no_bundle_can_say_is_refused_with_its_place(body: str, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_bundle(body)
    assert [each["path"] for each in refused.value.params["errors"]] == [path]


def test_a_history_that_nobody_can_make_is_pointed_out() -> None:
    bundle = make_bundle("usage: {edit_history: everyone, edit_minutes: 0}")
    assert "usage.edit_history" in dict(lint(bundle, MONDAY))
