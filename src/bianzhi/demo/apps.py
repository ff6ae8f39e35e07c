"""What the synthetic district contributes to the platform at start."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Declares the one act of loading the district."""

    name = "bianzhi.demo"
    label = "demo"
    verbose_name = "演示数据"

    def ready(self) -> None:
        from bianzhi.audit import catalogue

        catalogue.declare({"demo.loaded": "装入演示区县"})
