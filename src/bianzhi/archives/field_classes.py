"""Classes of the columns of the archive."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare("archives.page", {"text": FieldClass.SENSITIVE})
declare("archives.candidate", {"value": FieldClass.SENSITIVE})
declare_harmless("archives.item.addressee", "公文的主送机关")
