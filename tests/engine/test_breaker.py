"""The circuit breaker, by a clock that the test moves."""

from __future__ import annotations

import pytest

from coi_graph.query.breaker import CLOSED, HALF_OPEN, OPEN, CircuitBreaker
from coi_graph.query.errors import EngineResting


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(3, 10.0, clock)


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        with breaker.call():
            breaker.failed()


def test_it_opens_at_so_many_failures_in_a_row(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert breaker.state == CLOSED
    fail(breaker)
    assert breaker.state == OPEN


def test_a_success_between_failures_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state == CLOSED


def test_open_it_refuses_and_says_when_to_come_back(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2.5
    with pytest.raises(EngineResting) as caught, breaker.call():
        pytest.fail("nothing goes through")
    assert (caught.value.status, caught.value.details["retry_after"]) == (503, 8)


def test_after_its_rest_one_call_goes_through(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    assert breaker.state == HALF_OPEN
    with breaker.call():
        with pytest.raises(EngineResting), breaker.call():
            pytest.fail("a second one does not")
        breaker.succeeded()
    assert breaker.state == CLOSED


def test_a_failed_trial_opens_it_for_another_rest(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    fail(breaker)
    assert breaker.state == OPEN
    clock.now += 9.9
    assert breaker.state == OPEN
    clock.now += 0.1
    assert breaker.state == HALF_OPEN


def test_a_trial_that_tells_nothing_leaves_room_for_the_next(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now += 10
    with pytest.raises(KeyError), breaker.call():
        raise KeyError
    with breaker.call():
        breaker.succeeded()
    assert breaker.state == CLOSED


def test_a_failure_that_comes_late_does_not_lengthen_the_rest(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    with breaker.call():
        fail(breaker, 3)
        clock.now += 9
        breaker.failed()
    clock.now += 1
    assert breaker.state == HALF_OPEN
