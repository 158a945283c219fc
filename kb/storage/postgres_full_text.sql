-- How often a word stands at the places that weigh 1: ts_rank gives the sum of 1/j^2 over them, by its own greatest.
CREATE FUNCTION kb_count(weights REAL[], words TSVECTOR, word TSQUERY) RETURNS DOUBLE PRECISION
    LANGUAGE SQL IMMUTABLE AS $$
    SELECT round(1 / (1.64493406685 * greatest(1 - ts_rank(weights, words, word), 0.001)) - 0.5)
$$;
-- The words are written with each passage, cut and stemmed by SQLite's own tokenizer: both engines find the same.
ALTER TABLE passages ADD words TSVECTOR NOT NULL, ADD length INTEGER NOT NULL;
ALTER TABLE passages ALTER words SET STORAGE EXTERNAL, ALTER text SET STORAGE EXTERNAL;
ALTER TABLE passages SET (toast_tuple_target = 8160);
CREATE INDEX passages_words ON passages USING gin (words) WITH (fastupdate = off);
