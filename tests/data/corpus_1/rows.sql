-- What aligner 0.1.0 wrote: a pair of documents, a page, and decisions of two reviewers.

INSERT INTO corpus_schema (version) VALUES
    (1);

INSERT INTO documents (digest, lang, name, text) VALUES
    ('4fb22e612a7d2ae5962af77babfde716ba7708285f6a8075ab27ead8ec340889', 'en', 'dialogue.en.txt', 'Hello 😀!
It still rains.
That isn''t said in French.
Goodbye.
Hello 😀!
'),
    ('56e8bec6e52a9237deee8296045eab5700e2633ddfb4f5b468ab3b829fd2f0ef', 'fr', 'dialogue.fr.txt', 'Bonjour 😀 !
Il pleut
encore. L''eau monte.
Au revoir.
Bonjour 😀 !
'),
    ('bff773200a346001dda0d2a4fad9e4d5924590032145d0844708e2a1f9196b41', 'mul', 'page.html', 'Un jour.
One day.
Menu
');

INSERT INTO alignments (source_document, target_document, source_lang, target_lang, encoder, revision, weights, version, at) VALUES
    (2, 1, 'fr', 'en', 'use-multilingual-v3', 'r1', 'w1', '0.1.0', '2026-11-25T02:30:07+00:00'),
    (3, 3, 'fr', 'en', 'use-multilingual-v3', 'r1', 'w1', '0.1.0', '2026-11-25T02:30:07+00:00');

INSERT INTO units (id, source_lang, target_lang, source, target) VALUES
    ('42706d9c71f7fc30c3619a0f659fc8ee', 'fr', 'en', 'Bonjour 😀 !', 'Hello 😀!'),
    ('8dfc1e50c4edcacc7e7b1a34072d0f33', 'fr', 'en', 'Un jour.', 'One day.'),
    ('eb4a5692a6c51182a79173b704516789', 'fr', 'en', 'Au revoir.', 'Goodbye.'),
    ('f4a90011da3b4817983533898c0b469a', 'fr', 'en', 'Il pleut encore.', 'It still rains.');

INSERT INTO occurrences (alignment, position, unit, probability, cosine, source_segments, target_segments, source_spans, target_spans) VALUES
    (1, 0, '42706d9c71f7fc30c3619a0f659fc8ee', 0.99, 0.9, '[0]', '[0]', '[[0,11]]', '[[0,8]]'),
    (1, 1, 'f4a90011da3b4817983533898c0b469a', 0.5, 0.75, '[1]', '[1]', '[[12,28]]', '[[9,24]]'),
    (1, 2, NULL, 0.625, NULL, '[2]', '[]', '[[29,41]]', '[]'),
    (1, 3, NULL, 0.875, NULL, '[]', '[2]', '[]', '[[25,51]]'),
    (1, 4, 'eb4a5692a6c51182a79173b704516789', 0.96875, 0.875, '[3]', '[3]', '[[42,52]]', '[[52,60]]'),
    (1, 5, '42706d9c71f7fc30c3619a0f659fc8ee', 0.99, 0.9, '[4]', '[4]', '[[53,64]]', '[[61,69]]'),
    (2, 0, '8dfc1e50c4edcacc7e7b1a34072d0f33', 0.8125, 0.7, '[0]', '[1]', '[[0,8]]', '[[9,17]]');

INSERT INTO decisions (unit, status, reviewer, at, reason, tool, source_document, target_document, source_spans, target_spans) VALUES
    ('42706d9c71f7fc30c3619a0f659fc8ee', 'accepted', 'Ada', '2026-11-25T02:30:07.899+00:00', '', 'console', 2, 1, '[[0,11]]', '[[0,8]]'),
    ('f4a90011da3b4817983533898c0b469a', 'rejected', 'Ada', '2026-11-25T02:30:07.906+00:00', 'misaligned', 'console', 2, 1, '[[12,28]]', '[[9,24]]'),
    ('f4a90011da3b4817983533898c0b469a', 'accepted', 'Grace', '2026-11-25T02:30:07.915+00:00', '', 'script', 2, 1, '[[12,28]]', '[[9,24]]'),
    ('eb4a5692a6c51182a79173b704516789', 'flagged', 'Ada', '2026-11-25T02:30:07.922+00:00', '', 'console', 2, 1, '[[42,52]]', '[[52,60]]'),
    ('eb4a5692a6c51182a79173b704516789', 'unreviewed', 'Ada', '2026-11-25T02:30:07.933+00:00', '', 'console', 2, 1, '[[42,52]]', '[[52,60]]');
