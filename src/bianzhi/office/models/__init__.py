"""Notices, messages, mail, calendar: how the office talks to its people."""

from bianzhi.office.models.contacts import ContactPreference
from bianzhi.office.models.events import CalendarEvent, EventKind, EventParticipant
from bianzhi.office.models.feeds import CalendarFeed
from bianzhi.office.models.mail import Mail, MailState
from bianzhi.office.models.messages import Message, MessageKind
from bianzhi.office.models.notice_files import NoticeFile
from bianzhi.office.models.notices import Audience, Notice, NoticeRecipient, NoticeState

__all__ = [
    "Audience",
    "CalendarEvent",
    "CalendarFeed",
    "ContactPreference",
    "EventKind",
    "EventParticipant",
    "Mail",
    "MailState",
    "Message",
    "MessageKind",
    "Notice",
    "NoticeFile",
    "NoticeRecipient",
    "NoticeState",
]
