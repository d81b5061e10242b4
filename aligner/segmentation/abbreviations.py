"""Words that end in a full stop without ending a sentence, by what may follow them.

French and English stand together: a page holds both, and a French text names "Mr. Smith" as readily as an English one "M. Durand".
The other languages of the encoder add theirs. Words are written without their last full stop, in lower case except in `TITLES`.
"""

from __future__ import annotations

TITLES = frozenset(
    "M MM Mr Mrs Ms Mme Mmes Mlle Mlles Dr Drs Dre Pr Prof Mgr Messrs Ste Sts Mt Ft Gen Brig Gov Sen Sens Rep Reps Capt Cpt Cdr Lt "
    "Col Maj Sgt Cpl Adm Rev Revd Hon Pres Supt Insp Vve Cie Bros Sra Srta Sres Dra Ud Uds Dhr Mevr Hr Fr Frau Herr Ir Ing Doc Hab "
    "Sn Вл Св им Ул ул г".split()
)
"""Followed by a name, so never the end of a sentence before a capital. Case matters: "Gen." is a rank, "gen." no word."""

NEVER_LAST = frozenset(
    "cf conf vs viz e.g i.e eg ie p.ex ex env av bd boul apr éd éds ed eds trad dir approx c.-à-d c.à.d càd resp aka dept dépt "
    "distr z.b d.h u.a vgl bzw sog p.ej pág p.es bijv d.w.z np tj tzn m.in sig sig.ra dott т.е напр".split()
)
"""Always followed by what they announce, whatever its case."""

BEFORE_NUMBER = frozenset(
    "no nos n nr nrs núm num art arts fig figs tab tabl eq éq ch chap sec sect p pp pg pag págs vol vols par parag al l r d t liv "
    "v vv op cit ver vers réf ref tél tel ext bd ca circ abs abschn bl blz ss str стр рис п jan janv feb févr fév mar avr jun jul "
    "juil juill aug sep sept oct nov dec déc".split()
)
"""No end of a sentence before a number, a Roman numeral or a single capital; elsewhere an ordinary word ("modern art.")."""

MAY_BE_LAST = frozenset("inc ltd co corp plc jr sr esq ph.d st ave blvd al ltée s.a s.a.r.l usw u.s.w ecc enz itd itp т.д т.п гг".split())
"""The end of a sentence only before a word that commonly opens one."""

OPENING_WORDS = frozenset(
    # English
    "The A An This That These Those It Its He She They We You I His Her Their Our My Your There Here In On At By For From With As "
    "If When While After Before Since Although Though However But And Or So Yet Nor Not No What Who Where Why How Which Such Some "
    "Many Most All Both Each Every Any Another Other Once Then Thus Also Still Under Over During Because Until Unless Despite "
    "Meanwhile Moreover Consequently Therefore Only Is Are Was Were Do Does Did Can Will "
    # French
    "Le La Les Un Une Des Ce Cet Cette Ces Il Elle Ils Elles On Nous Vous Je Tu Mais Et Ou Où Donc Or Ni Car En Dans Sur Sous Par "
    "Pour Avec Sans Après Avant Depuis Pendant Lorsque Quand Si Comme Selon Son Sa Ses Leur Leurs Notre Votre Mon Ma Mes Qui Que "
    "Quoi Quel Quelle Ainsi Alors Aussi Enfin Cependant Toutefois Pourtant Puis Plus Tout Tous Toute Toutes Chaque Certains "
    "Plusieurs Aucun Voici Voilà Là Oui Non Au Aux Du De L' D' J' C' S' N' Qu' "
    # German, Spanish, Italian, Portuguese, Dutch
    "Der Die Das Ein Eine Er Sie Es Wir Ich Ihr Und Aber Im Am Auf Mit Nach Bei Für Dies Diese El Los Las Una Esta Este Pero Y Se "
    "Lo Gli Uno Questo Questa Ma Nel Nella O Os As Um Uma Mas Não Ele Ela De Het Een Dit Dat Deze Hij Zij Wij Maar Op Met".split()
)
"""Capitalised only where they open a sentence (or a title), unlike a name."""
