"""Every table of the store; a room each for what belongs together."""

from store.tables.access import AccessMark, Observable, Reconstruction
from store.tables.alerts import Alert, AlertGroup, AlertWindow, IntakeReply, Quarantine, Source, SourceKey
from store.tables.clients import Client, Contact, ContractTerm
from store.tables.clocks import ClockEntry, ClockWarning, Obligation
from store.tables.datamap import DataSystem
from store.tables.evidence import Custody, Evidence
from store.tables.exercises import ClockSegment, Exercise, HotWash, Inject
from store.tables.house import Counter, Heartbeat
from store.tables.hypotheses import Hypothesis, HypothesisNote
from store.tables.incidents import Case, Exclusion, FactRow, Incident, StepRow
from store.tables.notices import Delivery, Notice, NoticeDocument
from store.tables.people import Absence, CodeUse, Responder, Roster
from store.tables.questions import Answer, Approval, Question
from store.tables.review import ActionItem
from store.tables.telling import Brief, ChannelAct, ChannelFreeze, Message, Snooze
from store.tables.timeline import TimelineEntry

__all__ = [
    "Absence", "AccessMark", "ActionItem", "Alert", "AlertGroup", "AlertWindow", "Answer",
    "Approval", "Brief", "Case", "ChannelAct", "ChannelFreeze", "Client", "ClockEntry",
    "ClockSegment", "ClockWarning", "CodeUse", "Contact", "ContractTerm", "Counter", "Custody",
    "DataSystem", "Delivery", "Evidence", "Exclusion", "Exercise", "FactRow", "Heartbeat",
    "HotWash", "Hypothesis", "HypothesisNote", "Incident", "Inject", "IntakeReply", "Message", "Notice",
    "NoticeDocument", "Obligation", "Observable", "Quarantine", "Question", "Reconstruction",
    "Responder", "Roster", "Snooze", "Source", "SourceKey", "StepRow", "TimelineEntry",
]  # fmt: skip
