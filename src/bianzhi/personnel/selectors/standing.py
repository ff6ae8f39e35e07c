"""Which occupancy counts today for one that 更正 or 冲正 wrote anew since (R26)."""

from bianzhi.personnel.models import Movement, MovementFamily, Occupancy


def standing(occupancy: Occupancy) -> Occupancy | None:
    """The row that counts in place of `occupancy`, followed through every correction; None when none does.

    A 更正 writes its `from_occupancy` anew; a 冲正 writes anew what the reversed movement had closed. Rows are written
    later than what they stand for, so that one pass in the order of recording meets them all.
    """
    if occupancy.superseded_at is None:
        return occupancy
    corrections = Movement.objects.filter(person_id=occupancy.person_id, family=MovementFamily.CORRECTION)
    rows = {occupancy.pk}
    for correction in corrections.select_related("reverses").order_by("pk"):
        rewritten = (correction.reverses or correction).from_occupancy_id
        if rewritten in rows and correction.to_occupancy_id is not None:
            rows.add(correction.to_occupancy_id)
    return Occupancy.objects.current().filter(pk__in=rows).first()
