# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules that the records of places in queues must keep, those of call-backs too: a part of the audit."""

from collections import Counter

from appliance.contract import records as r


class AuditedCallBacks:
    """Follows callers in queues, and call-backs that have not ended."""

    def __init__(self) -> None:
        self.calls: dict[int, set[int]] = {}  # call -> its legs
        self.queued: dict[int, str] = {}
        self.counts: Counter[str] = Counter()
        self.callbacks: dict[int, r.CallBackAsked] = {}
        self.tries: dict[int, int] = {}  # call -> the call-back that it tries
        self.last_callback = 0
        self.left: Counter[str] = Counter()  # reasons for which callers left queues

    def queue_entered(self, record: r.QueueEntered) -> None:
        assert record.call not in self.queued, f"in two queues: {record}"
        self.queued[record.call] = record.queue

    def queue_left(self, record: r.QueueLeft) -> None:
        assert self.queued.pop(record.call, None) == record.queue, f"left without having entered: {record}"
        self.left[record.reason] += 1

    def _waits_in(self, call: int) -> str:
        """Return the queue in which a caller waits, or a call-back for which it is tried or which it has asked for."""
        backs = (each.queue for each in self.callbacks.values() if each.call == self._asked_in(call))
        return self.queued.get(call) or next(backs, "")

    def _asked_in(self, call: int) -> int:
        back = self.callbacks.get(self.tries.get(call, 0))
        return back.call if back is not None else call

    def call_back_asked(self, record: r.CallBackAsked) -> None:
        assert record.call in self.calls, f"asked for in no call: {record}"
        assert record.callback > self.last_callback, f"call-back number used again: {record}"
        same = [each for each in self.callbacks.values() if (each.queue, each.number) == (record.queue, record.number)]
        assert not same, f"two call-backs of one number: {record}, {same}"
        self.callbacks[record.callback] = record
        self.last_callback = record.callback

    def call_back_tried(self, record: r.CallBackTried) -> None:
        assert record.callback in self.callbacks, f"no such call-back: {record}"
        assert record.callback not in self.tries.values(), f"tried twice at once: {record}"
        assert record.call in self.calls, f"tried in no call: {record}"
        self.tries[record.call] = record.callback

    def call_back_missed(self, record: r.CallBackMissed) -> None:
        assert self.tries.pop(record.call, None) == record.callback, f"missed, not tried: {record}"
        self.counts[f"missed {record.why}"] += 1

    def call_back_moved(self, record: r.CallBackMoved) -> None:
        assert record.callback in self.callbacks, f"no such call-back: {record}"

    def call_back_ended(self, record: r.CallBackEnded) -> None:
        assert self.callbacks.pop(record.callback, None) is not None, f"call-back ended twice: {record}"
        tried = [call for call, callback in self.tries.items() if callback == record.callback]
        assert record.result != "reached" or tried == [record.call], f"reached in another call: {record}"
        for call in tried:
            del self.tries[call]
        self.counts[f"call-back {record.result}"] += 1
