"""What the desk process does by itself: keys ahead, destruction, rebuilt indexes, leavers, tidying."""

from admin.chores import Chore, Chores
from admin.health.files import DESK_STATUS, write_status
from admin.wiring.desk import DeskServices
from core import metrics
from core.store import Tx
from core.types import to_ms


def desk_chores(services: DeskServices) -> Chores:
    """Return the chores of a desk process. Each may be repeated, and killed at any point."""

    def purge(tx: Tx) -> None:
        services.sessions.do_purge(tx)
        services.throttle.do_purge(tx)

    chores = Chores(
        [
            Chore("months ahead", 3600.0, lambda: services.offers.offer_months(actor="schedule")),
            Chore("reports", 2.0, services.offers.handle_reports),
            Chore("destruction", 2.0, services.disposal.run),
            Chore("index rebuilds", 2.0, services.rebuild.go_on),
            Chore("trail of keys", 1.0, services.carrier.carry),
            Chore("leavers", 5.0, services.officers.disable_leavers),
            Chore("purge", 300.0, lambda: services.store.write(purge)),
            Chore("tidy stores", 300.0, lambda: _tidy(services)),
            Chore("status", 2.0, lambda: _write_status(services, chores)),
        ]
    )
    return chores


def _write_status(services: DeskServices, chores: Chores) -> None:
    metrics.FAILING.set(len(chores.failing()))
    status = {"at_ms": to_ms(services.clock.now()), "failing": chores.failing()}
    write_status(services.settings.home / DESK_STATUS, status)


def _tidy(services: DeskServices) -> None:
    for store in (services.keystore, services.store):
        store.tidy()
