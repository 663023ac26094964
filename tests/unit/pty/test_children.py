"""The registry that keeps the reaper from taking a child before it is known."""

import threading

from synk.pty.children import Children


def test_child_is_known_from_its_fork_to_its_end() -> None:
    children = Children()
    with children.forking():
        assert children.is_forking
        assert children.unregistered() == []
        children.register(42, 7)
        assert 42 in children
        assert children.unregistered() == [42]
    assert not children.is_forking
    assert children.unregistered() == []
    assert children.number_of(42) == 7
    assert len(children) == 1
    assert children.forget(42) == 7
    assert 42 not in children
    assert children.forget(42) is None


def test_child_that_was_reaped_during_its_fork_is_not_named_for_killing() -> None:
    children = Children()
    with children.forking():
        children.register(42, 7)
        children.forget(42)
        assert children.unregistered() == []


def test_failed_fork_ends_the_watch() -> None:
    children = Children()
    try:
        with children.forking():
            raise OSError
    except OSError:
        pass
    assert not children.is_forking


def test_a_start_on_the_main_thread_and_a_fork_exclude_each_other() -> None:
    children = Children()
    with children.forking(), children.starting() as is_safe:
        assert not is_safe
    begun, ended = threading.Event(), threading.Event()

    def fork() -> None:
        begun.set()
        with children.forking():
            ended.set()

    with children.starting() as is_safe:
        assert is_safe
        thread = threading.Thread(target=fork)
        thread.start()
        begun.wait()
        assert not children.is_forking
    thread.join()
    assert ended.is_set()
