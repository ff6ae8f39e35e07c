"""Classes of the columns of the office."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare("office.contactpreference", {"mail_address": FieldClass.CONTACT})
declare("office.calendarfeed", {"token_digest": FieldClass.SECRET})
declare_harmless("office.contactpreference.mail_kinds", "愿意用邮件接收哪些消息")
