"""What the services need from the world, as Protocols that adapters fit by shape."""

from console.services.ports.files import (
    ConversationStore,
    Copies,
    Editor,
    Files,
    Prompts,
    ScenarioShelf,
)
from console.services.ports.gpus import GpuSource, HistoryStore, RequestMeter
from console.services.ports.ledger import LedgerExports, LedgerReader, LedgerStore, TrafficLog
from console.services.ports.models import ModelSource, ScoreFitter
from console.services.ports.world import Clock, PriceList

__all__ = [
    "Clock",
    "ConversationStore",
    "Copies",
    "Editor",
    "Files",
    "GpuSource",
    "HistoryStore",
    "LedgerExports",
    "LedgerReader",
    "LedgerStore",
    "ModelSource",
    "PriceList",
    "Prompts",
    "RequestMeter",
    "ScenarioShelf",
    "ScoreFitter",
    "TrafficLog",
]
