"""The mode machine: both variants of double Escape, the bar of an ended pane, and that no key is lost or doubled."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.keypress import KeyPress
from synk.keys.chords import press_of
from synk.keys.keymap import ExitMethod, Keymap, Where
from synk.keys.modes import Mode, ModeMachine, Order, Run, Send, Situation

ESCAPE = KeyPress("escape")
J = KeyPress("j", text="j")
TYPING = Situation(Mode.TERMINAL, pane=1)
MOVING = Situation(Mode.NAVIGATION, pane=1)
LEAVE = Run("pane.leave")


def machine(*, hold: bool = False, method: ExitMethod = "double_escape") -> ModeMachine:
    return ModeMachine(Keymap(exit_method=method), hold_first_escape=hold)


def test_lone_escape_reaches_the_program_at_once() -> None:
    assert machine().press(ESCAPE, TYPING, 10.0) == (Send(1, ESCAPE),)


def test_second_escape_in_time_leaves_and_is_not_sent() -> None:
    modes = machine()
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(ESCAPE, TYPING, 10.29) == (LEAVE,)


def test_where_a_line_editor_reads_the_first_escape_waits_for_a_second_one() -> None:
    modes, at_prompt = machine(), replace(TYPING, holds_escape=True)
    assert modes.press(ESCAPE, at_prompt, 10.0) == ()
    assert modes.press(ESCAPE, at_prompt, 10.2) == (LEAVE,)
    assert modes.press(ESCAPE, at_prompt, 20.0) == ()
    assert modes.press(J, at_prompt, 20.1) == (Send(1, ESCAPE), Send(1, J))
    assert modes.press(ESCAPE, at_prompt, 30.0) == ()
    assert modes.expire(30.3) == (Send(1, ESCAPE),)


def test_second_escape_too_late_is_a_first_one() -> None:
    modes = machine()
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(ESCAPE, TYPING, 10.31) == (Send(1, ESCAPE),)
    assert modes.press(ESCAPE, TYPING, 10.5) == (LEAVE,)


def test_a_key_between_two_escapes_keeps_terminal_mode() -> None:
    modes = machine()
    orders = [modes.press(press, TYPING, 10.0 + index / 100) for index, press in enumerate((ESCAPE, J, ESCAPE))]
    assert orders == [(Send(1, ESCAPE),), (Send(1, J),), (Send(1, ESCAPE),)]


def test_a_held_down_escape_is_not_two_taps() -> None:
    modes = machine()
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(replace(ESCAPE, repeat=True), TYPING, 10.03) == (Send(1, replace(ESCAPE, repeat=True)),)


def test_an_escape_in_another_pane_is_a_first_one() -> None:
    modes = machine()
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(ESCAPE, replace(TYPING, pane=2), 10.1) == (Send(2, ESCAPE),)


def test_first_escape_is_held_until_the_time_is_over() -> None:
    modes = machine(hold=True)
    assert modes.press(ESCAPE, TYPING, 10.0) == ()
    assert modes.deadline_s == pytest.approx(10.3)
    assert modes.expire(10.2) == ()
    assert modes.expire(10.31) == (Send(1, ESCAPE),)
    assert modes.deadline_s is None


def test_held_escape_then_escape_leaves_and_sends_nothing() -> None:
    modes = machine(hold=True)
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(ESCAPE, TYPING, 10.2) == (LEAVE,)
    assert modes.expire(11.0) == ()


def test_held_escape_then_another_key_sends_both_in_order() -> None:
    modes = machine(hold=True)
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(J, TYPING, 10.1) == (Send(1, ESCAPE), Send(1, J))


def test_held_escape_goes_to_the_pane_it_was_pressed_in() -> None:
    modes = machine(hold=True)
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.release() == (Send(1, ESCAPE),)
    modes.press(ESCAPE, TYPING, 11.0)
    assert modes.press(J, replace(TYPING, pane=2), 11.1) == (Send(1, ESCAPE), Send(2, J))


def test_held_escape_comes_before_a_command_of_terminal_mode() -> None:
    modes = machine(hold=True)
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(press_of("ctrl+shift+c"), TYPING, 10.1) == (Send(1, ESCAPE), Run("text.copy"))


@pytest.mark.parametrize("method", ["double_escape", "ctrl_backslash", "ctrl_shift_escape"])
def test_ctrl_shift_escape_leaves_with_every_method(method: ExitMethod) -> None:
    assert machine(method=method).press(press_of("ctrl+shift+escape"), TYPING, 10.0) == (LEAVE,)


def test_ctrl_backslash_leaves_only_where_it_was_chosen() -> None:
    key = press_of("ctrl+\\")
    assert machine(method="ctrl_backslash").press(key, TYPING, 10.0) == (LEAVE,)
    assert machine().press(key, TYPING, 10.0) == (Send(1, key),)


def test_two_escapes_go_to_the_program_with_another_method() -> None:
    modes = machine(method="ctrl_backslash")
    assert [modes.press(ESCAPE, TYPING, 10.0), modes.press(ESCAPE, TYPING, 10.1)] == [(Send(1, ESCAPE),), (Send(1, ESCAPE),)]


def test_with_no_pane_selected_keys_act_on_synk_in_every_mode() -> None:
    assert machine().press(press_of("n"), Situation(Mode.TERMINAL, None), 10.0) == (Run("session.new"),)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(("key", "command"), [("enter", "session.restart"), ("s", "session.shell"), ("x", "session.close")])
def test_keys_of_the_bar_work_in_both_modes_after_a_second_of_quiet(mode: Mode, key: str, command: str) -> None:
    modes = machine()
    modes.press(J, TYPING, 10.0)
    ended = Situation(mode, 1, ended_for_s=3.0)
    assert modes.press(press_of(key), ended, 11.0) == (Run(command),)


def test_text_typed_blindly_while_the_program_ends_does_nothing() -> None:
    modes = machine()
    now = 10.0
    for index in range(40):  # "exit", Enter, again and again for 2 s
        ended = replace(TYPING, ended_for_s=max(0.0, index * 0.05 - 0.5) or None)
        orders = modes.press(press_of(("e", "x", "i", "t", "enter", "s")[index % 6]), ended, now)
        assert not any(isinstance(order, Run) for order in orders)
        now += 0.05


def test_the_bar_waits_a_second_even_if_nothing_was_typed_before() -> None:
    ended = replace(TYPING, ended_for_s=0.2)
    assert machine().press(press_of("enter"), ended, 10.0) == ()


def test_a_held_down_key_never_presses_a_key_of_the_bar() -> None:
    ended = replace(TYPING, ended_for_s=5.0)
    assert machine().press(replace(press_of("enter"), repeat=True), ended, 10.0) == ()


def test_an_ended_pane_is_left_like_any_other_and_gets_no_keys() -> None:
    modes = machine()
    ended = replace(TYPING, ended_for_s=0.1)
    assert modes.press(J, ended, 9.0) == ()
    assert modes.press(ESCAPE, ended, 10.0) == ()
    assert modes.press(ESCAPE, ended, 10.1) == (LEAVE,)


def test_in_navigation_the_bar_comes_before_the_usual_meaning() -> None:
    ended = replace(MOVING, ended_for_s=5.0)
    assert machine().press(press_of("enter"), ended, 10.0) == (Run("session.restart"),)
    assert machine().press(press_of("enter"), MOVING, 10.0) == (Run("pane.type"),)


def held(text: str) -> KeyPress:
    return replace(press_of(text), repeat=True)


def test_a_held_key_moves_on_and_closes_only_once() -> None:
    modes = machine()
    right, close = Run("pane.move right"), Run("session.close")
    assert [modes.press(press, MOVING, 10.0) for press in (press_of("l"), held("l"), held("l"))] == [(right,)] * 3
    assert [modes.press(press, MOVING, 11.0) for press in (press_of("x"), held("x"), held("x"))] == [(close,), (), ()]
    assert modes.press(press_of("x"), MOVING, 12.0) == (close,)


@pytest.mark.parametrize(("key", "command"), [("enter", "pane.type"), ("shift+n", "session.again")])
def test_a_key_that_led_into_terminal_mode_is_not_typed_while_it_is_held(key: str, command: str) -> None:
    modes = machine()
    assert modes.press(press_of(key), MOVING, 10.0) == (Run(command),)
    assert modes.press(held(key), TYPING, 10.5) == ()
    assert modes.press(press_of(key), TYPING, 11.0) == (Send(1, press_of(key)),)
    assert modes.press(held(key), TYPING, 11.5) == (Send(1, held(key)),)


def test_a_paste_happens_once_however_long_its_key_is_held() -> None:
    modes = machine()
    assert modes.press(press_of("ctrl+shift+v"), TYPING, 10.0) == (Run("text.paste"),)
    assert modes.press(held("ctrl+shift+v"), TYPING, 10.5) == ()


KEYS = st.sampled_from(
    [ESCAPE, ESCAPE, ESCAPE, J, press_of("enter"), press_of("ctrl+c"), press_of("ctrl+shift+c"), press_of("up"), press_of("/"),
     replace(ESCAPE, repeat=True), press_of("ctrl+shift+escape"), press_of("a"), press_of("f11")]
)  # fmt: skip
STEPS = st.lists(st.tuples(KEYS, st.sampled_from([0.01, 0.1, 0.29, 0.31, 0.5, 2.0])), max_size=60)


def play(modes: ModeMachine, steps: list[tuple[KeyPress, float]], situation: Situation) -> list[Order]:
    """Press the keys with these pauses before each, with a timer that fires on time; the mode never changes."""
    orders: list[Order] = []
    now = 100.0
    for press, pause in steps:
        deadline = modes.deadline_s
        now += pause
        if deadline is not None and deadline < now:
            orders += modes.expire(deadline)
        orders += modes.press(press, situation, now)
    return [*orders, *modes.release()]


def expected(steps: list[tuple[KeyPress, float]]) -> list[Order]:
    """What must come out in terminal mode, told from the whole sequence: only the Escape of a pair is special."""
    keymap = Keymap()
    orders: list[Order] = []
    first_at: float | None = None
    now = 100.0
    for press, pause in steps:
        now += pause
        binding = keymap.find(press, Where.TERMINAL)
        if press == ESCAPE and first_at is not None and now - first_at <= 0.3:
            first_at = None
            orders.append(LEAVE)
            continue
        orders.append(Run(binding.command) if binding else Send(1, press))
        first_at = now if press == ESCAPE else None
    return orders


@given(STEPS)
def test_in_terminal_mode_no_key_is_lost_doubled_or_reordered(steps: list[tuple[KeyPress, float]]) -> None:
    assert play(machine(), steps, TYPING) == expected(steps)


@given(STEPS)
def test_holding_the_first_escape_only_removes_it_from_pairs(steps: list[tuple[KeyPress, float]]) -> None:
    wanted: list[Order] = []
    for (press, _), order in zip(steps, expected(steps), strict=True):
        if press == ESCAPE and order == LEAVE:
            assert wanted.pop() == Send(1, ESCAPE)
        wanted.append(order)
    assert play(machine(hold=True), steps, TYPING) == wanted


@given(STEPS, st.booleans())
def test_in_navigation_mode_no_key_ever_reaches_a_program(steps: list[tuple[KeyPress, float]], hold: bool) -> None:
    assert not any(isinstance(order, Send) for order in play(machine(hold=hold), steps, MOVING))


def up(press: KeyPress) -> KeyPress:
    return replace(press, released=True)


def test_a_release_follows_its_press() -> None:
    modes = machine()
    modes.press(J, TYPING, 10.0)
    assert modes.press(up(J), TYPING, 10.1) == (Send(1, up(J)),)
    assert modes.press(up(J), TYPING, 10.2) == ()


def test_a_release_belongs_to_its_key_even_if_shift_went_up_before_it() -> None:
    modes = machine()
    modes.press(KeyPress("?", text="?", shift=True, code=20), TYPING, 10.0)
    lifted = KeyPress("ß", text="ß", code=20, released=True)
    assert modes.press(lifted, TYPING, 10.1) == (Send(1, lifted),)


@pytest.mark.parametrize(
    "there", [MOVING, Situation(Mode.TERMINAL, None), replace(TYPING, pane=2), replace(TYPING, ended_for_s=0.1)]
)
def test_a_release_is_dropped_where_its_program_has_not_the_keyboard(there: Situation) -> None:
    modes = machine()
    modes.press(J, TYPING, 10.0)
    assert modes.press(up(J), there, 10.1) == ()
    assert modes.press(up(J), TYPING, 10.2) == ()


def test_the_release_of_a_key_that_ran_a_command_is_dropped() -> None:
    modes = machine()
    copy = press_of("ctrl+shift+c")
    modes.press(copy, TYPING, 10.0)
    assert modes.press(up(copy), TYPING, 10.1) == ()


def test_the_release_of_a_key_pressed_in_navigation_is_dropped_in_terminal_mode() -> None:
    modes = machine()
    modes.press(J, TYPING, 9.0)  # its release was seen by nobody
    modes.press(J, MOVING, 10.0)
    assert modes.press(up(J), TYPING, 10.1) == ()


@pytest.mark.parametrize("key", ["n", "escape", "enter", "ctrl+shift+escape", "f11"])
def test_a_release_never_runs_a_command(key: str) -> None:
    for situation in (MOVING, TYPING, replace(MOVING, ended_for_s=5.0)):
        assert machine().press(up(press_of(key)), situation, 10.0) == ()


def test_two_taps_of_escape_leave_although_each_has_a_release() -> None:
    modes = machine()
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(up(ESCAPE), TYPING, 10.05) == (Send(1, up(ESCAPE)),)
    assert modes.press(ESCAPE, TYPING, 10.2) == (LEAVE,)
    assert modes.press(up(ESCAPE), MOVING, 10.25) == ()


def test_the_release_of_a_held_escape_waits_with_it() -> None:
    modes = machine(hold=True)
    modes.press(ESCAPE, TYPING, 10.0)
    assert modes.press(up(ESCAPE), TYPING, 10.05) == ()
    assert modes.expire(10.31) == (Send(1, ESCAPE), Send(1, up(ESCAPE)))


def test_a_key_that_goes_up_behind_a_held_escape_is_told_after_it() -> None:
    modes = machine(hold=True)
    modes.press(J, TYPING, 10.0)
    modes.press(ESCAPE, TYPING, 10.1)
    assert modes.press(up(J), TYPING, 10.15) == ()
    assert modes.release() == (Send(1, ESCAPE), Send(1, up(J)))


def test_a_held_pair_of_escapes_still_tells_that_another_key_went_up() -> None:
    modes = machine(hold=True)
    modes.press(J, TYPING, 10.0)
    modes.press(ESCAPE, TYPING, 10.1)
    modes.press(up(J), TYPING, 10.12)
    modes.press(up(ESCAPE), TYPING, 10.15)
    assert modes.press(ESCAPE, TYPING, 10.2) == (Send(1, up(J)), LEAVE)


def test_a_release_does_not_keep_the_bar_waiting() -> None:
    modes = machine()
    ended = replace(TYPING, ended_for_s=3.0)
    modes.press(J, TYPING, 10.0)
    modes.press(up(J), ended, 10.95)
    assert modes.press(press_of("enter"), ended, 11.0) == (Run("session.restart"),)


def test_a_modifier_by_itself_is_a_key_of_the_program_and_of_nobody_else() -> None:
    shift = KeyPress("left_shift", shift=True, code=50)
    modes = machine()
    assert modes.press(shift, TYPING, 10.0) == (Send(1, shift),)
    assert modes.press(up(shift), TYPING, 10.1) == (Send(1, up(shift)),)
    assert modes.press(shift, MOVING, 10.2) == ()
    assert modes.press(up(shift), TYPING, 10.3) == ()


HAND = st.lists(
    st.tuples(
        st.sampled_from([ESCAPE, ESCAPE, J, press_of("x"), press_of("ctrl+shift+c"), KeyPress("left_shift", shift=True)]),
        # Binary fractions: sums of them are exact, whatever they are added to.
        st.sampled_from([0.015625, 0.125, 0.28125, 0.3125, 2.0]),
        st.sampled_from([TYPING, TYPING, TYPING, replace(TYPING, pane=2), MOVING]),
    ),
    max_size=60,
)
"""Which key changes, after how long, and what it meets."""


def play_hand(modes: ModeMachine, hand: list[tuple[KeyPress, float, Situation]]) -> list[tuple[Situation, Order]]:
    """Each key goes down and up in turn; what came out, with what it met."""
    orders: list[tuple[Situation, Order]] = []
    down: set[str] = set()
    now = 100.0
    for key, pause, situation in hand:
        deadline = modes.deadline_s
        now += pause
        if deadline is not None and deadline < now:
            orders += [(situation, order) for order in modes.expire(deadline)]
        is_down = key.name in down
        down ^= {key.name}
        orders += [(situation, order) for order in modes.press(up(key) if is_down else key, situation, now)]
    return orders


def test_an_escape_that_was_sent_late_is_released_once() -> None:
    hand = [(ESCAPE, 0.015625, TYPING), (ESCAPE, 0.015625, TYPING), (ESCAPE, 0.015625, MOVING), (ESCAPE, 0.015625, TYPING)]
    sent = [order.press.released for _, order in play_hand(machine(hold=True), hand) if isinstance(order, Send)]
    assert sent == [False, True]


@given(HAND, st.booleans())
def test_a_program_gets_a_release_only_after_the_press_and_once(
    hand: list[tuple[KeyPress, float, Situation]], hold: bool
) -> None:
    held: set[tuple[int, str]] = set()
    for _, order in play_hand(machine(hold=hold), hand):
        if isinstance(order, Send):
            key = (order.pane, order.press.name)
            if order.press.released:
                assert key in held
            held = held - {key} if order.press.released else held | {key}


@given(HAND, st.booleans())
def test_releases_change_neither_what_is_sent_nor_what_is_run(hand: list[tuple[KeyPress, float, Situation]], hold: bool) -> None:
    def without_releases(orders: list[tuple[Situation, Order]]) -> list[Order]:
        return [order for _, order in orders if not (isinstance(order, Send) and order.press.released)]

    silent: list[tuple[KeyPress, float, Situation]] = []
    down: set[str] = set()
    rest = 0.0
    for key, pause, situation in hand:
        if key.name in down:
            rest += pause
        else:
            silent.append((key, pause + rest, situation))
            rest = 0.0
        down ^= {key.name}
    modes, now, alone = machine(hold=hold), 100.0, []
    for key, pause, situation in silent:
        deadline = modes.deadline_s
        now += pause
        if deadline is not None and deadline < now:
            alone += [(situation, order) for order in modes.expire(deadline)]
        alone += [(situation, order) for order in modes.press(key, situation, now)]
    with_releases = machine(hold=hold)
    both = play_hand(with_releases, hand)
    end = [(TYPING, order) for order in with_releases.release()]
    assert without_releases([*both, *end]) == without_releases([*alone, *[(TYPING, order) for order in modes.release()]])


@given(HAND, st.booleans())
def test_in_navigation_mode_no_release_reaches_a_program(hand: list[tuple[KeyPress, float, Situation]], hold: bool) -> None:
    only_moving = [(key, pause, MOVING) for key, pause, _ in hand]
    assert not any(isinstance(order, Send) for _, order in play_hand(machine(hold=hold), only_moving))


def test_in_the_command_bar_keys_of_the_table_run_and_text_is_the_line_s_own() -> None:
    modes = machine()
    assert modes.edit(press_of("enter"), 10.0) == (Run("line.run"),)
    assert modes.edit(press_of("f11"), 10.1) == (Run("window.fullscreen"),)
    assert [modes.edit(press_of(chord), 10.2) for chord in ("a", "space", "ctrl+w", "ctrl+b", "ctrl+q", "?")] == [None] * 6


def test_the_key_that_opened_the_command_bar_types_nothing_while_it_is_held() -> None:
    modes, slash = machine(), press_of("/")
    assert modes.press(slash, MOVING, 10.0) == (Run("line.open"),)
    assert modes.edit(replace(slash, repeat=True), 10.5) == ()
    assert modes.edit(slash, 11.0) is None


def test_a_held_arrow_walks_on_in_the_command_bar_and_a_held_enter_runs_once() -> None:
    modes, up, enter = machine(), press_of("up"), press_of("enter")
    modes.edit(up, 10.0)
    assert modes.edit(replace(up, repeat=True), 10.1) == (Run("line.move previous"),)
    modes.edit(enter, 11.0)
    assert modes.edit(replace(enter, repeat=True), 11.1) == ()


@given(st.lists(st.sampled_from(["a", "escape", "enter", "tab", "ctrl+b", "ctrl+c", "up", "space"])))
def test_no_key_pressed_in_the_command_bar_reaches_a_program(chords: list[str]) -> None:
    modes = machine(hold=True)
    orders = [order for index, chord in enumerate(chords) for order in modes.edit(press_of(chord), float(index)) or ()]
    assert not any(isinstance(order, Send) for order in orders)
