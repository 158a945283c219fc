"""The catalog in a PostgreSQL database shared by several hosts; full text with tsvector."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    URL,
    Connection,
    Engine,
    ExceptionContext,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
    union_all,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from kb.errors import BadSetting, StoreUnavailable
from kb.settings import TIMEOUT
from kb.storage import schema
from kb.storage.database import Database, FullText, copy_tables, one_line, raise_generation, read_sql
from kb.storage.postgres_words import has_its_words, insert_worded, replace_words, to_query
from kb.storage.schema import TABLES, WORD_WEIGHTS, Text, metadata
from kb.storage.sqlite import SqliteDatabase

EXAMPLE = "postgresql://user:password@host:5432/database"
PAUSE = 0.1  # seconds between two attempts to get the writer's lock
WRITER_LOCK, TABLES_LOCK = 0x6B62, 0x6B63  # advisory locks: for writing, and for creating tables
POOL, MORE = 5, 64  # connections that stay open, and additional ones under load
LOST = "start the server or correct KB_CATALOG_URL, and run it again: what was there is kept"
KEPT = "change that and run it again: what was there is kept"
# Server error codes for a lost connection: shut down, crashed, not ready yet.
GONE = ("57P01", "57P02", "57P03", "57P05", "08")
WORDS = bindparam("words", type_=ARRAY(Text))
WITHIN = "AND p.interview_id = ANY(CAST(:interviews AS TEXT[]))"
HOLDS = "words @@ CAST(:word AS TSQUERY)"
COUNT = f"SELECT count(*) FROM (SELECT 1 FROM passages WHERE {HOLDS} LIMIT :most) AS found"
CONTAINING = f"SELECT text FROM passages WHERE {HOLDS} ORDER BY number LIMIT :limit"
# Earlier versions of this program let the database compute the words, which were not quite SQLite's.
COMPUTED = text(
    "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('passages') AND attname = 'words' AND attgenerated <> ''"
)
SSL_MODES: dict[str, Callable[[], ssl.SSLContext | bool | None]] = {
    "disable": lambda: False,
    "prefer": lambda: None,
    "require": lambda: True,
    "verify-full": ssl.create_default_context,
}


class PostgresDatabase(Database):
    """A PostgreSQL database."""

    remedy = "set KB_CATALOG_URL to an empty database"

    def __init__(self, engine: Engine, location: str) -> None:
        super().__init__(engine)
        self.location = location
        self._totals = (-1, 0, 0.0)  # cached: generation, number of passages, their mean length in words

    @cached_property
    def full_text(self) -> FullText:
        """The full-text statements for tsvector."""
        search = read_sql("postgres_search.sql").replace("{frequency}", _weigh(WORD_WEIGHTS.values()))
        within = text(search.replace("{within}", WITHIN)).bindparams(WORDS, bindparam("interviews", type_=ARRAY(Text)))
        return FullText(text(search.replace("{within}", "")).bindparams(WORDS), within, text(COUNT), text(CONTAINING))

    @classmethod
    def at(cls, url: str, timeout: float = TIMEOUT) -> PostgresDatabase:
        """Connect to the database at an address. Raises BadSetting when the address or the driver cannot be used."""
        try:
            import pg8000  # noqa: F401

            from kb.storage.postgres_connection import connect
        except ImportError:
            raise BadSetting(
                "KB_CATALOG_URL needs a driver for PostgreSQL; run: pip install -c constraints.txt -e '.[postgres]'"
            ) from None
        address, options = parse_address(url)
        engine = create_engine(
            address,
            connect_args={**options, "timeout": timeout},
            pool_size=POOL,
            max_overflow=MORE,
            pool_pre_ping=True,  # replaces connections that the server has closed
        )
        engine.dialect.use_insertmanyvalues_wo_returning = True  # many rows per statement, not one
        event.listen(engine, "do_connect", connect)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "handle_error", _give_up_connection)
        host = options["unix_sock"].rpartition("/")[0] if "unix_sock" in options else address.host
        return cls(engine, f"postgresql://{host}:{address.port}/{address.database}")

    def has_tables(self) -> bool:
        """Whether the catalog exists. Raises StoreUnavailable when the database cannot be used."""
        (encoding,) = self.read(text("SELECT current_setting('server_encoding') AS name"))
        if encoding.name != "UTF8":
            raise StoreUnavailable(
                f"The database {self.location} is in {encoding.name}; make one with ENCODING 'UTF8' and set"
                " KB_CATALOG_URL to that"
            )
        return bool(self.read(text("SELECT 1 FROM pg_class WHERE oid = to_regclass('facts')")))

    def is_empty(self) -> bool:
        """Whether nothing is stored yet."""
        if not self.has_tables():
            return True
        with self._one_line("read"), self.connection() as connection:
            made = set(inspect(connection).get_table_names()) - {"facts"}  # an earlier schema had fewer tables
        stored = (select(text("1")).select_from(table).limit(1).subquery() for table in TABLES if table.name in made)
        return not self.read(union_all(*(select(text("1")).select_from(one) for one in stored)))

    def create_tables(self) -> None:
        """Create all tables in one transaction, unless they exist."""
        if self.has_tables():
            return
        with self.transaction() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(TABLES_LOCK)))
            if inspect(connection).has_table("facts"):  # another host has created them
                return
            metadata.create_all(connection)
            connection.exec_driver_sql(read_sql("postgres_full_text.sql"))

    def lock(self, seconds: float) -> bool:
        """Acquire the writer's lock across all hosts; returns False after `seconds`.

        The lock ends with its connection, so it cannot outlive its host. The holder writes only through that
        connection, so it cannot write after losing the lock.
        """
        locks = getattr(self._local, "locks", 0)
        if locks:
            self._local.locks = locks + 1
            return True
        end = time.monotonic() + seconds
        with self._one_line("read"), ExitStack() as opened:
            connection = opened.enter_context(self._engine.connect())
            while not connection.scalar(select(func.pg_try_advisory_lock(WRITER_LOCK))):
                connection.rollback()
                if time.monotonic() >= end:
                    return False
                time.sleep(PAUSE)
            connection.commit()
            opened.pop_all()  # `unlock` closes it
        self._local.locks, self._local.connection = 1, connection
        return True

    def unlock(self) -> None:
        """Release the writer's lock; if the connection was lost, the server has released it."""
        self._local.locks = locks = getattr(self._local, "locks", 0) - 1
        if locks:
            return
        connection, self._local.connection = self._local.connection, None
        try:
            with suppress(SQLAlchemyError):
                if not connection.invalidated:
                    connection.rollback()
                    connection.execute(select(func.pg_advisory_unlock(WRITER_LOCK)))
                    connection.commit()
                    return
            connection.invalidate()  # else the pool could reuse a connection that holds the lock
        finally:
            connection.close()

    def update_tables(self) -> None:
        """Write the words of all passages anew, in one transaction, if an earlier version of this program made them."""
        if not self.read(COMPUTED):
            return
        with self.transaction() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(TABLES_LOCK)))
            if connection.execute(COMPUTED).all():  # else another host has done it
                connection.exec_driver_sql(read_sql("postgres_update.sql"))
                self._replace_words(connection)

    def insert_passages(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert passages with their words."""
        insert_worded(connection, rows)

    def is_full_text_intact(self) -> bool:
        """Whether the indexed words are those of the passages."""
        with self._one_line("read"), self.connection() as connection:
            return all(has_its_words(connection, one) for one in self._interview_ids())

    def rebuild_full_text(self) -> None:
        """Rebuild the words of all passages and their index."""
        with self.transaction() as connection:
            self._replace_words(connection)
            connection.exec_driver_sql("REINDEX INDEX passages_words")

    def find_damage(self) -> list[str]:
        """Return the error of the first table that the server cannot read; [] if it can read all."""
        self.read(text("SELECT 1"))  # an unreachable server raises here: that is no damage
        try:
            for table in TABLES:
                self.read(text(f"SELECT sum(length(CAST({table.name} AS TEXT))) FROM {table.name}"))
        except StoreUnavailable as error:
            return [str(error)]
        return []

    def size(self) -> int:
        """Return the size on the server's disk, in bytes."""
        return int(self.read(text("SELECT pg_database_size(current_database()) AS bytes"))[0].bytes)

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy to a new SQLite file."""
        with closing(SqliteDatabase(path)) as copy, self.snapshot():
            copy.create_tables()
            with self.connection() as source, copy.transaction() as target:
                copy_tables(source, target, copy)

    def import_from(self, path: Path) -> None:
        """Import a SQLite copy into this empty database and delete the file."""
        self.create_tables()
        self.update_tables()
        with closing(SqliteDatabase(path)) as copy, copy.connection() as source, self.transaction() as target:
            target.execute(delete(schema.facts))
            copy_tables(source, target, self)
            for table in (schema.passages, schema.feedback, schema.asked):
                last = f"(SELECT max(number) FROM {table.name})"
                target.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'number'), {last})")
            target.execute(delete(schema.facts).where(schema.facts.c.key == "home"))  # it is the id of another folder
            raise_generation(target)
        path.unlink()

    def _begin_snapshot(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.exec_driver_sql("SELECT 1")  # the snapshot begins with the first read

    @contextmanager
    def _connect_writer(self) -> Iterator[Connection]:
        """Yield the connection that holds the writer's lock if this thread has one, else a new one."""
        held = self._held
        if held is not None and not held.in_transaction():
            with self.connection() as connection:
                yield connection
            return
        with self._engine.connect() as connection:
            yield connection

    def _explain(self, error: DBAPIError, act: str) -> StoreUnavailable:  # noqa: ARG002
        said = error.orig.args[0] if error.orig and error.orig.args and isinstance(error.orig.args[0], dict) else {}
        told = said.get("M") or _find_cause(error)
        if said and not str(said.get("C")).startswith(GONE):
            return StoreUnavailable(f"The catalog {self.location} cannot be used: {told}; {KEPT}")
        return StoreUnavailable(f"The catalog {self.location} cannot be reached: {told}; {LOST}")

    def _interview_ids(self) -> list[str]:
        return [row.id for row in self.read(select(schema.interviews.c.id).order_by(schema.interviews.c.id))]

    def _replace_words(self, connection: Connection) -> None:
        for one in self._interview_ids():
            replace_words(connection, one)
        raise_generation(connection)

    def _quote(self, word: str, field: str = "") -> str:
        return to_query(word, field)

    def _join(self, words: Sequence[str]) -> list[str]:
        return list(map(to_query, words))

    def _measure_passages(self) -> dict[str, float]:
        """Return the number of passages and their mean length; counted again after a change."""
        (fact,) = self.read(select(schema.facts.c.value).where(schema.facts.c.key == "generation"))
        if self._totals[0] != int(fact.value):
            (row,) = self.read(text("SELECT count(*) AS number, CAST(avg(length) AS FLOAT8) AS mean FROM passages"))
            self._totals = (int(fact.value), row.number, row.mean or 1.0)
        return {"passages": self._totals[1], "mean": self._totals[2]}


def parse_address(url: str) -> tuple[URL, dict[str, Any]]:
    """Parse an address into URL and driver options. Raises BadSetting, without the password, when it is wrong."""
    try:
        given = make_url(url)
    except (ArgumentError, ValueError):
        raise BadSetting(f"KB_CATALOG_URL is no address; set it to one such as {EXAMPLE}") from None
    more = dict(given.query)
    host, mode = str(more.pop("host", given.host or "")), str(more.pop("sslmode", "prefer"))
    if given.drivername not in ("postgresql", "postgres") or more or mode not in SSL_MODES or not host:
        raise BadSetting(
            f"KB_CATALOG_URL must look like {EXAMPLE}, with nothing behind it but sslmode={'|'.join(SSL_MODES)}"
            " or host=FOLDER of a Unix socket"
        )
    if not given.username or not given.database:
        missing = "database" if given.username else "user"
        raise BadSetting(f"KB_CATALOG_URL names no {missing}; it must look like {EXAMPLE}")
    port = 5432 if given.port is None else given.port
    if not 0 < port < 65536:
        raise BadSetting(f"KB_CATALOG_URL names the port {port}, and ports go from 1 to 65535; it is often 5432")
    options: dict[str, Any] = {"timeout": TIMEOUT, "application_name": "fusion-kb", "ssl_context": False}
    if host.startswith("/"):
        options["unix_sock"] = f"{host}/.s.PGSQL.{port}"
    else:
        options["ssl_context"] = SSL_MODES[mode]()
    return given.set(drivername="postgresql+pg8000", host=host.strip("/"), port=port, query={}), options


def _prepare(connection: Any, _: object) -> None:
    """Disable JIT, which costs more than these queries, and sequential scans: limited searches must use the index."""
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    cursor.execute("SET enable_seqscan = off")
    cursor.close()
    connection.commit()


def _give_up_connection(failed: ExceptionContext) -> None:
    """Discard the connection after an error that is not the database's: an answer may be left unread in it."""
    if failed.sqlalchemy_exception is None:
        failed.is_disconnect, failed.invalidate_pool_on_disconnect = True, False


def _weigh(weights: Iterable[float]) -> str:
    """Build the weighted frequency of a word in a passage, with its positions labelled A, B and C in this order."""
    lesser = (*weights, 0.0)
    counts = (("{0,0,0,1}", 0), ("{0,0,1,1}", 1), ("{0,1,1,1}", 2))
    parts = [f"{lesser[at] - lesser[at + 1]} * kb_count('{places}', words, word)" for places, at in counts]
    return " + ".join(parts)


def _find_cause(error: DBAPIError) -> str:
    """Return the cause of a driver error: it says more than the error itself."""
    cause = error.orig.__cause__ if error.orig else None
    return one_line(cause if isinstance(cause, OSError) else error)
