"""A client of Typewire, as PROTOCOL.md says. The same for all contracts: what is typed is generated beside it.

It needs Python 3.11 and the package `websockets`, 10.4 or newer.
"""

from .client import Client, Options, Scope
from .contract import Contract, Event, Procedure, RoomKind
from .errors import TypewireError
from .rooms import Entry, HistoryEvent, HistoryPage, Member, Room
from .streams import Stream
from .values import UNDEFINED, Blob, ErrorValue, File

__all__ = [
    "UNDEFINED",
    "Blob",
    "Client",
    "Contract",
    "Entry",
    "ErrorValue",
    "Event",
    "File",
    "HistoryEvent",
    "HistoryPage",
    "Member",
    "Options",
    "Procedure",
    "Room",
    "RoomKind",
    "Scope",
    "Stream",
    "TypewireError",
]
