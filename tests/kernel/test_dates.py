import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.dates import (
    DateError,
    Precision,
    from_excel_serial,
    parse_date,
    require_date,
    to_excel_serial,
)

TODAY = date(2026, 11, 23)
DAY, MONTH, YEAR = date(1987, 6, 5), date(1987, 6, 1), date(1987, 1, 1)


def read(value):
    found = parse_date(value, latest=TODAY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "writing",
    [
        "19870605",
        "1987-06-05",
        "1987-6-5",
        "1987/6/5",
        "1987.6.5",
        "1987.06.05",
        "1987年6月5日",
        "1987年06月05日",
        "１９８７年６月５日",
        "1987 年 6 月 5 日",
        "1987.6.5.",
        "1987—06—05",
        "1987年6月5号",
        "一九八七年六月五日",
        "1987-06-05 00:00:00",
        "1987/6/5 8:30",
        "1987-06-05T08:30:00",
        "1987.0605",
        "'19870605",
        "1987-06-05起",
        "自1987年6月5日起",
        "1987年6月5日至今",
        "1987年6月5日出生",
        "19870605.0",
        "19870605—",
        "1987\\6\\5",
        "1987--06--05",
        "31933",
        31933,
        31933.0,
        31933.75,
        19870605,
        19870605.0,
        date(1987, 6, 5),
        datetime(1987, 6, 5, 23, 59, tzinfo=UTC),
    ],
)
def test_every_usual_writing_of_a_day_is_read(writing):
    assert (read(writing).day, read(writing).precision, read(writing).remark) == (DAY, Precision.DAY, "")


@pytest.mark.parametrize(
    "writing",
    [
        "1987.6",
        "1987.06",
        "1987-06",
        "1987/6",
        "1987年6月",
        "1987年06月",
        "198706",
        198706,
        198706.0,
        "1987.06.",
        "1987.06.00",
        "１９８７．０６",
        "一九八七年六月",
        "1987年6月起",
        "1987.06至今",
        1987.06,
        "1987-6-",
    ],
)
def test_a_month_is_its_first_day_and_stays_a_month(writing):
    assert (read(writing).day, read(writing).precision) == (MONTH, Precision.MONTH)
    assert read(writing).last_day == date(1987, 6, 30)


@pytest.mark.parametrize("writing", ["1987", "1987年", 1987, "1987年度"])
def test_a_year_is_its_first_day_and_stays_a_year(writing):
    assert (read(writing).day, read(writing).precision, read(writing).last_day) == (
        YEAR,
        Precision.YEAR,
        date(1987, 12, 31),
    )


def test_a_lone_decimal_one_may_be_october_and_says_so():
    assert read(2024.1).day == date(2024, 1, 1)
    assert "10 月" in read(2024.1).remark
    assert read("2024.1").remark == ""
    assert read("2024.10").day == date(2024, 10, 1)


@pytest.mark.parametrize(
    ("writing", "day"),
    [
        ("87.06", MONTH),
        ("87年6月", MONTH),
        ("87.6.5", DAY),
        ("870605", DAY),
        ("05.12", date(2005, 12, 1)),
        ("26.01", date(2026, 1, 1)),
        ("27.01", date(1927, 1, 1)),
    ],
)
def test_a_two_digit_year_takes_its_century_from_the_latest_day_and_says_so(writing, day):
    assert read(writing).day == day
    assert f"{day.year} 年" in read(writing).remark


def test_without_a_latest_day_the_border_of_the_centuries_is_thirty():
    years = []
    for writing in ("30.01", "31.01"):
        found = parse_date(writing)
        assert found is not None
        years.append(found.day.year)
    assert years == [2030, 1931]


@pytest.mark.parametrize("blank", [None, "", " ", "　", "-", "—", "无", "/", "不详"])
def test_a_blank_is_no_date_and_no_error(blank):
    assert parse_date(blank) is None
    with pytest.raises(DateError, match="未填写"):
        require_date(blank)


@pytest.mark.parametrize(
    ("writing", "reason"),
    [
        ("19871305", "月份是 13"),
        ("1987年6月31日", "只有 30 天"),
        ("2023.02.29", "只有 28 天"),
        ("6月5日", "缺少年份"),
        ("5/6/1987", "年份写在最后"),
        ("2015.03-2018.05", "起止时间"),
        ("2015年3月至2018年5月", "起止时间"),
        ("至今", "尚未结束"),
        ("abc", "不是能识别的日期"),
        ("1987060", "位数不对"),
        ("3019.01", "年份 3019"),
        (200, "位数不对"),
        ("2027-01-01", "晚于 2026-11-23"),
        (date(2030, 1, 1), "晚于"),
        (True, "不是日期"),
        ([1987], "不是日期"),
        (5, "位数不对"),
    ],
)
def test_what_is_no_date_is_refused_with_its_own_reason(writing, reason):
    with pytest.raises(DateError, match=reason):
        parse_date(writing, latest=TODAY)


@given(st.dates(date(1927, 6, 1), date(2100, 12, 31)))
def test_every_day_survives_every_full_writing_and_the_excel_serial(day):
    for writing in (
        f"{day:%Y%m%d}",
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
    ):
        assert require_date(writing).day == day
    assert require_date(to_excel_serial(day)).day == from_excel_serial(to_excel_serial(day)) == day
    assert require_date(str(require_date(day))) == require_date(day)


@given(st.dates(date(1920, 1, 1), date(2100, 12, 31)))
def test_the_last_day_of_a_month_is_followed_by_a_first(day):
    assert (require_date(f"{day:%Y-%m}").last_day + timedelta(days=1)).day == 1


@given(st.text(max_size=12) | st.floats() | st.integers())
def test_nothing_makes_the_reader_stumble(value):
    with suppress(DateError):
        parse_date(value, latest=TODAY)


def test_serials_outside_the_sensible_range_are_refused():
    with pytest.raises(DateError, match="合理范围"):
        from_excel_serial(100)


@pytest.mark.parametrize("piece", ["一", "起", "-", "1987-06-05起止", " ", "。"])
def test_a_text_no_date_is_as_long_as_is_refused_at_once(piece):
    begun = time.monotonic()
    with pytest.raises(DateError, match="个字，不是日期"):
        parse_date(f"1987{piece * 200_000}5")
    assert time.monotonic() - begun < 1
