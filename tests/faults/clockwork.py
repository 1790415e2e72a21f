"""Clocks that are set, time zones that change, summer time that begins and ends."""

import time

from stand import Place, Row, standing


def set_clock(row: Row, place: Place, times: int) -> None:
    """The clock is set back and forth under load, by seconds and by years."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(stand.chance.random() * 0.3)
            step = stand.chance.choice([1, -1]) * stand.chance.choice([0.5, 2, 3600, 86400, 40 * 86400, 500 * 86400])
            stand.clock.set(stand.clock.ahead + step)
            stand.hit()
            stand.recovers(time.monotonic())
        stand.settle()
        stand.clock.set(0)
        stand.settle()


ZONES = ("America/Sao_Paulo", "Europe/Lisbon", "Pacific/Apia", "Australia/Lord_Howe")
SHIFTS = (1_774_746_000, 1_792_890_000)  # 2026-03-29 and 2026-10-25, 01:00 UTC: Europe sets its clocks


def set_zone(row: Row, place: Place, times: int) -> None:
    """The machine is in another time zone at each start, and its clock crosses a change to or from summer time."""
    with standing(row, place) as stand:
        stand.load()
        for number in range(times):
            stand.busy()
            stand.service.environment["TZ"] = ZONES[number % len(ZONES)]
            stand.hit()
            stand.restart(between=lambda shift=SHIFTS[number % 2]: stand.clock.set(shift - 2 - time.time()))
        stand.settle()
        del stand.service.environment["TZ"]
