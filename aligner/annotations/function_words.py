"""Little words of which nearly every sentence holds some."""

from __future__ import annotations

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "fr": frozenset(
        """le la les des du de et un une est sont était ont avait pour dans que qui qu par sur avec au aux ce cette ces cet il
        elle ils elles nous vous je ne pas plus se son sa ses leur leurs votre vos notre nos mais ou où si en être avoir été
        fait comme sans sous entre vers chez tout tous toute aussi ici voir""".split()
    ),
    "en": frozenset(
        """the of and to in is are was were be been for that this these those with by on at from as it its he she they we you his
        her their our your not have has had will would can could should which who but or if when all an there here what more
        no do did""".split()
    ),
}

DISTINCTIVE: dict[str, frozenset[str]] = {
    "fr": FUNCTION_WORDS["fr"] - frozenset("la le un de se en que son sur si il sa par ou une entre et".split()),
    "en": FUNCTION_WORDS["en"] - frozenset("in is was as on do an all no he we her had if at for this what".split()),
}
"""Those that neither the other of the two languages nor Spanish, Italian, Portuguese, German or Dutch has."""
