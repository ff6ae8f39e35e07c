"""What matters put into the frame of the platform: menu, search, lookups, tabs."""

from bianzhi.archives.selectors import subjects
from bianzhi.common.web import lookups, navigation, search, tabs, tones
from bianzhi.disclosure import revealables
from bianzhi.documents.web.direct import lead_daily_business_to
from bianzhi.matters.models import SUBJECT_KIND
from bianzhi.matters.web import case_list, document_scans, finding, publications, units
from bianzhi.matters.web.forms.fields import DISTRICT_NODE, DISTRICT_UNIT
from bianzhi.organizations.web.finding import label


def register() -> None:
    """Put everything in its place; called once at start."""
    group = navigation.Group.BUSINESS
    for entry in (
        navigation.Entry(group, "办事大厅", "clipboard-list", "matters:hall", "matters.apply", order=10),
        navigation.Entry(group, "办件", "files", "matters:cases", "matters.view", order=20),
        navigation.Entry(group, "事项设置", "settings", "matters:settings", "matters.configure", order=80),
        navigation.Entry(
            group,
            "公示",
            "speakerphone",
            "matters:publications",
            "publications.view",
            order=30,
            badge=publications.waiting_count,
        ),
    ):
        navigation.register(entry)
    lead_daily_business_to("matters:hall")
    tones.register_tones(
        {
            "公示中": tones.Tone.INFO,
            "有异议，暂停计时": tones.Tone.WARN,
            "公示期满": tones.Tone.GOOD,
            "已撤下": tones.Tone.NEUTRAL,
        }
    )
    revealables.register(
        revealables.Revealable(
            kind="objection-contact",
            label="异议人联系方式",
            model="matters.publicationobjection",
            field="contact",
            find=publications.objection_for,
            back=lambda row: publications.publication_url(row.publication),
        )
    )
    subjects.register(subjects.Kind(SUBJECT_KIND, "办件", finding.proved))
    search.register_provider(search.Provider("办件", finding.find, "files", "matters.view", order=30))
    lookups.register(lookups.Lookup(DISTRICT_UNIT, search=units.options, chosen=units.chosen, label=label))
    lookups.register(lookups.Lookup(DISTRICT_NODE, search=units.node_options, chosen=units.chosen_node, label=label))
    tabs.register_panel(
        tabs.Panel("document", "scans", document_scans.document_panel, order=10, permission="matters.view")
    )
    tabs.register_tab(
        tabs.Tab(
            "organization",
            "cases",
            "办件",
            case_list.unit_tab,
            order=60,
            permission="matters.view",
            count=case_list.unit_count,
        )
    )
