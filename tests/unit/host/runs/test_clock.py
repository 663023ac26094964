"""When a run has taken too long."""

from synk.host.runs.clock import Clock


def clock(**limits: float) -> Clock:
    given = {"idle_s": None, "hard_s": None, "input_s": None, **limits}
    return Clock(given["idle_s"], given["hard_s"], bool(limits.get("is_hard_from_life")), given["input_s"], started=100.0)


def test_without_limits_nothing_is_ever_reached() -> None:
    assert clock().reached(1e9) == ""
    assert not clock().is_set


def test_silence_without_work_reaches_the_idle_limit() -> None:
    each = clock(idle_s=10)
    each.sampled(cpu_ticks=5, io_bytes=100, now=105)
    for second in range(106, 115):
        each.sampled(cpu_ticks=5, io_bytes=100, now=float(second))
    assert each.reached(114.9) == ""
    assert each.reached(115.1) == "idle_timeout"


def test_work_of_the_processor_or_the_disk_is_life() -> None:
    for cpu, io in ((50, 0), (0, 5000)):
        each = clock(idle_s=2)
        for second in range(1, 20):
            each.sampled(cpu_ticks=cpu * second, io_bytes=io * second, now=100.0 + second)
        assert each.reached(120.0) == ""


def test_a_meter_that_is_written_letter_by_letter_is_no_sign_of_life_either() -> None:
    each = clock(idle_s=10)
    for second in range(12):
        for letter in b"\r  45% 00:10":
            each.printed(bytes([letter]), 100.0 + second)
    assert each.reached(111.5) == "idle_timeout"
    dots = clock(idle_s=10)
    dots.printed(b"\r  45%\r\n", 100.0)
    for second in range(12):
        dots.printed(b".", 100.0 + second)
    assert dots.reached(111.5) == ""


def test_lines_are_life_and_a_line_drawn_anew_is_not() -> None:
    lines, meter = clock(idle_s=5), clock(idle_s=5)
    written = 0
    for second in range(1, 20):
        lines.printed(b"step\n", 100.0 + second)
        meter.printed(b"\r  45% 00:10", 100.0 + second)
        written += 11
        meter.sampled(cpu_ticks=0, io_bytes=written, now=100.5 + second)
    assert lines.reached(120.0) == ""
    assert meter.reached(120.0) == "idle_timeout"


def test_a_meter_in_front_of_work_is_life() -> None:
    meter = clock(idle_s=5)
    for second in range(1, 20):
        meter.printed(b"\r  45% 00:10", 100.0 + second)
        meter.sampled(cpu_ticks=0, io_bytes=11 * second + 100_000 * second, now=100.5 + second)
    assert meter.reached(120.0) == ""


def test_a_process_that_ends_takes_its_counts_along_and_is_life() -> None:
    each = clock(idle_s=5)
    each.sampled(cpu_ticks=500, io_bytes=1000, now=101.0)
    each.sampled(cpu_ticks=10, io_bytes=20, now=106.0)
    assert each.reached(110.0) == ""
    assert each.reached(111.1) == "idle_timeout"


def test_the_hard_limit_counts_from_the_start_or_from_life() -> None:
    plain, lively = clock(hard_s=10), clock(hard_s=10, is_hard_from_life=True)
    for each in (plain, lively):
        each.printed(b"still here\n", 109.0)
    assert (plain.reached(110.0), lively.reached(110.0)) == ("hard_timeout", "")
    assert lively.reached(119.1) == "hard_timeout"


def test_waiting_for_input_stops_all_clocks_but_its_own() -> None:
    each = clock(idle_s=5, hard_s=10, input_s=60)
    each.waits(True, 104.0)
    assert each.reached(160.0) == ""
    assert each.reached(164.1) == "idle_timeout"
    each.waits(False, 150.0)
    assert each.reached(154.9) == ""
    assert each.reached(155.1) == "idle_timeout"
    each.printed(b"\n", 155.0)
    assert each.reached(156.1) == "hard_timeout"
