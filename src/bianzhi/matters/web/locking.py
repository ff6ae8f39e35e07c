"""For which unit the hall looks whether its applications are locked (R12, R13)."""

from bianzhi.common.web.access import PageRequest


def only_unit(request: PageRequest) -> int | None:
    """The unit a user acts for, when the account reaches just one."""
    if request.user.sees_everything():
        return None
    roots = set(request.user.scope_roots())
    if len(roots) != 1:
        return None
    pk, subtree = roots.pop()
    return None if subtree else pk
