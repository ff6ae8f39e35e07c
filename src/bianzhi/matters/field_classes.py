"""Classes of the columns of cases."""

from bianzhi.common.field_classes import FieldClass, declare

declare("matters.case", {"form": FieldClass.SENSITIVE})
declare("matters.casesubmission", {"form": FieldClass.SENSITIVE})
declare("matters.publicationobjection", {"contact": FieldClass.CONTACT})
