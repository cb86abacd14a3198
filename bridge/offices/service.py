"""Offices and their people: making them, signing in and out, what a clerk is doing."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.config import OfficeSettings, StaffSettings
from bridge.core.db import LOCK, Db, announce
from bridge.core.errors import N_, NotFound, NotNow, NotSignedIn, Refused
from bridge.core.ids import digest, new_id, new_secret
from bridge.offices.models import Office, Person, SignIn
from bridge.offices.rules import CLERK, ClerkState, Role, is_open, sign_in_ends

LEAST_PASSWORD = 10
# What the town's own directory may have as well: an e-mail address.
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}")
_SEEN_EVERY = timedelta(minutes=1)
# RFC 9106's second recommendation: 64 MiB, three passes.
_hasher = PasswordHasher()
# Everybody may ask for this much memory at once; a small server has it twice, not a hundred times.
_verifying = threading.BoundedSemaphore(2)


class SignInWrong(NotSignedIn):
    """Login and password do not belong together; which of them is wrong is not said."""

    key = "sign-in-wrong"
    text = N_("Name or password are not right.")


class SignedInElsewhere(NotNow):
    """The person is signed in on another browser; ``take_over`` would end that."""

    key = "signed-in-elsewhere"
    text = N_("You are signed in on another screen.")


class LoginTaken(NotNow):
    """Somebody else has this login."""

    key = "login-taken"
    text = N_("Somebody else has this name.")


class LoginUnsound(Refused):
    """A login has letters, digits, dots, hyphens and underscores: people type it every day."""

    key = "login-unsound"
    text = N_("A sign-in name needs small letters, digits, dots, hyphens or underscores.")


class PasswordWeak(Refused):
    """The password is too short; ``least`` says how long it has to be."""

    key = "password-weak"
    text = N_("The password needs at least %(least)s characters.")


class ClerkBusy(NotNow):
    """A clerk cannot move so from the present state."""

    key = "clerk-busy"
    text = N_("That is not possible while a visit is in hand.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What is needed to add a person."""

    login: str
    name: str
    role: Role
    password: str


def make_office(db: Db, wanted: OfficeSettings, *, now: datetime) -> Office:
    """Return the office with the key of ``wanted``, made if there is none yet."""
    office = db.scalar(select(Office).where(Office.key == wanted.key))
    if office is not None:
        return office
    office = Office(
        id=new_id(now),
        key=wanted.key,
        name=wanted.name,
        time_zone=wanted.time_zone,
        recall_gap_s=wanted.recall_gap_s,
        most_calls=wanted.most_calls,
    )
    db.add(office)
    db.flush()
    append(db, tag=Tag.OFFICE_MADE, actor=SYSTEM, subject=Subject("office", office.id), now=now)
    return office


def office_by_key(db: Db, key: str | None) -> Office:
    """Return the office ``key``, or the only one when ``key`` is None. Raises ``NotFound``."""
    query = select(Office).order_by(Office.key)
    if key is not None:
        query = query.where(Office.key == key)
    found = db.scalars(query.limit(2)).all()
    if len(found) != 1:
        raise NotFound(office=key)
    return found[0]


def add_person(
    db: Db, office: Office, person: NewPerson, *, now: datetime, actor: Actor = SYSTEM
) -> Person:
    """Add a person to an office. Raises ``LoginUnsound``, ``LoginTaken``, ``PasswordWeak``."""
    if len(person.password) < LEAST_PASSWORD:
        raise PasswordWeak(least=LEAST_PASSWORD)
    login = person.login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise LoginUnsound
    if db.scalar(select(Person.id).where(Person.login == login)):
        raise LoginTaken(login=login)
    row = Person(
        id=new_id(now),
        office=office,
        login=login,
        name=person.name.strip(),
        role=person.role,
        password_hash=_hasher.hash(person.password),
    )
    db.add(row)
    db.flush()
    subject, facts = Subject("person", row.id), {"role": person.role}
    append(db, tag=Tag.PERSON_ADDED, actor=actor, subject=subject, facts=facts, now=now)
    return row


def check_password(db: Db, login: str, password: str) -> Person:
    """Return whose login and password these are; slow on purpose. Raises ``SignInWrong``.

    Reads only, so that the database is not locked while the hash is computed.
    """
    person = db.scalar(
        select(Person).where(Person.login == login.strip().lower(), Person.is_active)
    )
    try:
        with _verifying:
            _hasher.verify(person.password_hash if person else _nobody(), password)
    except (VerifyMismatchError, InvalidHashError) as error:
        raise SignInWrong from error
    if person is None:
        raise SignInWrong
    return person


def sign_in(db: Db, person_id: str, *, take_over: bool, staff: StaffSettings, now: datetime) -> str:
    """Sign a person in whose password was checked; return the secret for the browser.

    Raises ``SignedInElsewhere`` when there is another sign-in and ``take_over`` is False.
    """
    db.get_one(Person, person_id, with_for_update=LOCK)
    actor, subject = Actor("person", person_id), Subject("person", person_id)
    open_one = db.scalar(
        select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    )
    if open_one is not None:
        if _is_good(open_one, staff, now):
            if not take_over:
                raise SignedInElsewhere
            append(db, tag=Tag.PERSON_TAKEN_OVER, actor=actor, subject=subject, now=now)
            announce(db, "sign-in:ended", person=person_id)
        open_one.ended_at = now
        db.flush()
    secret = new_secret()
    row = SignIn(
        id=new_id(now),
        person_id=person_id,
        secret_digest=digest(secret),
        created_at=now,
        seen_at=now,
    )
    db.add(row)
    append(db, tag=Tag.PERSON_SIGNED_IN, actor=actor, subject=subject, now=now)
    return secret


def who_signed_in(db: Db, secret: str, *, staff: StaffSettings, now: datetime) -> SignIn | None:
    """Return the sign-in that ``secret`` belongs to, its person and office loaded, if it is good."""
    found = db.scalar(
        select(SignIn)
        .where(SignIn.secret_digest == digest(secret), SignIn.ended_at.is_(None))
        .options(joinedload(SignIn.person).joinedload(Person.office).selectinload(Office.hours))
    )
    if found is None or not found.person.is_active or not _is_good(found, staff, now):
        return None
    return found


def is_to_be_seen(found: SignIn, *, now: datetime) -> bool:
    """Say whether it is time to note that the person is still there (once a minute)."""
    return now - found.seen_at >= _SEEN_EVERY


def see(db: Db, sign_in_id: str, *, now: datetime) -> None:
    """Note that the person behind a sign-in did something."""
    db.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def sign_out(db: Db, secret: str, *, now: datetime) -> None:
    """End the sign-in of ``secret``; a clerk without a visit in hand goes offline."""
    found = db.scalar(
        select(SignIn).where(SignIn.secret_digest == digest(secret), SignIn.ended_at.is_(None))
    )
    if found is None:
        return
    person = db.get_one(Person, found.person_id, with_for_update=LOCK)
    found.ended_at = now
    if CLERK.after(person.state, ClerkState.OFFLINE) is not None:
        move_clerk(db, person, ClerkState.OFFLINE)
    actor, subject = Actor("person", person.id), Subject("person", person.id)
    append(db, tag=Tag.PERSON_SIGNED_OUT, actor=actor, subject=subject, now=now)
    announce(db, "sign-in:ended", person=person.id)


def move_clerk(db: Db, person: Person, event: str) -> Person:
    """Move a clerk by ``event`` of ``rules.CLERK``; announced as ``clerk:moved``.

    To be in the state already is fine. Raises ``ClerkBusy`` with the state.
    """
    state = CLERK.after(person.state, event)
    if state is None:
        if person.state.value == event:
            return person
        raise ClerkBusy(state=person.state)
    changed = db.execute(
        update(Person)
        .where(Person.id == person.id, Person.version == person.version)
        .values(state=state, version=Person.version + 1)
        .returning(Person.version)
    ).scalar()
    if changed is None:
        raise ClerkBusy(state=person.state)
    db.refresh(person)
    announce(db, "clerk:moved", person=person.id, office=person.office_id, state=state.value)
    return person


def set_availability(db: Db, person_id: str, state: ClerkState) -> Person:
    """Let a clerk choose between available, break, back office and offline.

    Raises ``ClerkBusy`` with a visit in hand.
    """
    return move_clerk(db, db.get_one(Person, person_id, with_for_update=LOCK), state)


def clerks_on_duty(db: Db, office_id: str) -> int:
    """Return how many clerks of an office are there: available or with a citizen."""
    on_duty = (
        ClerkState.AVAILABLE,
        ClerkState.RINGING,
        ClerkState.SERVING,
        ClerkState.WRAP_UP,
    )
    query = select(func.count()).where(Person.office_id == office_id, Person.state.in_(on_duty))
    return db.scalar(query) or 0


def is_office_open(office: Office, *, now: datetime) -> bool:
    """Say whether ``office`` is open at the moment ``now``."""
    local = now.astimezone(ZoneInfo(office.time_zone))
    return is_open(((one.weekday, one.opens, one.closes) for one in office.hours), local)


def end_stale_sign_ins(db: Db, *, staff: StaffSettings, now: datetime) -> int:
    """End the sign-ins that are not good any more; their clerks go offline. Return how many.

    So does who signed out with a visit in hand that others have ended since.
    """
    stale = [
        found
        for found in db.scalars(select(SignIn).where(SignIn.ended_at.is_(None)))
        if not _is_good(found, staff, now)
    ]
    signed_in = select(SignIn.person_id).where(
        SignIn.ended_at.is_(None), SignIn.id.not_in([found.id for found in stale])
    )
    at_leisure = [state for state in ClerkState if CLERK.after(state, ClerkState.OFFLINE)]
    left = select(Person).where(Person.state.in_(at_leisure), Person.id.not_in(signed_in))
    # Whoever is doing something at this moment can be looked at a minute later.
    free = left.with_for_update(skip_locked=True, key_share=True)
    for person in db.scalars(free.execution_options(populate_existing=True)).all():
        move_clerk(db, person, ClerkState.OFFLINE)
    for found in stale:
        found.ended_at = now
        announce(db, "sign-in:ended", person=found.person_id)
    return len(stale)


@cache
def _nobody() -> str:
    # Compared when the login is unknown, so that the time tells nothing about who exists.
    return _hasher.hash(new_secret())


def _is_good(found: SignIn, staff: StaffSettings, now: datetime) -> bool:
    return now < sign_in_ends(
        created_at=found.created_at,
        seen_at=found.seen_at,
        most_hours=staff.most_hours,
        idle_hours=staff.idle_hours,
    )
