"""Numbers of the personnel rules that the office sets for itself."""

from bianzhi.common.parameters import declare

LONGEST_TERM = declare("rotating.longest_years", "周转（人才）编制使用期限最长几年", 5, "R20", least=1, most=50)
