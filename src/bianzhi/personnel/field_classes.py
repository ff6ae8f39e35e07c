"""Classes of the columns of persons."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare(
    "personnel.person",
    {"id_number": FieldClass.IDENTITY, "id_fingerprint": FieldClass.SECRET, "phone": FieldClass.CONTACT},
)
for name in ("born_on", "certified_born_on"):
    declare_harmless(f"personnel.person.{name}", "花名册规定的栏目；按管理范围可见")
for name in ("identity", "identity_certified"):
    declare_harmless(f"personnel.person.{name}", "人员身份（公务员、事业等）和档案认定的标记")
declare("personnel.personchange", dict.fromkeys(("old_value", "new_value"), FieldClass.SENSITIVE))
declare_harmless("personnel.planitem.conditions", "职位的资格条件，不是某个人的信息")
