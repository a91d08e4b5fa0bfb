"""What the worker tells the desk is heard, however many alarms were raised before."""

from pathlib import Path

from audit.archive.reports import ReportKind, Reports
from core.access import Database
from core.store import Tx
from tests.factories.stores import empty_store
from tests.fakes.clock import DrivenClock

ALARMS = 1_100


def test_a_report_to_act_on_is_found_behind_any_number_of_alarms(tmp_path: Path) -> None:
    store, reports = empty_store(tmp_path, Database.DESK), Reports(DrivenClock())

    def raise_alarms(tx: Tx) -> None:
        for number in range(ALARMS):
            reports.put(tx, ReportKind.ALARM, alarm="index", number=number)
        reports.put(tx, ReportKind.PARTITION_DUE, partition="2026-03-direct")

    store.write(raise_alarms)
    (due,) = store.read(lambda tx: reports.waiting(tx, ReportKind.PARTITION_DUE))
    assert due.payload == {"partition": "2026-03-direct"}
    store.write(lambda tx: reports.take(tx, due))
    assert store.read(lambda tx: reports.waiting(tx, ReportKind.PARTITION_DUE)) == []
    shown = store.read(lambda tx: reports.newest(tx, 2))
    assert [report.payload["number"] for report in shown] == [ALARMS - 2, ALARMS - 1]
    store.close()
