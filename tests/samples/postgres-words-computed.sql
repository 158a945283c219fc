-- Words as SQLite's `porter unicode61 remove_diacritics 2` has them: any letters and digits between anything else,
-- without accents, stemmed by Porter's rules, none left out; so both engines find and weigh the same.
CREATE TEXT SEARCH DICTIONARY kb_porter (TEMPLATE = snowball, LANGUAGE = porter);
CREATE TEXT SEARCH CONFIGURATION kb_words (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION kb_words ADD MAPPING FOR
    asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart,
    int, uint, float, sfloat, version WITH kb_porter;
CREATE FUNCTION kb_plain(written TEXT) RETURNS TEXT LANGUAGE SQL IMMUTABLE AS $$
    SELECT lower(regexp_replace(
        regexp_replace(normalize(written, NFKD), '[\u0300-\u036f]+', '', 'g'),
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u2190-\u2bff\u3000-\u303f]+', ' ', 'g'))
$$;
CREATE FUNCTION kb_vector(written TEXT, asked TEXT, headed TEXT) RETURNS TSVECTOR LANGUAGE SQL IMMUTABLE AS $$
    SELECT setweight(to_tsvector('kb_words', kb_plain(written)), 'A')
        || setweight(to_tsvector('kb_words', kb_plain(asked)), 'B')
        || setweight(to_tsvector('kb_words', kb_plain(headed)), 'C')
$$;
CREATE FUNCTION kb_length(written TEXT, asked TEXT, headed TEXT) RETURNS INTEGER LANGUAGE SQL IMMUTABLE AS $$
    SELECT cardinality(string_to_array(btrim(kb_plain(written || ' ' || asked || ' ' || headed)), ' '))
$$;
-- How often a word stands at the places that weigh 1: ts_rank gives the sum of 1/j^2 over them, by its own greatest.
CREATE FUNCTION kb_count(weights REAL[], words TSVECTOR, word TSQUERY) RETURNS DOUBLE PRECISION
    LANGUAGE SQL IMMUTABLE AS $$
    SELECT round(1 / (1.64493406685 * greatest(1 - ts_rank(weights, words, word), 0.001)) - 0.5)
$$;
ALTER TABLE passages ADD words TSVECTOR GENERATED ALWAYS AS (kb_vector(text, question, header)) STORED,
    ADD length INTEGER GENERATED ALWAYS AS (kb_length(text, question, header)) STORED;
ALTER TABLE passages ALTER words SET STORAGE EXTERNAL, ALTER text SET STORAGE EXTERNAL;
ALTER TABLE passages SET (toast_tuple_target = 8160);
CREATE INDEX passages_words ON passages USING gin (words) WITH (fastupdate = off);
