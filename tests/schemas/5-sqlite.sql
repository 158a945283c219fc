CREATE TABLE facts (
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY ("key")
)
 WITHOUT ROWID;

CREATE TABLE interviews (
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    ingest_key TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    host TEXT,
    show TEXT,
    url TEXT,
    media_url TEXT,
    licence TEXT,
    date DATE,
    year INTEGER,
    year_is_approximate BOOLEAN NOT NULL,
    sample BOOLEAN NOT NULL,
    words INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (path)
);

CREATE TABLE feedback (
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    question TEXT NOT NULL,
    is_helpful BOOLEAN NOT NULL,
    hits JSON NOT NULL,
    quotations JSON NOT NULL,
    PRIMARY KEY (number)
);

CREATE TABLE asked (
    number INTEGER NOT NULL,
    session TEXT NOT NULL,
    question TEXT NOT NULL,
    PRIMARY KEY (number)
);

CREATE INDEX ix_asked_session ON asked (session);

CREATE TABLE pending (
    interview_id TEXT NOT NULL,
    PRIMARY KEY (interview_id)
)
 WITHOUT ROWID;

CREATE TABLE leaders (
    interview_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    company TEXT,
    sector TEXT,
    qualifies TEXT,
    evidence TEXT,
    PRIMARY KEY (interview_id, position),
    FOREIGN KEY(interview_id) REFERENCES interviews (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE turns (
    interview_id TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    speaker TEXT,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    confidence TEXT NOT NULL,
    start DOUBLE,
    page INTEGER,
    marks JSON NOT NULL,
    PRIMARY KEY (interview_id, "index"),
    FOREIGN KEY(interview_id) REFERENCES interviews (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE passages (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    interview_id TEXT NOT NULL,
    parts JSON NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    question TEXT NOT NULL,
    header TEXT NOT NULL,
    start DOUBLE,
    start_is_exact BOOLEAN NOT NULL,
    page INTEGER,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(interview_id) REFERENCES interviews (id) ON DELETE CASCADE
);

CREATE INDEX ix_passages_interview_id ON passages (interview_id);

CREATE TABLE token_files (
    interview_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sentences BLOB NOT NULL,
    passages BLOB NOT NULL,
    pieces BLOB NOT NULL,
    frequency BLOB NOT NULL,
    PRIMARY KEY (interview_id),
    FOREIGN KEY(interview_id) REFERENCES interviews (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE stored_texts (
    interview_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    passage_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    pieces BLOB NOT NULL,
    PRIMARY KEY (interview_id, place),
    FOREIGN KEY(interview_id) REFERENCES token_files (interview_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX stored_texts_by_hash ON stored_texts (hash);

CREATE VIRTUAL TABLE passage_words USING fts5(
    text, question, header, content='passages', content_rowid='number', tokenize="porter unicode61 remove_diacritics 2"
);

CREATE TRIGGER passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words(rowid, text, question, header) VALUES (new.number, new.text, new.question, new.header);
END;

CREATE TRIGGER passage_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passage_words(passage_words, rowid, text, question, header)
    VALUES ('delete', old.number, old.text, old.question, old.header);
END;

CREATE TABLE collections (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE pins (
    id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    interview_id TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    sample BOOLEAN NOT NULL,
    turn INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    quote TEXT NOT NULL,
    speaker TEXT,
    note TEXT NOT NULL,
    tags JSON NOT NULL,
    added TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(collection_id) REFERENCES collections (id) ON DELETE CASCADE
);

CREATE INDEX ix_pins_collection_id ON pins (collection_id);
