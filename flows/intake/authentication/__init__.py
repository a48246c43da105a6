"""Whether a request comes from its source, by each way that tools can prove it. Pure."""

from flows.intake.authentication.macs import WINDOW
from flows.intake.authentication.schemes import NO_SECRET, SCHEMES, Scheme, verify
from flows.intake.authentication.stamped import OURS
from flows.intake.authentication.verdicts import Accepted, Denied, Headers, Refusal, Verdict

__all__ = [
    "NO_SECRET",
    "SCHEMES",
    "WINDOW",
    "Accepted",
    "Denied",
    "Headers",
    "Refusal",
    "Scheme",
    "Verdict",
    "sign",
    "verify",
]

sign = OURS.sign
