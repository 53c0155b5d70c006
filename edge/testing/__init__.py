"""Edge logic under test: exchanges in virtual time, with a scripted origin, without sockets."""

from __future__ import annotations

from edge.testing.playbook import Playbook, Talk

__all__ = ["Playbook", "Talk"]
