"""Which segments translate each other: of two documents, of a page that holds both languages, or of unordered texts.

Where to begin, and what stands behind it:

- Two documents: `documents` is the whole of it. `evidence` gathers what is known of a pair of documents, `features` turns it into the
  numbers of each bead, `lattice` into probabilities and an alignment, by the learnt `weights`.
- Which beads there are: `moves` (their shapes), `band` (where they may lie), `search` (the neighbours that anchor the band).
- What evidence is made of: `similarities`, `spans` and `contrast` (vectors), `lexicon` (words), `marks` (punctuation), `clauses`,
  `outskirts`.
- Beside and after the lattice: `decided` and `agreement` (what people decided), `moved` (passages that stand elsewhere), `judging` (links
  without their context), `neighbourhood` (one link where it stands).
- Whether a single pair is a translation: `pairs`, with `wording` (its words), `rivals` (other candidates) and `logistic`; `counterparts`
  says which words of it have none.
- A page: `pages`, with `layout` (what its layout says for a link).
- Unordered texts: `mining`, with `large_search`, `blocks` and `index` for many of them; `pairing` finds which documents belong together.
- Learning the weights: `training` (with `damage`), `pair_training`, `weak_training`, `page_training`.

Letters that all of it shares: i is one of the n source segments and j one of the m target segments; node (i, j) stands before both; an a-b
bead has a source and b target segments, and q is the number of its shape among the moves. `compiling` says how compiled functions are kept.
"""
