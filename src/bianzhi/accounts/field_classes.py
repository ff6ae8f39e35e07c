"""Classes of the columns of accounts."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare("accounts.user", {"password": FieldClass.SECRET})
declare("accounts.formerpassword", {"encoded": FieldClass.SECRET})
declare("accounts.authenticator", {"secret": FieldClass.SECRET})
declare("accounts.recoverycode", {"fingerprint": FieldClass.SECRET})
declare("accounts.signin", {"session_key": FieldClass.SECRET})
for name in ("must_change_password", "password_set_at"):
    declare_harmless(f"accounts.user.{name}", "说明密码的状态，不是密码")
declare_harmless("accounts.signin.address", "登录所用计算机的网络地址，供本人和安全管理员核对")
declare("accounts.linkedidentity", {"subject": FieldClass.SENSITIVE, "subject_key": FieldClass.SECRET})
for name in ("credential", "credential_id"):
    declare_harmless(f"accounts.passkey.{name}", "公钥和编号，凭此不能登录；私钥不离开设备")
