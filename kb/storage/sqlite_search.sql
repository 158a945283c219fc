-- Ranked before they are joined: a common word stands in many passages, and few of them are wanted.
SELECT p.id, found.score FROM (
    SELECT rowid AS number, -bm25(passage_words, {weights}) AS score FROM passage_words WHERE passage_words MATCH :words {within}
    ORDER BY score DESC, rowid LIMIT :limit
) AS found JOIN passages p ON p.number = found.number ORDER BY found.score DESC, p.number
