"""The catalogue: 全宗, 门类, 卷 and 件, their pages, and what they are proof of."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.archives.models.originals import Original
from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedField
from bianzhi.organizations.models import Organization


class Retention(models.TextChoices):
    """保管期限, with the codes 档号 are built of (DA/T 13-2022)."""

    PERMANENT = "Y", "永久"
    THIRTY = "D30", "30年"
    TEN = "D10", "10年"


class ItemState(models.TextChoices):
    """Where an item stands between its scan and its end."""

    DRAFT = "draft", "待著录"
    FILED = "filed", "已归档"
    DISPOSED = "disposed", "已销毁"
    TRANSFERRED = "transferred", "已移交"


class ItemSource(models.TextChoices):
    """How the item came into being."""

    SCANNED = "scanned", "数字化"
    BORN_DIGITAL = "born_digital", "电子文件"
    INDEX_ONLY = "index_only", "仅目录"


class Fonds(SealedModel):
    """全宗: the archive of one body that forms records; its number begins every 档号."""

    number = models.CharField("全宗号", max_length=20, unique=True)
    name = models.CharField("全宗名称", max_length=120)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="立档单位"
    )
    pattern = models.CharField(
        "档号格式",
        max_length=200,
        default="{fonds}-{category}·{year}-{retention}-{unit}-{item:04}",
        help_text="可用 fonds、category、year、retention、unit、item（全宗号、门类、年度、期限、机构、件号）",
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "全宗"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Category(SealedModel):
    """门类 (WS 文书 …) and the retention proposed for what belongs to it."""

    code = models.CharField("门类代码", max_length=8, unique=True)
    name = models.CharField("门类", max_length=40)
    retention = models.CharField("默认保管期限", max_length=4, choices=Retention.choices, default=Retention.PERMANENT)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "档案门类"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Volume(SealedModel):
    """卷: items bound together (案卷), for archives older than the 件."""

    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="volumes", verbose_name="全宗")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", verbose_name="门类")
    year = models.PositiveSmallIntegerField("年度")
    retention = models.CharField("保管期限", max_length=4, choices=Retention.choices)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所属单位"
    )
    number = models.PositiveIntegerField("案卷号")
    code = models.CharField("案卷档号", max_length=120, unique=True)
    title = models.CharField("案卷题名", max_length=300)
    remark = models.TextField("备考", blank=True, help_text="本卷情况说明，印在备考表上")
    recorded_at = models.DateTimeField("立卷时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "案卷"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ItemQuerySet(models.QuerySet["Item"]):
    """Reads of items."""

    def visible_to(self, user: Any) -> Self:
        """What a user may know of at all.

        Everything for who keeps the archive; what is filed for the office; for others what is filed, not restricted and
        of units within their own part of the tree, and what is lent to them. Liaison officers of other departments read
        only what is lent to them.
        """
        if user.can("archives.manage"):
            return self.all()
        filed = self.filter(state=ItemState.FILED)
        if user.can("archives.read"):
            return filed
        lent = Q(pk__in=_lent(user))
        if user.sees_everything():
            return filed.filter(lent)
        units = Organization.objects.visible_to(user)
        return filed.filter(lent | Q(organization__in=units.values("pk"), is_restricted=False))


def _lent(user: Any) -> Any:
    from bianzhi.archives.models.use import Loan  # noqa: PLC0415 - loans know their items

    return Loan.objects.open_for(user).values("items")


class Item(SealedModel):
    """件: one record with what DA/T 46 asks of its description. Its 档号 is given once, at filing, and never again."""

    unsealed_fields = ("page_count", "searchable")

    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="items", verbose_name="全宗")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="items", verbose_name="门类"
    )
    volume = models.ForeignKey(
        Volume, on_delete=models.PROTECT, null=True, blank=True, related_name="items", verbose_name="案卷"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所属单位"
    )
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    retention = models.CharField("保管期限", max_length=4, choices=Retention.choices, blank=True)
    number = models.PositiveIntegerField("件号", null=True, blank=True)
    code = models.CharField("档号", max_length=120, unique=True, null=True, blank=True)
    title = models.CharField("题名", max_length=300, blank=True)
    doc_no = models.CharField("文件编号", max_length=120, blank=True, db_index=True)
    responsible = models.CharField("责任者", max_length=200, blank=True)
    addressee = models.CharField("主送", max_length=300, blank=True)
    signer = models.CharField("签发人", max_length=80, blank=True)
    dated_on = models.DateField("成文日期", null=True, blank=True)
    language = models.CharField("文种", max_length=20, blank=True, help_text="批复、通知、请示、函、纪要等")
    classification = models.CharField("密级", max_length=10, blank=True, help_text="秘密以上不得入库，只留目录（R27）")
    keywords = models.CharField("主题词", max_length=300, blank=True)
    persons = models.CharField("人名", max_length=500, blank=True)
    attachments = models.CharField("附件", max_length=500, blank=True)
    summary = models.TextField("摘要", blank=True)
    note = models.CharField("附注", max_length=500, blank=True)
    storage_place = models.CharField("存放位置", max_length=200, blank=True, help_text="库房、柜、层、盒")
    source = models.CharField("来源", max_length=16, choices=ItemSource.choices, default=ItemSource.SCANNED)
    is_restricted = models.BooleanField("控制利用", default=False, help_text="只有档案员和编办能看")
    is_exhibited = models.BooleanField("可对外展示", default=False)
    state = models.CharField("状态", max_length=12, choices=ItemState.choices, default=ItemState.DRAFT, db_index=True)
    page_count = models.PositiveIntegerField("页数", default=0)
    searchable = models.CharField("可检索 PDF", max_length=64, blank=True, help_text="衍生件的 SHA-256，可重建")
    created_at = models.DateTimeField("收到时间", default=timezone.now, editable=False)
    filed_at = models.DateTimeField("归档时间", null=True, blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ItemQuerySet] = ItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "档案"
        ordering = ["code", "pk"]
        indexes = [
            models.Index(fields=["organization", "year"], name="archives_item_dossier"),
            models.Index(fields=["state", "-created_at"], name="archives_item_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.code or '（未编档号）'} {self.title}".strip()

    @property
    def is_disposed(self) -> bool:
        """Whether its contents were destroyed, so that only the line of the catalogue is left."""
        return self.state == ItemState.DISPOSED


class ItemFile(SealedModel):
    """An original of an item: the scan, the word-processor file, the OFD; a better scan is a new version."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="files")
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField("版本", default=1)
    position = models.PositiveSmallIntegerField("次序", default=1)
    name = models.CharField("原文件名", max_length=200)
    first_page = models.PositiveIntegerField("起页", default=1, help_text="取自原件的哪一页起")
    last_page = models.PositiveIntegerField("止页", null=True, blank=True)
    added_at = models.DateTimeField("加入时间", default=timezone.now, editable=False)
    reason = models.CharField("更换原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "档案文件"
        ordering = ["item", "version", "position"]
        constraints = [models.UniqueConstraint(fields=["item", "version", "position"], name="archives_itemfile_place")]

    def __str__(self) -> str:
        return f"{self.name} 第 {self.version} 版"


class TextOrigin(models.TextChoices):
    """Where the text of a page comes from."""

    NONE = "none", "尚未识别"
    LAYER = "layer", "文本层"
    OCR = "ocr", "文字识别"


class Page(models.Model):
    """One page of an item's newest version, with its text; boxes and images are derivatives that can be rebuilt."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveIntegerField("页次")
    file = models.ForeignKey(ItemFile, on_delete=models.PROTECT, related_name="pages")
    source_page = models.PositiveIntegerField("原件页次")
    width = models.PositiveIntegerField("宽（像素）", default=0)
    height = models.PositiveIntegerField("高（像素）", default=0)
    dpi = models.PositiveIntegerField("分辨率", default=0)
    rotation = models.SmallIntegerField("旋转", default=0)
    skew = models.FloatField("偏斜（度）", default=0.0)
    is_blank = models.BooleanField("空白页", default=False)
    text_origin = models.CharField("文本来源", max_length=8, choices=TextOrigin.choices, default=TextOrigin.NONE)
    text = EncryptedField("文本", blank=True)
    confidence = models.FloatField("识别置信度", null=True, blank=True)

    class Meta:
        verbose_name = "页"
        ordering = ["item", "number"]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="archives_page_number")]

    def __str__(self) -> str:
        return f"{self.item} 第 {self.number} 页"


class Relation(SealedModel):
    """What an item, or one page of it, is proof of: an organisation, document, ledger entry … by (kind, id)."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="relations")
    page = models.PositiveIntegerField("页次", null=True, blank=True)
    subject_kind = models.CharField("对象种类", max_length=60, help_text="如 ledger.ledgerentry")
    subject_id = models.CharField("对象编号", max_length=40)
    subject_label = models.CharField("对象", max_length=200, blank=True)
    box = models.JSONField("位置", null=True, blank=True, help_text="页面上的位置：左、上、宽、高，占页面的比例")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField("关联时间", default=timezone.now, editable=False)
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = "档案关联"
        ordering = ["pk"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="archives_relation_subject")]

    def __str__(self) -> str:
        return f"{self.item} → {self.subject_label}"
