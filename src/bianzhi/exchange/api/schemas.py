"""What goes in and out of the interface, as its description (OpenAPI) tells it."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

PLAIN_TEXT: Final = r"^[^\x00-\x1f\x7f]*$"
BIGGEST: Final = 2**63 - 1


def _real_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("date_text", "no such day") from error
    return text


def _whole(value: object) -> object:
    """JSON knows one kind of number: 5.0 is 5; a text that looks like a number is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | str | float):
        raise PydanticCustomError("int_type", "no whole number")
    return value


def _text(longest: int, what: str, *, least: int = 1, example: str = "") -> Any:
    examples = [example] if example else None
    return Field(min_length=least, max_length=longest, pattern=PLAIN_TEXT, description=what, examples=examples)


Day = Annotated[
    str,
    Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"}, examples=["2026-03-02"]),
    AfterValidator(_real_day),
]
Name = Annotated[str, _text(80, "姓名", example="张三")]
IdNumber = Annotated[str, _text(20, "身份证号", example="330699199001011233")]
UnitName = Annotated[str, _text(200, "单位名称，按贵方的写法", example="测试区财政局")]
UnitCode = Annotated[str, _text(40, "单位代码或统一社会信用代码", least=0)]
DocumentNumber = Annotated[str, _text(100, "依据文号", least=0, example="虞人社〔2026〕12号")]
Mode = Annotated[str, _text(20, "进入或离开的形式代码（I01、O01 等）", least=0, example="I01")]
Slot = Annotated[str, _text(60, "用编核准名额编号", least=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="规范 JSON 的 SHA-256，小写十六进制")]
MessageId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._:-]{1,80}$", description="贵方系统内唯一的编号", examples=["hr-2026-000123"])
]


class _Closed(Schema):
    model_config = ConfigDict(extra="forbid")


class HirePayload(_Closed):
    """录用或调入的决定。"""

    name: Name
    id_number: IdNumber
    unit: UnitName
    unit_code: UnitCode = ""
    mode: Mode = ""
    slot: Slot = ""
    document: DocumentNumber = ""
    effective_on: Day


class ExitPayload(_Closed):
    """退休、辞职、死亡等离开的决定。"""

    name: Name
    id_number: IdNumber
    unit: UnitName
    unit_code: UnitCode = ""
    mode: Mode = ""
    document: DocumentNumber = ""
    event_on: Day


class SalaryPayload(_Closed):
    """已核定工资。"""

    name: Name
    id_number: IdNumber
    unit: UnitName
    unit_code: UnitCode = ""
    document: DocumentNumber = ""
    amount: Annotated[str, Field(pattern=r"^(\d{1,9}(\.\d{1,2})?)?$", description="月工资额（元），可不填")] = ""
    effective_on: Day


class _MessageIn(_Closed):
    message_id: MessageId
    seq: Annotated[int, Field(ge=0, le=BIGGEST, description="贵方的递增序号；乱序也接收"), BeforeValidator(_whole)]
    sha256: Sha256


class HireDecided(_MessageIn):
    """录用或调入已决定。"""

    kind: Literal["HIRE_DECIDED"]
    payload: HirePayload


class ExitDecided(_MessageIn):
    """离开已决定。"""

    kind: Literal["EXIT_DECIDED"]
    payload: ExitPayload


class SalarySet(_MessageIn):
    """工资已核定。"""

    kind: Literal["SALARY_SET"]
    payload: SalaryPayload


MessageIn = Annotated[HireDecided | ExitDecided | SalarySet, Field(discriminator="kind")]


class MessageOut(Schema):
    """The answer to a message; the same message again gets the same."""

    message_id: str
    kind: str
    seq: int
    state: Literal["accepted", "rejected"] = Field(description="accepted 已接收；rejected 已退回，原因见 reason")
    reason: str
    note: str = Field(description="序号有异时的提醒")
    change: int | None = Field(description="据此产生的变动编号")
    received_at: datetime


class DeliveryIn(_Closed):
    """The fields beside the file."""

    period: Annotated[str, Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$", description="所属月份", examples=["2026-03"])]
    part: Annotated[int, Field(ge=1, le=999, description="第几部分")] = 1
    parts: Annotated[int, Field(ge=1, le=999, description="共几部分")] = 1
    signer: Annotated[str, _text(80, "报送人", least=0)] = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", description="文件的 SHA-256，填写则核对")] = ""


class DeliveryOut(Schema):
    """A delivery as it stands."""

    id: int
    period: str
    part: int
    parts: int
    file_name: str
    size: int
    sha256: str
    sm3: str
    state: str = Field(description="received、reading、held、accepted、rejected、superseded")
    state_label: str
    reason: str
    rows: int | None
    report: dict[str, Any] = Field(description="各列的识别和各类问题的行数")
    received_at: datetime


class ArchiveFileIn(_Closed):
    """The fields beside a file for the archive."""

    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", description="文件的 SHA-256，填写则核对")] = ""


class ArchiveFileOut(Schema):
    """A file on its way into the archive."""

    id: int
    name: str
    size: int
    state: str = Field(description="received、working、done、refused、duplicate、failed")
    state_label: str
    reason: str = Field(description="未接收或失败的原因")
    codes: list[str] = Field(description="归档后的档号")


class DispatchOut(Schema):
    """One thing given back."""

    id: int = Field(description="也是游标：下次从这里之后取")
    kind: str = Field(description="ENLISTED、DELISTED、TRANSFERRED、CHANGED、REVERSED、DIFFERENCES")
    key: str = Field(description="标识：同一标识只办理一次")
    state: str = Field(description="ready、sent、acknowledged、rejected、failed")
    created_at: datetime
    payload: dict[str, Any]
    files: dict[str, str] = Field(description="格式 → SHA-256")
    sha256: str = Field(description="签名文本的 SHA-256")
    signature: str = Field(description="Ed25519 签名，十六进制")
    answer: str
    answered_at: datetime | None


class DispatchPage(Schema):
    """Dispatches after the cursor, oldest first."""

    items: list[DispatchOut]
    next: int = Field(description="下次请求的 after")
    more: bool = Field(description="后面是否还有")


class Accepted(_Closed):
    """接受。"""

    outcome: Literal["accepted"]
    reason: Annotated[str, _text(300, "说明", least=0)] = ""


class Rejected(_Closed):
    """退回，写明原因。"""

    outcome: Literal["rejected"]
    reason: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]


AnswerIn = Annotated[Accepted | Rejected, Field(discriminator="outcome")]


class KeyOut(Schema):
    """The key the caller holds."""

    label: str
    source: str
    source_name: str
    department: str
    scopes: list[str]
    expires_on: date


class PublicKeyOut(Schema):
    """The key that signatures are checked with."""

    key_id: str
    algorithm: str
    pem: str
