"""The matters themselves, one module each; importing this package puts them all into the catalogue."""

from bianzhi.matters.definitions.p01 import P01
from bianzhi.matters.definitions.p02 import P02
from bianzhi.matters.definitions.p03 import P03
from bianzhi.matters.definitions.p04 import P04
from bianzhi.matters.definitions.p05 import P05
from bianzhi.matters.definitions.p06 import P06
from bianzhi.matters.definitions.p07_abolish import P07_4
from bianzhi.matters.definitions.p07_change import P07_6
from bianzhi.matters.definitions.p07_establish import P07_1
from bianzhi.matters.definitions.p07_hand_over import P07_5
from bianzhi.matters.definitions.p07_merge import P07_3
from bianzhi.matters.definitions.p07_rename import P07_2
from bianzhi.matters.definitions.p07_split import P07_7
from bianzhi.matters.definitions.p08 import P08_1, P08_2, P08_3, P08_4, P08_5
from bianzhi.matters.definitions.p09 import P09
from bianzhi.matters.definitions.p10 import P10
from bianzhi.matters.definitions.p11 import P11
from bianzhi.matters.definitions.p12 import P12
from bianzhi.matters.definitions.p13 import P13
from bianzhi.matters.definitions.p19 import P19
from bianzhi.matters.definitions.p21 import P21

ALL = (
    *(P01, P02, P03, P04, P05, P06),
    *(P07_1, P07_2, P07_3, P07_4, P07_5, P07_6, P07_7),
    *(P08_1, P08_2, P08_3, P08_4, P08_5),
    *(P09, P10),
    *(P11, P12, P13, P19, P21),
)
