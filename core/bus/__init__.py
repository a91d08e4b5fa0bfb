"""Hints between processes: what may have changed, who types, who is here.

A hint only shortens a wait. Every process looks at the store by itself at least once a second, so a
hint that is lost, doubled, late or of another's making changes nothing but when things are seen.
"""

from core.bus.hints import Bus, BusState, Hint, Moved, Online, Silent, Typing

__all__ = ["Bus", "BusState", "Hint", "Moved", "Online", "Silent", "Typing"]
