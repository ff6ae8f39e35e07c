"""What a department's system can do by the interface: deliver, tell decisions, fetch what is given back, answer."""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from ninja import Body, File, Form, Query, Router, UploadedFile
from ninja.responses import Status

from bianzhi.exchange import files, signing
from bianzhi.exchange.api.access import ApiRequest, Key
from bianzhi.exchange.api.problems import Problem, Refusal
from bianzhi.exchange.api.schemas import (
    BIGGEST,
    AnswerIn,
    DeliveryIn,
    DeliveryOut,
    DispatchOut,
    DispatchPage,
    KeyOut,
    MessageIn,
    MessageOut,
    PublicKeyOut,
)
from bianzhi.exchange.models import Delivery, Dispatch, Message
from bianzhi.exchange.rules.dispatching import DIFFERENCES
from bianzhi.exchange.rules.scopes import ACKNOWLEDGE, DELIVER, MESSAGES, PULL
from bianzhi.exchange.services.deliveries import deliver
from bianzhi.exchange.services.dispatches import answer_dispatch, hand_out, manifest_of
from bianzhi.exchange.services.messages import Incoming, remark_of, take_message
from bianzhi.exchange.services.packages import MEDIA_TYPES, package_of
from bianzhi.intake import gate
from bianzhi.kernel import clock

router = Router()


def asks(
    scope: str, *, takes_files: bool = False, gives: Collection[str] = (), knows: Collection[str] = ()
) -> dict[str, Any]:
    """What an operation asks of its caller, in the check and in the description; `gives` are the types of a file."""
    extra: dict[str, Any] = {"x-scope": scope}
    if gives:
        extra["responses"] = {200: {"content": {kind: {"schema": _schema_of(kind)} for kind in gives}}}
    return {"auth": Key(scope, takes_files=takes_files, knows=knows), "openapi_extra": extra}


REFUSED: Final = frozenset({400, 401, 403, 404, 411, 413, 422, 429})
CONFLICT: Final = REFUSED | {409}
JSON: Final = MEDIA_TYPES["json"]
ZIP: Final = "application/zip"
PAGE: Final = 100
CURSOR: Final = ("after", "limit")
LONGEST_PAGE: Final = 500

After = Annotated[int, Query(ge=0, le=BIGGEST, description="游标：上次返回的 next；首次为 0")]
FileName = Literal["xlsx", "csv", "json", "package"]
Many = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="最多几条")]


def _schema_of(kind: str) -> dict[str, str]:
    return {"type": "object"} if kind == JSON else {"type": "string", "format": "binary"}


@router.get("/key", auth=Key(), response={200: KeyOut, REFUSED: Problem}, tags=["密钥"], summary="查看所用密钥")
def own_key(request: ApiRequest) -> dict[str, Any]:
    """说明所用密钥属于哪个来源、有哪些范围、何时到期；用来检查接入是否正确。"""
    token = request.auth.token
    source = token.source
    return {
        "label": token.label,
        "source": source.code,
        "source_name": source.name,
        "department": source.department,
        "scopes": token.scopes,
        "expires_on": token.expires_on,
    }


@router.get("/public-key", response={200: PublicKeyOut}, tags=["密钥"], summary="取得验签公钥")
def public_key(request: HttpRequest) -> dict[str, str]:
    """验证回送签名的公钥，不需要密钥即可取得。首次取得后请保存，并用电话等其他途径核对 key_id。"""
    return {"key_id": signing.key_id(), "algorithm": "Ed25519", "pem": signing.public_pem()}


@router.post(
    "/deliveries",
    **asks(DELIVER, takes_files=True),
    response={201: DeliveryOut, 200: DeliveryOut, CONFLICT: Problem},
    tags=["报送"],
    summary="报送名册",
)
def send_delivery(request: ApiRequest, form: Form[DeliveryIn], file: File[UploadedFile]) -> Status[Any]:
    """上传一个名册文件（xlsx、xls、csv、parquet）。同一来源、同一月份、同一部分的相同内容再次报送，返回原来的报送（200）。"""
    compare(form.sha256, file)
    data = content_of(file)
    gate.look_at(data, file.name or "", gate.Wanted.TABLES, actor=request.auth)
    delivery = deliver(
        actor=request.auth,
        source_id=request.auth.source_id,
        period=form.period,
        file_name=file.name or "",
        data=data,
        part=form.part,
        parts=form.parts,
        signer=form.signer,
    )
    return Status(200 if delivery.is_repeated else 201, _delivery(delivery))


@router.get(
    "/deliveries/{int:delivery_id}",
    **asks(DELIVER),
    response={200: DeliveryOut, REFUSED: Problem},
    tags=["报送"],
    summary="查看报送",
)
def see_delivery(request: ApiRequest, delivery_id: int) -> dict[str, Any]:
    """报送读取到了哪一步、识别了哪些列、有多少问题行。"""
    delivery = Delivery.objects.filter(source=request.auth.source_id, pk=delivery_id).first()
    if delivery is None:
        raise Http404
    return _delivery(delivery)


@router.post(
    "/messages",
    **asks(MESSAGES),
    response={201: MessageOut, 200: MessageOut, CONFLICT: Problem},
    tags=["消息"],
    summary="发送业务消息",
)
def send_message(request: ApiRequest, body: Body[MessageIn]) -> Status[Any]:
    """告知录用、离开、核定工资的决定。同一编号、同一内容再发，返回第一次的答复（200）；同一编号、不同内容为 409。"""
    incoming = Incoming(
        kind=body.kind,
        message_id=body.message_id,
        seq=body.seq,
        payload=body.payload.model_dump(exclude_unset=True),
        sha256=body.sha256,
    )
    taken = take_message(actor=request.auth, today=clock.today(), source_id=request.auth.source_id, incoming=incoming)
    return Status(200 if taken.is_repeated else 201, _message(taken.message))


@router.get(
    "/dispatches",
    **asks(PULL, knows=CURSOR),
    response={200: DispatchPage, REFUSED: Problem},
    tags=["回送"],
    summary="取回送",
)
def fetch_dispatches(request: ApiRequest, after: After = 0, limit: Many = PAGE) -> dict[str, Any]:
    """游标之后的回送，由旧到新，至少送达一次：处理完一页、记下 next 以后，再取下一页。取到即记为已送达。"""
    return _page(request, _own(request), after, limit)


@router.get(
    "/dispatches/{int:dispatch_id}",
    **asks(PULL),
    response={200: DispatchOut, REFUSED: Problem},
    tags=["回送"],
    summary="查看一份回送",
)
def see_dispatch(request: ApiRequest, dispatch_id: int) -> Dispatch:
    """一份回送和它的回执情况。"""
    return _one(request, _own(request), dispatch_id)


@router.get(
    "/dispatches/{int:dispatch_id}/manifest",
    **asks(PULL, gives=[JSON]),
    response={200: None, REFUSED: Problem},
    tags=["回送"],
    summary="取签名文本",
)
def fetch_manifest(request: ApiRequest, dispatch_id: int) -> HttpResponse:
    """签名覆盖的原文（规范 JSON），逐字节保存后可离线验签；签名在响应头 X-Signature-Ed25519。"""
    dispatch = _one(request, _own(request), dispatch_id, what="manifest")
    headers = {"X-Signature-Ed25519": dispatch.signature, "X-Key-Id": signing.key_id()}
    return HttpResponse(manifest_of(dispatch), content_type=JSON, headers=headers)


@router.post(
    "/dispatches/{int:dispatch_id}/acknowledge",
    **asks(ACKNOWLEDGE),
    response={200: DispatchOut, CONFLICT: Problem},
    tags=["回送"],
    summary="提交回执",
)
def acknowledge(request: ApiRequest, dispatch_id: int, body: Body[AnswerIn]) -> Dispatch:
    """接受或退回一份回送；相同回执再次提交没有影响。退回须写明原因；退回后经更正可以再接受，接受后不能退回。"""
    if not _own(request).filter(pk=dispatch_id).exists():
        raise Http404
    return answer_dispatch(actor=request.auth, dispatch_id=dispatch_id, outcome=body.outcome, reason=body.reason)


@router.get(
    "/difference-lists",
    **asks(PULL, knows=CURSOR),
    response={200: DispatchPage, REFUSED: Problem},
    tags=["差异清单"],
    summary="差异清单目录",
)
def list_differences(request: ApiRequest, after: After = 0, limit: Many = PAGE) -> dict[str, Any]:
    """游标之后的差异清单，由旧到新。"""
    return _page(request, _own(request).filter(kind=DIFFERENCES), after, limit)


@router.get(
    "/difference-lists/{int:list_id}",
    **asks(PULL),
    response={200: DispatchOut, REFUSED: Problem},
    tags=["差异清单"],
    summary="查看差异清单",
)
def see_differences(request: ApiRequest, list_id: int) -> Dispatch:
    """一份差异清单的月份、行数和文件摘要。"""
    return _one(request, _own(request).filter(kind=DIFFERENCES), list_id)


@router.get(
    "/difference-lists/{int:list_id}/files/{name}",
    **asks(PULL, gives=[*MEDIA_TYPES.values(), ZIP]),
    response={200: None, REFUSED: Problem},
    tags=["差异清单"],
    summary="下载差异清单文件",
)
def fetch_file(request: ApiRequest, list_id: int, name: FileName) -> FileResponse | HttpResponse:
    """三种文件内容相同；package 是含三种文件、签名文本、签名和公钥的 zip。"""
    dispatch = _one(request, _own(request).filter(kind=DIFFERENCES), list_id, what=name)
    if name == "package":
        return HttpResponse(package_of(dispatch), content_type=ZIP)
    return FileResponse(files.open_file(dispatch.files[name]), content_type=MEDIA_TYPES[name])


def _own(request: ApiRequest) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(source=request.auth.source_id)


def _page(request: ApiRequest, rows: QuerySet[Dispatch], after: int, limit: int) -> dict[str, Any]:
    """What is about to be sent counts as arrived; the list says so already."""
    found = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[: limit + 1])
    keys, more = found[:limit], len(found) > limit
    items = hand_out(actor=request.auth, dispatch_ids=keys, what="list", now=clock.now())
    return {"items": items, "next": keys[-1] if keys else after, "more": more}


def _one(request: ApiRequest, rows: QuerySet[Dispatch], pk: int, *, what: str = "dispatch") -> Dispatch:
    keys = list(rows.filter(pk=pk).values_list("pk", flat=True))
    given = hand_out(actor=request.auth, dispatch_ids=keys, what=what, now=clock.now())
    if not given:
        raise Http404
    return given[0]


def compare(told: str, file: "DjangoFile[Any]") -> None:
    """Refuse (409) a file that is not the one whose digest was told; without a digest there is nothing to compare."""
    if not told:
        return
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    if digest.hexdigest() != told:
        message = f"文件摘要不符：填写的是 {told[:12]}…，收到的文件是 {digest.hexdigest()[:12]}…"
        raise Refusal(409, "digest_mismatch", message, "文件可能在传输中损坏，请重新发送")


def content_of(file: "DjangoFile[Any]") -> Path | bytes:
    """The file where it lies, or its bytes when it is small enough to be held in memory."""
    place = getattr(file, "temporary_file_path", None)
    return Path(place()) if place is not None else file.read()


def _delivery(delivery: Delivery) -> dict[str, Any]:
    names = ("id", "period", "part", "parts", "file_name", "size", "sha256", "sm3", "state", "reason", "rows", "report")
    told = {name: getattr(delivery, name) for name in names}
    return {**told, "state_label": delivery.get_state_display(), "received_at": delivery.received_at}


def _message(message: Message) -> dict[str, Any]:
    names = ("message_id", "kind", "seq", "state", "reason", "received_at")
    told = {name: getattr(message, name) for name in names}
    return {**told, "change": message.change_id, "note": remark_of(message)}
