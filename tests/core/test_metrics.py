"""What a process counts is told in Prometheus' format, by names that stay, without names of anybody."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core import metrics
from core.metrics import Counter, Gauge, Histogram


def test_a_counter_grows_for_each_value_of_its_label() -> None:
    sent = Counter("x_total", "Sent.", "verdict", known=("allow", "block"))
    sent.add("allow")
    sent.add("allow", amount=2)
    assert samples(sent) == {("x_total", "allow"): 3.0, ("x_total", "block"): 0.0}


def test_a_gauge_tells_what_is_and_forgets_what_is_gone() -> None:
    up = Gauge("x_up", "Up.", "server")
    assert samples(up) == {}, "what nobody knows is not told as zero"
    up.replace({"one": 1.0, "two": 0.0})
    up.replace({"two": 1.0})
    assert samples(up) == {("x_up", "two"): 1.0}
    asked = Gauge("x_age", "Age.")
    asked.ask(lambda: None)
    assert samples(asked) == {}


def test_a_histogram_counts_each_observation_once_and_cumulates() -> None:
    took = Histogram("x_seconds", "Took.", (0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 7.0):
        took.observe(value)
    told = {(s.name, s.labels.get("le", "")): s.value for s in took.collect().samples}
    assert told["x_seconds_bucket", "0.1"] == 2
    assert told["x_seconds_bucket", "1.0"] == 3
    assert told["x_seconds_bucket", "+Inf"] == told["x_seconds_count", ""] == 4
    assert told["x_seconds_sum", ""] == pytest.approx(7.65)


def test_what_is_told_is_the_format_that_prometheus_reads() -> None:
    metrics.MESSAGES.add("allow")
    families = {family.name for family in text_string_to_metric_families(metrics.render().decode())}
    assert "chancery_messages" in families
    assert "chancery_ack_seconds" in families


def test_every_name_and_label_follows_the_conventions() -> None:
    for each in metrics.ALL:
        assert re.fullmatch(r"chancery_[a-z]+(_[a-z]+)*", each.name)
        assert each.name.endswith("_total") == (each.kind == "counter")
        assert each.tells.endswith(".")
        assert set(each.labels) <= {"verdict", "side", "database", "state", "server", "log"}
    names = [each.name for each in metrics.ALL]
    assert len(set(names)) == len(names) > 20


def samples(each: metrics.Kind) -> dict[tuple[str, str], float]:
    return {(s.name, next(iter(s.labels.values()), "")): s.value for s in each.collect().samples}
