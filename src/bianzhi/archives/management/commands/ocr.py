"""`./bianzhi ocr FILE`: what stands on the pages of a file, in reading order, with places; no database, no server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from bianzhi.recognition.document import PageText
from bianzhi.recognition.engines import EngineUnavailable, OcrEngine, engine
from bianzhi.recognition.identify import Format, Unacceptable
from bianzhi.recognition.preparing import upright
from bianzhi.recognition.reading import read_pages
from bianzhi.recognition.rendering import has_page_images, render_page
from bianzhi.recognition.searchable_pdf import write
from bianzhi.recognition.workshop import WorkFailed, Workshop


class Command(BaseCommand):
    help = "识读文件：按阅读顺序输出文字及其位置 / read a file: its text in reading order with boxes"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="PDF、TIFF、JPEG、PNG、DOCX、XLSX、XLS、OFD、TXT")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 / print one JSON object")
        parser.add_argument("--engine", help="识别引擎：rapid（默认）或 tesseract / OCR engine")
        parser.add_argument("--dpi", type=int, default=200, help="识读分辨率，默认 200 / resolution of reading")
        parser.add_argument("--pages", help="页次，如 1-3,5 / pages, e.g. 1-3,5")
        parser.add_argument("--pdf", type=Path, help="另存为可检索的 PDF / also write a searchable PDF here")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        found = self._identified(path)
        if options["pdf"] and not has_page_images(found):
            raise CommandError(f"{path.name} 没有页面图像，不能另存为 PDF。请去掉 --pdf。")
        numbers = _numbers(options["pages"])
        read = read_pages(path, found, engine=self._engine(options["engine"]), dpi=options["dpi"], numbers=numbers)
        pages = self._shown(read, as_json=options["json"])
        if options["json"]:
            answer = {"file": path.name, "format": found.code, "pages": [page.as_data() for page in pages]}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if options["pdf"]:
            write(((_image(path, found, page), page) for page in pages), options["pdf"])

    def _identified(self, path: Path) -> Format:
        if not path.is_file():
            raise CommandError(f"文件 {path} 不存在。请核对路径。")
        try:
            with Workshop() as workshop:
                return workshop.identify(path, path.name)
        except (Unacceptable, WorkFailed) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _engine(self, name: str | None) -> OcrEngine | None:
        try:
            return engine(name) if name else None
        except EngineUnavailable as missing:
            raise CommandError(str(missing)) from missing

    def _shown(self, read: Iterator[PageText], *, as_json: bool) -> list[PageText]:
        """All pages; as plain text they are shown one by one as they are read."""
        pages = []
        for page in read:
            pages.append(page)
            if not as_json:
                self.stdout.write(f"—— 第 {page.number} 页 ——\n{page.text}")
        return pages


def _image(path: Path, found: Format, page: PageText) -> Image.Image:
    return upright(render_page(path, found, page.number, page.dpi), page.rotation, page.skew)


def _numbers(text: str | None) -> set[int] | None:
    if text is None:
        return None
    try:
        ends = [[int(end) for end in part.split("-", 1)] for part in text.split(",")]
    except ValueError as error:
        raise CommandError(f"页次 {text!r} 看不懂。请写成 1-3,5 的样子。") from error
    return {number for each in ends for number in range(each[0], each[-1] + 1)}
