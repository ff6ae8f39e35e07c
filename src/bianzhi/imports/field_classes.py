"""Classes of the columns of uploads."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare("imports.importfinding", {"value": FieldClass.SENSITIVE})
declare_harmless("imports.importfinding.message", "问题和处理办法，有导入权限的人可见；单元格内容另列")
for name in ("subject", "detail"):
    declare_harmless(f"imports.importchange.{name}", "拟写入的花名册栏目，有导入权限的人可见")
