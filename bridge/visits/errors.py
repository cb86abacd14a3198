"""What a visit refuses, as claims."""

from __future__ import annotations

from bridge.core.errors import N_, NotFound, NotNow, Refused


class VisitOver(NotNow):
    """The visit is closed, or was handed on."""

    key = "visit-over"
    text = N_("This visit is over.")


class VisitPaused(NotNow):
    """The citizen has stopped everything; nothing is ordered until they go on."""

    key = "visit-paused"
    text = N_("The citizen has paused the visit.")


class JobRunning(NotNow):
    """A device is still at work for this visit; ``kind`` and ``device`` say which."""

    key = "job-running"
    text = N_("A device is still at work: %(device)s. Wait for it, or stop it.")


class StepElsewhere(NotNow):
    """A step cannot move so from its present state."""

    key = "step-elsewhere"
    text = N_("This step is no longer where that is possible.")


class StepUnproved(NotNow):
    """A step is done when its paper was scanned and checked, or came out; else a note says why."""

    key = "step-unproved"
    text = N_("The paper of this step is still missing. If that is right, write a note first.")


class StepUndone(NotNow):
    """A step that needs an action is done when the action was; else a note says why not."""

    key = "step-undone"
    text = N_("What belongs to this step was not done yet. If that is right, write a note first.")


class FormUnknown(NotFound):
    """None of the ticket's procedures has this form."""

    key = "form-unknown"
    text = N_("There is no such form here.")


class DocumentUnfit(NotNow):
    """Forms are printed, scans are scanned into; this document is of the other kind."""

    key = "document-unfit"
    text = N_("That cannot be done with this document.")


class PagesUnfit(Refused):
    """Pages are asked for that a document does not have."""

    key = "pages-unfit"
    text = N_("This document has %(pages)s pages only.")


class TargetUnfit(NotNow):
    """A ticket cannot be handed to this counter or person."""

    key = "target-unfit"
    text = N_("The ticket cannot be handed on there.")
