"""The forty kinds of group the sample is made of; larger samples repeat the pattern.

The order is a priority: a sample of ten groups takes the first ten slots. Weeks are weeks of the plan, which
always ends with week 26, whatever the number of weeks that is generated.
"""

from __future__ import annotations

from dataclasses import dataclass

SELLING, INTEREST, VIP, SEED, LEADER, FLASH = "selling", "interest", "vip", "seed", "leader", "flash"


@dataclass(frozen=True)
class Slot:
    """One group of the pattern.

    `size0` is the number of people for whom it is the first group on day 0 (0: the group opens later), `rate`
    the joins per week in the long run, `burst` the additional joins per week at the opening. `special` says
    what becomes of the group.
    """

    group_type: str
    size0: int
    opens: int
    rate: float
    burst: float = 0.0
    special: str = ""
    flags: str = ""


# flags: o = over-promoted, p = red packets, c = packet claims are exported, g = one week without export,
# u = last week without export, n = never archived, b = big, w = plain WeChat (no QR joins at 200)
SLOTS: tuple[Slot, ...] = (
    Slot(SELLING, 440, 0, 5.6, special="big", flags="pcb"),
    Slot(SELLING, 95, 0, 1.2, special="dead"),
    Slot(SELLING, 110, 0, 2.0, special="dying"),
    Slot(SELLING, 165, 0, 3.0, special="quiet_seller", flags="w"),
    Slot(SELLING, 60, 0, 2.5, special="quiet_buyer"),
    Slot(INTEREST, 140, 0, 3.2, flags="pcg"),
    Slot(VIP, 60, 0, 1.2, flags="pc"),
    Slot(SELLING, 170, 0, 5.0, flags="opgw"),
    Slot(SELLING, 75, 0, 3.0, special="merged"),
    Slot(SELLING, 0, 6, 2.5, 18.0, flags="op"),
    Slot(FLASH, 0, 4, 0.0, 86.0, special="flash"),
    Slot(SELLING, 90, 0, 2.0, special="dying"),
    Slot(SELLING, 120, 0, 1.2, special="dead"),
    Slot(SELLING, 100, 0, 3.0, special="quiet_seller"),
    Slot(INTEREST, 80, 0, 3.0, flags="pu"),
    Slot(LEADER, 40, 0, 1.2, flags="p"),
    Slot(SEED, 30, 0, 0.8, flags="p"),
    Slot(SELLING, 0, 2, 2.5, 18.0, flags="op"),
    Slot(INTEREST, 0, 8, 3.0, 6.0, flags="op"),
    Slot(SELLING, 440, 0, 5.6, special="big", flags="pb"),
    Slot(SELLING, 80, 0, 1.2, special="dead"),
    Slot(SELLING, 140, 0, 1.2, special="dead"),
    Slot(SELLING, 130, 0, 2.0, special="dying", flags="o"),
    Slot(SELLING, 100, 0, 2.0, special="dying"),
    Slot(SELLING, 160, 0, 2.0, special="dying"),
    Slot(SELLING, 75, 0, 3.0, special="quiet_seller"),
    Slot(SELLING, 85, 0, 2.5, special="quiet_buyer"),
    Slot(VIP, 45, 0, 1.2, flags="p"),
    Slot(SELLING, 0, 4, 2.5, 18.0, flags="op"),
    Slot(SELLING, 0, 10, 2.5, 18.0, flags="n"),
    Slot(SELLING, 0, 14, 2.5, 18.0, flags="p"),
    Slot(SELLING, 0, 18, 2.5, 18.0, flags="p"),
    Slot(INTEREST, 0, 3, 3.0, 6.0, flags="p"),
    Slot(INTEREST, 0, 12, 3.0, 6.0, flags="p"),
    Slot(VIP, 0, 7, 1.2, 6.0, flags="p"),
    Slot(SEED, 0, 17, 0.3, 1.5),
    Slot(LEADER, 0, 9, 1.2, 6.0, flags="pu"),
    Slot(FLASH, 0, 9, 0.0, 86.0, special="flash"),
    Slot(FLASH, 0, 14, 0.0, 86.0, special="flash"),
    Slot(FLASH, 0, 20, 0.0, 86.0, special="flash"),
)
MERGED_INTO = 9  # slot that takes the members of the merged group of slot 8
MERGE_WEEK = 16
OWNERS = (9, 8, 6, 5, 4, 3, 2, 2, 1)  # groups per owner
STAFF, ALTS, BOTS = 46, 12, 3  # per forty groups


def owner_of(slot: int) -> int:
    """Number (1 to 9) of the owner of a slot; owners are spread over the pattern."""
    place = (slot * 7 + 3) % len(SLOTS)
    for number, groups in enumerate(OWNERS, start=1):
        place -= groups
        if place < 0:
            return number
    raise AssertionError("the owners own all slots")


def slot_rows() -> list[tuple[object, ...]]:
    """Rows for the table `slots`: slot, type, size0, opens, rate, burst, special, flags, owner."""
    return [
        (i, s.group_type, s.size0, s.opens, s.rate, s.burst, s.special, s.flags, owner_of(i))
        for i, s in enumerate(SLOTS)
    ]
