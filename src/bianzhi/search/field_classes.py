"""Classes of the columns of searches."""

from bianzhi.common.field_classes import FieldClass, declare

declare("search.savedsearch", {"query": FieldClass.SENSITIVE})
