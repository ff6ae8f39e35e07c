"""The colour of a word of state, decided once: the same word has the same colour on every page."""

from enum import StrEnum


class Tone(StrEnum):
    """What a colour means. Red is only for 超编, overdue and destruction (ui.md §4)."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


_tones: dict[str, Tone] = {
    word: tone
    for tone, words in {
        Tone.GOOD: "存续 正常 已办结 已完成 已签发 已生效 有效 启用 通过 完成 已使用 成功 已核对 已公布",
        Tone.INFO: "办理中 进行中 待办理 待审核 审核中 草稿 已提交 可用 已预留 新增 入编 提醒 信息 正处级 副处级",
        Tone.WARN: "预警 临期 即将退休 即将到期 待处理 周转 满编 借调 挂职 停用 退回 暂停 筹建 待生效 高配 推定",
        Tone.BAD: "超编 逾期 已逾期 超职数 失败 错误 已拒绝 不予办理 已过期 断链",
        Tone.NEUTRAL: "在编 已撤销 已注销 已合并 已出编 已退休 空编 已作废 已取消 等待中 历史 已更正 冲正 已失效",
    }.items()
    for word in words.split()
}


def register_tones(tones: dict[str, Tone]) -> None:
    """Give words of an app their tone; raises ValueError when a word already has another one."""
    for word, tone in tones.items():
        if _tones.setdefault(word, tone) is not tone:
            raise ValueError(f"“{word}” is already {_tones[word].value}, not {tone.value}")


def tone_of(word: str) -> Tone:
    """The tone of a word; neutral when nobody gave it one."""
    return _tones.get(word.strip(), Tone.NEUTRAL)
