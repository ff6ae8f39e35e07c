"""What approval documents contribute to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "bianzhi.documents"
    label = "documents"
    verbose_name = "批准文件"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common.web import lookups, navigation, search
        from bianzhi.documents.search_source import SOURCE
        from bianzhi.documents.web import finding
        from bianzhi.search import sources

        catalogue.declare(
            {
                "documents.registered": "登记批准文件",
                "documents.corrected": "更正批准文件",
                "documents.direct_entry": "不经办件直接登记",
            }
        )
        navigation.register(
            navigation.Entry(
                navigation.Group.BUSINESS,
                "批准文件",
                "file-text",
                "documents:list",
                permission="documents.view",
                order=40,
            )
        )
        search.register_provider(
            search.Provider("批准文件", finding.find, icon="file-text", permission="documents.view", order=40)
        )
        lookups.register(lookups.Lookup("document", search=finding.options, chosen=finding.chosen))
        sources.register(SOURCE)
