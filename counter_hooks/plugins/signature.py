"""A step in which the citizen signs a declaration on the counter's screen.

What is kept is an image and nothing else: neither when nor how fast a line was drawn, nor how hard
somebody pressed, leaves the screen. Whoever cannot or does not want to
sign on glass asks for paper with one touch (EN 301 549, 5.3).
"""

from __future__ import annotations

from counter_hooks import Proof, StepKind, Text, hookimpl

SIGN_ON_SCREEN = StepKind(
    key="sign_on_screen",
    title=Text(ca="Firmar en la pantalla", es="Firmar en la pantalla", en="Sign on the screen"),
    has_form=True,
    has_signature=True,
    proof=Proof.SCAN,
)


@hookimpl
def register_step_kinds() -> tuple[StepKind, ...]:
    """Bring the one kind."""
    return (SIGN_ON_SCREEN,)
