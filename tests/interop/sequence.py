"""The numbers of one session, in both directions, and what is kept until it is acknowledged (SQ-1 to SQ-6, RS-8)."""

from collections import deque

from frames import NOOP, Broken


class Sequence:
    def __init__(self):
        self.acknowledged = 0
        # The frames above `acknowledged`, as text: written ones, then those that wait.
        self.kept = deque()
        self.kept_length = 0
        # The number of the last frame that was ever written, and of the last that this connection was given.
        self.written = 0
        self.position = 0
        # The number of the last frame that was dispatched, and of the last that this connection brought.
        self.received = 0
        self.arrived = 0

    def push(self, text):
        """Gives a frame the next number."""
        self.kept.append(text)
        self.kept_length += len(text)
        return self.acknowledged + len(self.kept)

    def take(self, length):
        """The next texts for a message of so much in all, but one at least where there is one (WR-2)."""
        texts = []
        while self.position < self.acknowledged + len(self.kept):
            text = self.kept[self.position - self.acknowledged]
            length -= len(text) + 1
            if length < 0 and texts:
                break
            texts.append(text)
            self.position += 1
        self.written = max(self.written, self.position)
        return texts

    def acknowledge(self, number):
        """Lets go of what the peer has (SQ-2)."""
        if number > self.written:
            raise Broken(f"SQ-2: acknowledges {number}, which was not sent")
        while self.acknowledged < number:
            self.kept_length -= len(self.kept.popleft())
            self.acknowledged += 1

    def withdraw(self, number):
        """Puts a noop in the place of a frame that was never written; tells whether it was one (SQ-5)."""
        if number <= self.written:
            return False
        index = number - self.acknowledged - 1
        self.kept_length -= len(self.kept[index])
        self.kept[index] = f"[{NOOP}]"
        self.kept_length += len(self.kept[index])
        return True

    def attach(self, peer_received, peer_from):
        """A new connection: what the peer has not received is to be written again, and it sends what is above `from`."""
        fits = self.acknowledged <= peer_received <= self.written and peer_from <= self.received
        if not fits:
            raise Broken("RS-8: the welcome does not fit what was asked")
        self.acknowledge(peer_received)
        self.position = peer_received
        self.arrived = peer_from

    def count(self):
        """Counts a frame that came; tells whether it is new (SQ-3)."""
        self.arrived += 1
        if self.arrived <= self.received:
            return False
        self.received = self.arrived
        return True
