"""What a name alone says of a unit, and where it says nothing."""

import pytest

from bianzhi.imports.rules.unit_types import area_of, guessed_type, plain_name, without_area


@pytest.mark.parametrize(
    ("name", "org_type"),
    [
        ("甲县人民法院", "50"),
        ("甲市乙区人民检察院", "51"),
        ("甲县公安局", "31"),
        ("某省甲监狱", "31"),
        ("甲县城关镇人民政府", "70"),
        ("甲县民族乡人民政府", "70"),
        ("甲区人民路街道办事处", "71"),
        ("甲县发展和改革委员会", "31"),
        ("甲县统计局", "31"),
        ("中共甲县纪律检查委员会甲县监察委员会", "10"),
        ("中共甲县县委组织部", "10"),
        ("甲县人民代表大会常务委员会", "20"),
        ("甲县工商业联合会", "60"),
        ("甲县总工会", "65"),
        ("甲经济技术开发区管理委员会", "75"),
        ("甲县第一中学", "80"),
        ("甲县人民医院", "80"),
        ("甲县统计普查中心（参公）", "80"),
        ("甲县综合行政执法大队", "90"),
        ("某某公司", "90"),
        ("镇海区财政局", "31"),
    ],
)
def test_type_by_name(name, org_type):
    assert guessed_type(name).org_type == org_type


def test_a_remark_on_management_is_not_part_of_the_name():
    assert guessed_type("甲县普查中心（参照公务员法管理单位）").institution_class == "81"
    assert plain_name("甲县普查中心（参公）") == "甲县普查中心"
    assert plain_name("甲县监委（含派驻机构）") == "甲县监委（含派驻机构）"


@pytest.mark.parametrize(
    ("name", "area", "short"),
    [
        ("云江区财政局", "云江区", "区财政局"),
        ("中共云江区委组织部", "云江区", "区委组织部"),
        ("社旗县财政局", "社旗县", "县财政局"),
        ("辉县市教育局", "辉县市", "市教育局"),
        ("第一小学", "", ""),
    ],
)
def test_area_and_the_name_within_it(name, area, short):
    assert area_of(name) == area
    assert without_area(name) == short
