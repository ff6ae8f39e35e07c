"""What the database promises of the office's rows: nothing is removed, what was published is not rewritten."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, frozen_columns, undeletable

REWRITTEN = "已发布的通知不能改写；请撤回后另行发布（R26）"
CONTENT = ("title", "body", "audience", "audience_keys", "includes_subtree", "must_confirm", "published_at")
SQLITE_CHANGED = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in CONTENT)
POSTGRES_CHANGED = " OR ".join(
    f'NEW."{column}"::text IS DISTINCT FROM OLD."{column}"::text' for column in CONTENT
)

published_stays = Trigger(
    name="office_notice_published_stays",
    table="office_notice",
    when="BEFORE UPDATE",
    sqlite_when=f"OLD.state <> 'draft' AND ({SQLITE_CHANGED} OR NEW.state IN ('draft', 'discarded'))",
    sqlite_body=f"SELECT RAISE(ABORT, '{REWRITTEN}');",
    postgres_body=f"""
        BEGIN
          IF OLD.state <> 'draft' AND ({POSTGRES_CHANGED} OR NEW.state IN ('draft', 'discarded')) THEN
            RAISE EXCEPTION '{REWRITTEN}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END;
    """,
)

TRIGGERS = [
    *undeletable("office_notice", "通知公告"),
    published_stays,
    *undeletable("office_calendarevent", "日程"),
    frozen_columns("office_calendarevent", "日程", ["organizer_id", "created_at"]),
    *undeletable("office_eventparticipant", "日程参加人"),
    *undeletable("office_contactpreference", "消息接收设置"),
    *undeletable("office_calendarfeed", "日历订阅"),
    frozen_columns("office_calendarfeed", "日历订阅", ["user_id", "token_digest", "created_at"]),
]


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial")]

    operations = [InstallTriggers(TRIGGERS)]
