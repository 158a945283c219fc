-- BM25 as FTS5 computes it. Of a word with an apostrophe, which is two lexemes in a row, one occurrence is counted.
WITH asked AS MATERIALIZED (
    SELECT CAST(one AS TSQUERY) AS word FROM unnest(CAST(:words AS TEXT[])) AS one
), terms AS MATERIALIZED (
    SELECT word, (SELECT count(*) FROM passages WHERE words @@ word) AS holders FROM asked WHERE numnode(word) > 0
), found AS MATERIALIZED (
    SELECT p.id, p.number, p.length,
        greatest(ln((CAST(:passages AS DOUBLE PRECISION) - holders + 0.5) / (holders + 0.5)), 0.000001) AS rarity,
        CASE WHEN numnode(word) > 1 THEN 1 ELSE {frequency} END AS frequency
    FROM terms JOIN passages p ON p.words @@ word {within}
)
SELECT id,
    sum(rarity * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / CAST(:mean AS FLOAT8)))) AS score
FROM found GROUP BY id, number ORDER BY score DESC, number LIMIT :limit
