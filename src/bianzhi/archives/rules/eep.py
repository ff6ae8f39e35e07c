"""The electronic-record package of an item in the manner of DA/T 48-2009: description, files with digests, history.

The bytes of the files stay beside it in the bag and are named by their digests, so a package of gigabytes stays
readable; signatures are those of the bag's manifests.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

FORMAT: Final = "本封装包按 DA/T 48-2009 的元素组织，采用 XML 1.0；文件数据在包内以摘要引用，编码为 UTF-8"
VERSION: Final = "2009"
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CODE_PARTS: Final = (
    ("全宗号", "fonds"),
    ("年度", "year"),
    ("保管期限", "retention"),
    ("门类代码", "category"),
    ("案卷号", "volume"),
    ("件号", "number"),
)
CONTENT: Final = (
    ("题名", "title"),
    ("文件编号", "doc_no"),
    ("责任者", "responsible"),
    ("日期", "dated_on"),
    ("文种", "language"),
    ("密级", "classification"),
    ("主送", "addressee"),
    ("签发人", "signer"),
    ("主题词", "keywords"),
    ("人名", "persons"),
    ("附件题名", "attachments"),
    ("摘要", "summary"),
)
FILE: Final = (
    ("计算机文件名", "name"),
    ("版本", "version"),
    ("文档序号", "position"),
    ("格式信息", "media_type"),
    ("计算机文件大小", "size"),
    ("SHA-256", "sha256"),
    ("SM3", "sm3"),
    ("起页", "first_page"),
    ("止页", "last_page"),
)


def written(record: Mapping[str, Any], *, made_at: str, made_by: str) -> bytes:
    """The XML of an item's record (as `services.packages.records` gives it)."""
    root = Element("电子文件封装包")
    _put(root, "封装包格式描述", FORMAT)
    _put(root, "版本", VERSION)
    signed = SubElement(root, "被签名对象", {"eep版本": VERSION})
    for name, text in (("封装包类型", "原始型"), ("封装包创建时间", made_at), ("封装包创建单位", made_by)):
        _put(signed, name, text)
    content = SubElement(signed, "封装内容")
    entity = SubElement(SubElement(content, "文件实体块"), "文件实体")
    _describe(entity, record)
    data = SubElement(entity, "文件数据")
    for file in record["files"]:
        _put_all(SubElement(data, "文档"), FILE, file)
    _history(SubElement(content, "业务实体块"), record["history"])
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _describe(entity: Element, record: Mapping[str, Any]) -> None:
    _put(entity, "聚合层次", "文件")
    source = SubElement(entity, "来源")
    _put(source, "全宗名称", record["fonds_name"])
    _put(source, "立档单位名称", record["unit_name"])
    code = SubElement(entity, "档号")
    code.set("档号", record["code"] or "")
    _put_all(code, CODE_PARTS, record)
    _put_all(SubElement(entity, "内容描述"), CONTENT, record)
    form = SubElement(entity, "形式特征")
    _put(form, "页数", record["page_count"])
    _put(form, "来源方式", record["source"])
    _put(entity, "存储位置", record["storage_place"])
    _put(SubElement(entity, "权限管理"), "控制标识", "控制" if record["is_restricted"] else "开放")
    _put(entity, "附注", record["note"])


def _history(block: Element, acts: Sequence[Mapping[str, Any]]) -> None:
    for act in acts:
        entity = SubElement(block, "业务实体")
        for name, key in (("行为时间", "time"), ("机构人员", "actor"), ("业务行为", "act"), ("行为描述", "facts")):
            _put(entity, name, act[key])


def stated(root: Element) -> dict[str, str]:
    """What the XML says of code, content and digests, by name; for comparing with the record beside it."""
    found = {"档号": (code.get("档号") or "") if (code := root.find(".//文件实体/档号")) is not None else ""}
    content = root.find(".//文件实体/内容描述")
    for name, _ in CONTENT:
        found[name] = (content.findtext(name) or "") if content is not None else ""
    found["文档"] = "\n".join(document.findtext("SHA-256") or "" for document in root.iterfind(".//文件数据/文档"))
    return found


def expected(record: Mapping[str, Any]) -> dict[str, str]:
    """The same of a record."""
    found = {"档号": _text(record["code"])}
    found |= {name: _text(record[key]) for name, key in CONTENT}
    found["文档"] = "\n".join(file["sha256"] for file in record["files"])
    return found


def differences(record: Mapping[str, Any], root: Element) -> Iterator[str]:
    """Names of what XML and record tell differently."""
    told = stated(root)
    for name, text in expected(record).items():
        if " ".join(told[name].split()) != " ".join(text.split()):
            yield name


def _put_all(parent: Element, names: Sequence[tuple[str, str]], values: Mapping[str, Any]) -> None:
    for name, key in names:
        _put(parent, name, values.get(key))


def _put(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = _text(value)


def _text(value: object) -> str:
    """A value as XML can hold it: characters XML 1.0 has no place for are left out."""
    return "" if value is None else _FORBIDDEN.sub("", str(value))
