"""What can go wrong, each said in one line that tells the reader what to do.

KBError
├── BadQuestion        the question cannot be searched for
├── UnreadableFile     a file holds no transcript that we can read
├── BadMetadata        the metadata table cannot be used
├── UnknownInterview   no interview has that id
├── UnfoundQuote       a quotation does not stand in its source: a defect, never shown
├── ModelMissing       the embedding model is not there, or is not the one it claims to be
├── IndexMismatch      the index was built with another model or other rules
├── StoreUnavailable   the home folder or the vector store cannot be opened or written
│   └── TokenFileGone  a file of token vectors is not where the catalog says
├── BadBackup          a backup is damaged, in the way, or has no empty folder to go to
├── FetchFailed        a public source could not be downloaded
├── BadSetting         a KB_* variable cannot be used
└── LanguageModelFailed  a language model is down, silent, endless or broke off; the answer stands without it
"""

from __future__ import annotations

import logging
from typing import Self


class KBError(Exception):
    """Base of all errors a person is meant to read; its text is one line."""

    def logged(self, log: logging.Logger, error: BaseException, level: int = logging.ERROR) -> Self:
        """This error, with a record of where the one was raised that it is made of.

        The record has this one's words: those of the other may repeat a question, a transcript or a key.
        """
        told = type(self)(*self.args)
        names = type(error).__name__, type(self).__name__
        log.log(level, "%s became %s", *names, exc_info=(type(told), told, error.__traceback__))
        return self


class BadQuestion(KBError):
    """Raised when a question is empty, too long or holds no words."""


class UnreadableFile(KBError):
    """Raised when a file holds no transcript that can be read."""


class BadMetadata(KBError):
    """Raised when the metadata table is missing, broken or names no files."""


class UnknownInterview(KBError):
    """Raised when an interview is asked for that the knowledge base does not hold."""


class UnfoundQuote(KBError):
    """Raised when a quotation is not a slice of the turn it is said to come from."""


class ModelMissing(KBError):
    """Raised when the embedding model cannot be found or fails its checksum."""


class IndexMismatch(KBError):
    """Raised when the stored vectors were made by another model or by other rules."""


class StoreUnavailable(KBError):
    """Raised when the home folder or the vector store cannot be opened or written."""


class TokenFileGone(StoreUnavailable):
    """Raised when token vectors that the catalog lists are not there: lost, or moved since the catalog was read."""


class BadBackup(KBError):
    """Raised when a backup is damaged, is no backup, or when something is in its way."""


class FetchFailed(KBError):
    """Raised when a public source cannot be downloaded."""


class BadSetting(KBError):
    """Raised when a KB_* variable cannot be used."""


class BadLexicon(KBError):
    """Raised when a file of themes cannot be used."""


class LanguageModelFailed(KBError):
    """Raised when a language model is down, silent, endless, or broke off."""
