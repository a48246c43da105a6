"""Where both doors lead: acknowledged at once, worked off by a few threads, answered to one person alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from flows.channel.acts import act, carry_out
from flows.channel.commands import run
from flows.channel.forms import back_of
from flows.channel.incoming import Incoming, Press, Sender, Sheet, Words, read_envelope
from flows.channel.openings import open_from
from flows.channel.replies import NOTHING, Reply
from flows.channel.windows import hand_in
from flows.desk.throttle import Throttle
from flows.house import House
from flows.starting import start_unstarted
from notify.slack_calls import SlackCalls
from playbooks.errors import Retry, SeventytwoError

WITHIN: Final = 2.2
"""Seconds that a window's verdict is waited for: Slack wants its acknowledgement within three."""
THREADS: Final = 6
WAITING: Final = 200
"""How much may wait at once; what comes beyond it is turned away, in words."""
TRIES: Final = 40
"""How much one member may press and type in a minute."""
ASK_AGAIN: Final = timedelta(seconds=10)

_BUSY: Final = Reply("The house is busy: nothing was done. Try again in a moment.")
_FAILED: Final = Reply("That could not be done here. Use the desk; the log of the house says why.")
_LATE: Final = Reply("Slack did not let the window be opened in time. Press again.")
_TOO_OFTEN: Final = Reply("That was often: wait a minute.")
_SPENT: Final = frozenset({"exchanged_trigger_id"})
"""What a window that is open already is refused with: the same press was brought twice."""

log = logging.getLogger("seventytwo.channel")


class Room:
    """Takes what responders do in Slack, from whichever door, and lets it be done."""

    def __init__(self, house: House, wall_now: Callable[[], datetime]) -> None:
        self.house, self._wall_now = house, wall_now
        settings = house.settings
        self._calls = SlackCalls(settings.slack_token, settings.slack_url)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="slack")
        self._windows = ThreadPoolExecutor(THREADS, thread_name_prefix="slack-window")
        self._places = threading.BoundedSemaphore(WAITING)
        self._throttle = Throttle(TRIES, timedelta(minutes=1))
        self._team = ""
        self._team_asked_at: datetime | None = None
        self._guard, self._asking = threading.Lock(), threading.Lock()

    def close(self) -> None:
        """Let what was begun end, and begin nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._windows.shutdown(wait=True, cancel_futures=True)
        self._calls.close()

    def hear(self, kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Take an envelope of Socket Mode; what its acknowledgement is to hold."""
        incoming = read_envelope(kind, payload)
        return self.receive(incoming) if incoming else None

    def receive(self, incoming: Incoming) -> dict[str, Any] | None:
        """Take what came; returns what the acknowledgement is to hold, within less than three seconds."""
        if not self._places.acquire(blocking=False):
            log.warning("more comes from slack than can be worked off: turned away")
            return self._at_once(incoming, _BUSY)
        if not isinstance(incoming, Sheet):
            self._pool.submit(self._work_off, incoming)
            return None
        verdict: Future[Reply] = Future()
        self._windows.submit(self._work_window, incoming, verdict)
        return _faults_in_time(verdict)

    def _at_once(self, incoming: Incoming, reply: Reply) -> dict[str, Any] | None:
        match incoming:
            case Words():
                return {"response_type": "ephemeral", **reply.message}
            case Sheet():
                return {"response_action": "errors", "errors": {"code": reply.text}}
            case Press():
                return None

    def _work_off(self, incoming: Press | Words) -> None:
        try:
            reply = self._done(incoming, incoming.sender)
            self._tell(incoming.sender, reply)
        finally:
            self._places.release()

    def _work_window(self, sheet: Sheet, verdict: Future[Reply]) -> None:
        """Judge a window; its faults go into it while it is open, all else is said beside it."""
        try:
            sheet = replace(sheet, sender=sheet.sender.placed(back_of(sheet.back).get("c", "")))
            reply = self._done(sheet, sheet.sender)
            if in_time := verdict.set_running_or_notify_cancel():
                verdict.set_result(reply)  # before anything is told: the door waits for no words of ours
            if reply.text and not (in_time and reply.faults):
                self._tell(sheet.sender, reply)
        finally:
            self._places.release()

    def _done(self, incoming: Incoming, sender: Sender) -> Reply:
        """What became of it; nothing that one member sends may end the thread."""
        now = self._wall_now()
        ours = self._our_team(now)
        if ours is None:
            log.warning("slack: not done: Slack does not say which workspace is ours")
            return _BUSY
        if ours not in ("", sender.team):
            log.warning("slack: a request of another workspace was refused")
            return NOTHING
        with self._guard:
            if self._throttle.wait(f"{sender.team}/{sender.user}", now):
                return _TOO_OFTEN
        try:
            return self._dispatch(incoming, now)
        except Retry:
            return _BUSY
        except SeventytwoError as refused:
            log.warning("slack: not done: %s", refused.what)
            return _FAILED
        except Exception:
            # The loop of the door: one request that fails must not keep others from being answered.
            log.exception("slack: a request failed")
            return _FAILED

    def _dispatch(self, incoming: Incoming, now: datetime) -> Reply:
        match incoming:
            case Press():
                return act(self.house, incoming, now)
            case Words():
                return run(self.house, incoming, now)
            case Sheet(window="note"):
                return self._remark(incoming)
            case Sheet(window="answer"):
                return hand_in(self.house, incoming, now)
            case Sheet(window="open"):
                reply = open_from(self.house, incoming, now)
                start_unstarted(self.house)
                return reply
            case Sheet():
                return NOTHING

    def _remark(self, sheet: Sheet) -> Reply:
        ref = back_of(sheet.back).get("q", "")
        return carry_out(self.house, sheet.sender, sheet.key, ref, "note", str(sheet.values.get("text", "")))

    def _our_team(self, now: datetime) -> str | None:
        """The workspace of our token, None while Slack does not say; empty where we have no token."""
        if not self.house.settings.slack_token:
            return ""
        with self._asking:
            asked_at = self._team_asked_at
            if not self._team and (asked_at is None or now - asked_at > ASK_AGAIN):
                self._team, self._team_asked_at = self._calls.team(), now
            return self._team or None

    def _tell(self, sender: Sender, reply: Reply) -> None:
        """Open the window, or say the words where only the one who pressed sees them."""
        if reply.view is not None:
            refused = self._calls.open_view(sender.trigger, reply.view)
            if not refused or refused in _SPENT:
                return
            log.warning("slack: a window was not opened: %s", refused)
            reply = _LATE
        refused = "no_address"
        if sender.response_url:
            message = {**reply.message, "replace_original": False}
            refused = self._calls.reply(sender.response_url, message)
        if refused and sender.channel:
            refused = self._calls.whisper(sender.channel, sender.user, reply.message)
        if refused:
            log.warning("slack: a reply was not told: %s", refused)


def _faults_in_time(verdict: Future[Reply]) -> dict[str, Any] | None:
    """The window's faults while they can still be shown in it; what comes later the worker tells."""
    try:
        reply = verdict.result(timeout=WITHIN)
    except NotYet:
        if verdict.cancel():
            return None
        reply = verdict.result()
    return {"response_action": "errors", "errors": dict(reply.faults)} if reply.faults else None
