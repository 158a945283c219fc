CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5(
    text, question, header, content='passages', content_rowid='number', tokenize="{tokenizer}"
);

CREATE TRIGGER IF NOT EXISTS passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words(rowid, text, question, header) VALUES (new.number, new.text, new.question, new.header);
END;

CREATE TRIGGER IF NOT EXISTS passage_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passage_words(passage_words, rowid, text, question, header)
    VALUES ('delete', old.number, old.text, old.question, old.header);
END;
