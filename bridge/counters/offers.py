"""What plugins add to a counter, as its agent last told: actions, page filters, and their trouble."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, select

from bridge.core.db import Db
from bridge.core.errors import N_, NotNow, Refused
from bridge.counters.models import IS_TOLD, Counter, DeviceJob
from bridge.counters.rules import OPEN_JOBS
from counter_hooks import wire
from counter_hooks.actions import ValueUnfit, checked_answer, checked_values, is_key, is_text
from counter_hooks.actions import mistakes_of as mistakes_of_action

log = logging.getLogger(__name__)

MOST_OFFER_BYTES = 64 * 1024
MOST_NAME_CHARACTERS = 60
MOST_PLUGINS_OFF = 100


class ActionAway(NotNow):
    """The counter does not offer this action."""

    key = "action-away"
    text = N_("This is not possible at this counter at the moment.")


class FormUnfit(Refused):
    """A field of an action's form is missing or holds what it cannot hold."""

    key = "form-unfit"
    text = N_("Please check what you filled in: %(field)s.")


def take(db: Db, counter_id: str, told: wire.Offer) -> None:
    """Keep what an agent offers; what makes no sense in it is left out and logged."""
    counter = db.get_one(Counter, counter_id)
    sound = _sound(told, counter_id)
    if len(json.dumps(wire.encode(sound))) > MOST_OFFER_BYTES:
        # What plugins add may not keep the counter itself away.
        log.warning("counter %s offers too much: all of it is left out", counter_id)
        sound = replace(sound, actions=[], filters=[])
    counter.offer = wire.encode(sound)
    db.flush()


def of(counter: Counter) -> wire.Offer:
    """Return what a counter offers."""
    return wire.decode(wire.Offer, counter.offer or {})


def action_of(counter: Counter, device_id: str) -> wire.ActionEntry | None:
    """Return the action that a job names as its device, None when it is not offered (any more)."""
    return next((one for one in of(counter).actions if one.device == device_id), None)


def check_action(
    db: Db, counter_id: str, device_id: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what an action's form was filled with. Raises ``ActionAway``, ``FormUnfit``."""
    action = action_of(db.get_one(Counter, counter_id), device_id)
    if action is None:
        raise ActionAway(action=device_id[:MOST_NAME_CHARACTERS])
    try:
        return dict(checked_values(action.fields, values))
    except ValueUnfit as error:
        raise FormUnfit(field=error.facts["field"]) from error


def keep_answer(job: DeviceJob, answer: Mapping[str, Any]) -> None:
    """Keep what an action said to the clerk, as far as it was announced."""
    action = action_of(job.counter, job.device_id)
    if job.kind != "action" or not answer or action is None:
        return
    try:
        job.answer = dict(checked_answer(action.rows, answer))
    except ValueUnfit as error:
        log.warning("the answer of job %s is left out: %s", job.id, error)


def forget_answers(db: Db, *, visit_id: str) -> int:
    """Forget what actions said in a visit, and what was asked of them. Return how many."""
    return _forget(db, DeviceJob.kind == "action", DeviceJob.visit_id == visit_id)


def forget_old_answers(db: Db, *, before: datetime) -> int:
    """Forget what actions said, and what was asked of them, before then. Return how many."""
    is_over = DeviceJob.answer.is_not(None) | DeviceJob.state.not_in(OPEN_JOBS)
    return _forget(db, IS_TOLD, DeviceJob.changed_at < before, is_over)


def _forget(db: Db, *which: ColumnElement[bool] | TextClause) -> int:
    jobs = list(db.scalars(select(DeviceJob).where(*which)))
    for job in jobs:
        job.answer, job.options = None, {}
    return len(jobs)


def _sound(told: wire.Offer, counter_id: str) -> wire.Offer:
    actions = {}
    for action in told.actions:
        mistakes = list(mistakes_of_action(action))
        if mistakes or action.key in actions:
            log.warning("counter %s offers an action that is left out: %s", counter_id, mistakes)
        else:
            actions[action.key] = action
    filters = {one.key: one for one in told.filters if is_key(one.key) and is_text(one.title)}
    return wire.Offer(
        actions=list(actions.values()),
        filters=list(filters.values()),
        plugins_off=[name[:MOST_NAME_CHARACTERS] for name in told.plugins_off[:MOST_PLUGINS_OFF]],
        is_safe=told.is_safe,
        troubles=[name[:MOST_NAME_CHARACTERS] for name in told.troubles[:MOST_PLUGINS_OFF]],
    )
