"""What the page of the widget asks and what it is answered: JSON in, JSON out, around one session.

A question is {"id": …, "do": name, …}; its answer {"id": …, "ok": true, …} or {"id": …, "ok": false, "error": in words}. The page
holds a window of the rows; `version` grows whenever the rows stand in another order than before, so that neither side
takes an old number of a row for a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict

from aligner.corpus import UNREVIEWED, Corpus
from aligner.errors import AlignerError, ReviewError
from aligner.reviewing import wording
from aligner.reviewing.acting import Done
from aligner.reviewing.documents import documents, languages
from aligner.reviewing.filters import DOUBTFUL, EVERYTHING, Filter
from aligner.reviewing.notebook.marking import Marking
from aligner.reviewing.notebook.reviewer import remember_reviewer
from aligner.reviewing.notebook.telling import Message, Telling
from aligner.reviewing.replacing import Pattern
from aligner.reviewing.sampling import SAMPLE
from aligner.reviewing.session import REASONS, ReviewSession

_MOST_ROWS = 200
"""More rows than these that an action touched are asked for again where they are looked at."""
_MOST_MARKED = 16
"""Rows that are looked at when the page asks for marks."""
_MOST_PREVIEWED = 500
"""Replacements that the page lists."""

_log = logging.getLogger(__name__)


class Conversation:
    """One page's talk with one session; without a reviewer's name there is no session yet, and nothing but `open` and `who` is answered."""

    def __init__(
        self,
        corpus: Corpus,
        *,
        reviewer: str = "",
        document: int | None = None,
        order: str | None = None,
        marking: Marking | None = None,
    ) -> None:
        """document: number of the alignment to show; order: as in ORDERS. Where both are None, all is shown as it was left.

        marking: what asks the model about rows; without it they are neither scored nor marked, and nothing is aligned again.
        """
        self.corpus, self._document, self._order = corpus, document, order
        self._marking, self._told = marking, False
        self.version = 0
        self._session: ReviewSession | None = None
        if reviewer:
            self._begin(reviewer)
        self._answers: dict[str, Callable[[Message], Message]] = {
            "open": self._open,
            "who": self._who,
            "rows": self._rows,
            "context": self._context,
            "view": self._view,
            "place": self._place,
            "go": self._go,
            "changes": self._changes,
            "decide": self._decide,
            "comment": lambda asked: self._touched(self.session.comment(asked["key"], asked["text"])),
            "edit": lambda asked: self._restructured(self.session.edit(asked["key"], asked["source"], asked["target"])),
            "merge": lambda asked: self._restructured(self.session.merge(asked["key"], asked["direction"])),
            "split": lambda asked: self._restructured(self.session.split(asked["key"], asked["source_at"], asked["target_at"])),
            "move": lambda asked: self._restructured(self.session.move(asked["key"], asked["side"], asked["direction"])),
            "unlink": lambda asked: self._restructured(self.session.unlink(asked["key"])),
            "link": lambda asked: self._restructured(self.session.link(asked["key"], asked["other"])),
            "null": self._null,
            "undo": lambda asked: self._reversed(self.session.undo()),
            "redo": lambda asked: self._reversed(self.session.redo()),
            "search": self._search,
            "preview": self._preview,
            "replace": self._replace,
            "bulk": self._bulk,
            "sample": self._sample,
            "accept_above": self._accept_above,
            "realign": self._realign,
            "marks": self._marks,
            "documents": lambda asked: {"documents": [asdict(one) for one in documents(self.corpus)]},
            "assign": self._assign,
            "stats": lambda asked: {"stats": asdict(self.session.stats())},
        }

    @property
    def session(self) -> ReviewSession:
        """Raises ReviewError where nobody has said yet who reviews."""
        if self._session is None:
            raise ReviewError("a reviewer's name was wanted first: decisions are kept with the name of who made them")
        return self._session

    @property
    def _telling(self) -> Telling:
        return Telling(self.session, self._marking)

    def close(self) -> None:
        """Let the model go."""
        if self._marking:
            self._marking.close()

    def answer(self, message: Message) -> Message:
        """The answer to a question of the page, whatever it is: a page that is not answered takes the kernel for gone."""
        try:
            asked = message.get("do")
            if asked not in self._answers:
                raise ReviewError(f"the page asked for {asked!r}, which this version does not know: reload the page and run the cell again")
            self._take_place(message)
            reply = self._answers[asked](message)
            if self._session is not None:
                reply |= {"counts": self._session.counts, "sorted": self._session.is_sorted}
            return {"id": message.get("id"), "ok": True, **reply}
        except AlignerError as error:
            return {"id": message.get("id"), "ok": False, "error": str(error)}
        except Exception as error:  # a defect of ours: the notebook's log gets all of it, the reviewer a word
            _log.exception("the widget's question could not be answered: %s", message)
            return {"id": message.get("id"), "ok": False, "error": f"something went wrong in the kernel ({type(error).__name__}: {error})"}

    # Who, and what is shown

    def _begin(self, reviewer: str) -> None:
        self._session = ReviewSession(self.corpus, reviewer=reviewer, tool="notebook")
        if self._document is not None or self._order is not None:
            wanted = EVERYTHING if self._document is None else Filter(document=self._document)
            self._session.view(wanted, self._order or self._session.order)
        self.version += 1

    def _open(self, asked: Message) -> Message:
        known: Message = {
            "corpus": self.corpus.name,
            "reasons": REASONS,
            "doubtful": DOUBTFUL,
            "sample": SAMPLE,
            "languages": languages(self.corpus),
        }
        if self._session is None:
            return {**known, "reviewer": ""}
        return {**known, "reviewer": self.session.reviewer, **self._shown()}

    def _who(self, asked: Message) -> Message:
        self._begin(" ".join(str(asked["reviewer"]).split()))
        remember_reviewer(self.session.reviewer)
        return {"reviewer": self.session.reviewer, **self._shown()}

    def _take_place(self, asked: Message) -> None:
        """The page is the master of the cursor."""
        if self._session is not None and asked.get("version") == self.version and "cursor" in asked:
            self._session.cursor = max(0, min(int(asked["cursor"]), self._session.total - 1))

    def _place(self, asked: Message) -> Message:
        if asked["version"] == self.version:
            self.session.keep_place()
        return {}

    def _view(self, asked: Message) -> Message:
        self.session.view(Filter.of(asked["filter"]), asked["order"], near=asked.get("near", ""))
        self.session.keep_place()
        self.version += 1
        return self._shown()

    def _rows(self, asked: Message) -> Message:
        if asked["version"] != self.version:
            return self._shown()
        start = max(0, int(asked["start"]))
        return {"view": self._telling.window(start, min(int(asked["count"]), _MOST_ROWS), self.version)}

    def _context(self, asked: Message) -> Message:
        return self._telling.contexts(asked["keys"])

    def _go(self, asked: Message) -> Message:
        session, to = self.session, asked["to"]
        was_sorted = session.is_sorted
        found = session.go(to) is not None
        moved = session.is_sorted and not was_sorted
        if moved:
            self.version += 1
        message = {} if found else {"message": wording.none_left(str(to), session.counts[UNREVIEWED])}
        return {**message, **(self._shown() if found or moved else {})}

    def _changes(self, asked: Message) -> Message:
        if not self.session.changes():
            return {}
        self.version += 1
        return self._shown()

    # What is done

    def _decide(self, asked: Message) -> Message:
        session, status, reason = self.session, asked["status"], asked.get("reason", "")
        here = session.cursor
        if "range" not in asked:
            done = session.decide(asked["keys"], status, reason)
        elif asked["version"] != self.version:
            raise ReviewError("the rows have changed meanwhile: look at the selection again")
        else:
            first, last = asked["range"]
            everything = first == 0 and last >= session.total - 1
            done = session.decide_shown(status, reason) if everything else session.decide(session.keys[first : last + 1], status, reason)
        session.cursor = here  # the page goes on by itself
        return self._touched(done)

    def _touched(self, done: Done) -> Message:
        """The answer to what leaves the rows where they are."""
        if len(done.keys) > _MOST_ROWS:
            return self._restructured(done)
        return {"message": done.message, "rows": self._telling.rows(self.session.rows_of(done.keys))}

    def _reversed(self, done: Done) -> Message:
        """The answer to an undo or redo: where it leaves the rows where they are, they and the cursor are all that is new."""
        return self._restructured(done) if done.exchanged else {**self._touched(done), "cursor": done.cursor}

    def _restructured(self, done: Done) -> Message:
        self.version += 1
        return {"message": done.message, **self._shown()}

    def _null(self, asked: Message) -> Message:
        """A decision: the cursor goes on to what follows the rows that the one became."""
        session = self.session
        done = session.mark_null(asked["key"])
        numbers = {session.go(key) for key in done.keys}
        after = next(number for number in range(done.cursor, session.total + 1) if number not in numbers)
        session.cursor = max(0, min(after, session.total - 1))
        return self._restructured(done)

    def _replace(self, asked: Message) -> Message:
        """The rows stay where they are, and so does the cursor, wherever something was replaced."""
        here = self.session.cursor
        done = self.session.replace(_pattern(asked), asked["replacement"], asked["keys"])
        self.session.cursor = here
        return self._restructured(done)

    def _realign(self, asked: Message) -> Message:
        if self._marking is None:
            raise ReviewError("there is no model here that could align anew")
        return self._restructured(self.session.realign(asked["key"], self._marking.align))

    def _marks(self, asked: Message) -> Message:
        """What the model has found of rows since they were last asked for; `pending` where there is more to come."""
        if self._marking is None:
            return {"pending": False, "available": False}
        rows = self.session.rows_of(asked["keys"][:_MOST_MARKED])
        self._marking.look_at(self.session, rows)
        scored = {row.key: row for row in self._marking.store_scores(self.session)}
        known = [scored.pop(row.key, row) for row in rows if row.key in scored or self._marking.marks(row) is not None]
        available = self._marking.failure is None
        pending = available and self._marking.is_waiting_for(rows)
        answer: Message = {"rows": self._telling.rows([*known, *scored.values()]), "pending": pending, "available": available}
        if self._marking.failure and not self._told:
            self._told = True
            answer["message"] = f"Rows are shown without what the model says: {self._marking.failure}"
        return answer

    # Many at once

    def _search(self, asked: Message) -> Message:
        return {"places": self.session.places(_pattern(asked))}

    def _preview(self, asked: Message) -> Message:
        found = self.session.preview(_pattern(asked), asked["replacement"])
        return {"replacements": [asdict(one) for one in found[:_MOST_PREVIEWED]], "total": len(found)}

    def _bulk(self, asked: Message) -> Message:
        state = self.session.bulk(float(asked["probability"]), annotated=bool(asked["annotated"]))
        counts = {"count": state.links.count, "checked": state.checked, "pending": state.pending}
        found = {"annotated": state.links.annotated, "kinds": dict(state.links.kinds)}
        known = {"is_checked": state.is_checked, "passed_over": state.passed_over, "words": wording.known_of(state)}
        return {"bulk": {**counts, **found, **known}}

    def _sample(self, asked: Message) -> Message:
        drawn = self.session.draw(float(asked["probability"]), int(asked["size"]), annotated=bool(asked["annotated"]))
        self.version += 1
        return {"message": wording.drawn(drawn, self.session.total), **self._shown()}

    def _accept_above(self, asked: Message) -> Message:
        probability, annotated = float(asked["probability"]), bool(asked["annotated"])
        return self._restructured(self.session.accept_above(probability, annotated=annotated, unchecked=bool(asked["unchecked"])))

    def _assign(self, asked: Message) -> Message:
        self.session.assign(int(asked["alignment"]), asked["reviewer"])
        return {"message": f"assigned to {asked['reviewer']}" if asked["reviewer"] else "assigned to nobody"}

    def _shown(self) -> Message:
        return self._telling.around_cursor(self.version)


def _pattern(asked: Message) -> Pattern:
    return Pattern(asked["pattern"], regex=bool(asked["regex"]), side=asked["side"], case=bool(asked["case"]))
