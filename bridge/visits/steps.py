"""The steps of a visit: made from its procedures, done, corrected, one of them current."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.core.ids import new_id
from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import making
from bridge.documents import service as documents
from bridge.documents.holding import held
from bridge.procedures.rules import Originals, StepDefinition
from bridge.procedures.service import Procedures
from bridge.visits import finding
from bridge.visits.errors import StepElsewhere, StepUndone, StepUnproved
from bridge.visits.models import Step, Visit
from bridge.visits.rules import EVENT_TO, STEP, StepState
from bridge.visits.tools import Tools
from counter_hooks.steps import Proof

MOST_NOTE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """What a clerk says of a step; what is None stays as it is."""

    state: StepState | None = None
    note: str | None = None
    current: bool | None = None


def make_missing(db: Db, visit: Visit, offered: Procedures, *, now: datetime) -> None:
    """Make the steps of services that have none yet, and choose the current one.

    A ticket that was parked or handed on keeps those it has.
    """
    known = {step.service_id for step in finding.steps_of(db, visit)}
    for service in visit.ticket.services:
        procedure = offered.find(service.procedure_key)
        if service.id in known or procedure is None:
            continue
        for number, definition in enumerate(procedure.step, start=1):
            db.add(
                Step(
                    id=new_id(now),
                    service_id=service.id,
                    ordinal=number,
                    key=definition.key,
                    state=StepState.TO_DO,
                )
            )
    db.flush()
    _choose_current(db, visit)


def find(db: Db, visit: Visit, step_id: str) -> Step:
    """Return a step of a visit's ticket. Raises ``NotFound``."""
    step = db.get(Step, step_id)
    services = {service.id for service in visit.ticket.services}
    if step is None or step.service_id not in services:
        raise NotFound(step=step_id)
    return step


def definition_of(step: Step, offered: Procedures) -> StepDefinition | None:
    """Return what the procedure says of a step, None when it does not (any more)."""
    procedure = offered.find(step.service.procedure_key)
    return procedure.step_by_key(step.key) if procedure else None


def withdraw_consent(db: Db, visit: Visit) -> None:
    """Have every paper of a visit asked for anew, whatever was allowed before."""
    for step in finding.steps_of(db, visit):
        step.consented_at = None


def change(
    db: Db, visit: Visit, step: Step, wish: StepChange, tools: Tools, *, now: datetime
) -> None:
    """Change a step. Raises ``StepElsewhere``, ``StepUnproved``, ``StepUndone``."""
    if wish.note is not None:
        step.note = wish.note.strip()[:MOST_NOTE_CHARACTERS] or None
    if wish.state is not None and wish.state is not step.state:
        _move(db, step, wish.state, tools.procedures, now=now)
        facts = {"step": step.key, "state": step.state, "visit": visit.id}
        actor, subject = Actor("person", visit.clerk_id), Subject("step", step.id)
        append(db, tag=Tag.STEP_CHANGED, actor=actor, subject=subject, facts=facts, now=now)
        if step.state is StepState.DONE:
            _forget_originals(db, step, tools, actor=actor, now=now)
        if visit.current_step_id == step.id and step.state is StepState.DONE:
            _choose_current(db, visit)
    if wish.current:
        visit.current_step_id = step.id
    finding.tell(db, visit, "step-changed")


def _move(db: Db, step: Step, wished: StepState, offered: Procedures, *, now: datetime) -> None:
    state = STEP.after(step.state, EVENT_TO[wished])
    if state is None:
        raise StepElsewhere(state=step.state, step=step.id)
    definition = definition_of(step, offered)
    if state is StepState.DONE and definition is not None and step.note is None:
        _check_proof(db, step, offered.proof_of(definition))
    step.state, step.changed_at = state, now
    step.consented_at = None  # what is scanned from now on is another paper
    db.flush()


def _forget_originals(db: Db, step: Step, tools: Tools, *, actor: Actor, now: datetime) -> None:
    """Erase what the clerk cut off or scanned again, unless the procedure has it kept."""
    definition = definition_of(step, tools.procedures)
    is_kept = definition and definition.scan and definition.scan.originals is Originals.KEEP
    if step.document_id is None or is_kept:
        return
    document = held(db, step.document_id)
    making.forget_replaced(db, tools.store, document, actor=actor, now=now)


def _check_proof(db: Db, step: Step, proof: Proof) -> None:
    is_proved: dict[Proof, Callable[[], bool]] = {
        Proof.NOTHING: lambda: True,
        Proof.SCAN: lambda: documents.has_checked_pages(db, step.document_id),
        Proof.PRINT: lambda: _is_done(db, step, "print", JobState.CONFIRMED),
        Proof.ACTION: lambda: _is_done(db, step, "action", JobState.PRODUCED),
    }
    if not is_proved[proof]():
        if proof is Proof.ACTION:
            raise StepUndone(state=step.state, step=step.id)
        raise StepUnproved(state=step.state, step=step.id)


def _is_done(db: Db, step: Step, kind: str, state: JobState) -> bool:
    jobs = select(DeviceJob.id).where(
        DeviceJob.step_id == step.id, DeviceJob.kind == kind, DeviceJob.state == state
    )
    return db.scalar(jobs.limit(1)) is not None


def _choose_current(db: Db, visit: Visit) -> None:
    rows = finding.steps_of(db, visit)
    open_ones = [step for step in rows if step.state is not StepState.DONE]
    if open_ones:
        visit.current_step_id = open_ones[0].id
    elif rows:
        visit.current_step_id = rows[-1].id
