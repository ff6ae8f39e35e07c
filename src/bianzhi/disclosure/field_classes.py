"""Classes of the columns of requests for exports."""

from bianzhi.common.field_classes import FieldClass, declare

declare("disclosure.exportrequest", {"path": FieldClass.SENSITIVE, "conditions": FieldClass.SENSITIVE})
