"""Errors. The message of each is one line that says what to do.

KBError
├── BadQuestion        a question, a comparison or a file of questions cannot be used
├── UnreadableFile     a file has no transcript that can be read
├── BadMetadata        the metadata table, or a fact that a person writes, cannot be used
├── UnknownInterview   no interview has this id
├── UnfoundQuote       a quotation is not in its source: a bug, never shown
├── ModelMissing       a model is not installed, cannot be loaded or fails its checksum
├── IndexMismatch      the stored data was made with another model or schema
├── StoreUnavailable   the home folder, the catalog or the vector store cannot be used
│   └── TokenFileGone  a token file that the catalog lists is missing or incomplete
├── BadCollection      a collection or a pin is not there, its name or note cannot be used, or it cannot be exported
├── BadReport          a report on a draft, or a corrected draft, cannot be written
├── BadPack            a workshop pack cannot be made, or its file cannot be written
├── BadPicture         a picture cannot be drawn, or its file cannot be written
├── BadTag             what a person says that words show cannot be kept
├── BadBackup          a backup is damaged, would overwrite a file, or its target is not empty
├── FetchFailed        a public source or a link could not be downloaded
├── BadSetting         a KB_* variable cannot be used
├── BadLexicon         a theme file cannot be used
├── BadFramework       a file of leadership behaviours cannot be used
└── LanguageModelFailed  a language model is down, silent or endless, or broke off; the answer works without it
"""

from __future__ import annotations

import logging
from typing import Self


class KBError(Exception):
    """Base of all errors that are shown to a person; the message is one line."""

    def logged(self, log: logging.Logger, error: BaseException, level: int = logging.ERROR) -> Self:
        """Log the traceback of the original error and return this one, to be raised.

        The record has the message of this error: that of the original may contain a question, a transcript or a key.
        """
        told = type(self)(*self.args)
        names = type(error).__name__, type(self).__name__
        log.log(level, "%s became %s", *names, exc_info=(type(told), told, error.__traceback__))
        return self


class BadQuestion(KBError):
    """Raised when a question is empty, too long or has no words, or a comparison or question file cannot be used."""


class UnreadableFile(KBError):
    """Raised when a file has no transcript that can be read."""


class BadMetadata(KBError):
    """Raised when the metadata table is missing, broken or names no files, or a fact that is written cannot be used."""


class UnknownInterview(KBError):
    """Raised when the knowledge base has no interview with the requested id."""


class UnfoundQuote(KBError):
    """Raised when a quotation is not a slice of the turn that it cites."""


class ModelMissing(KBError):
    """Raised when a model is not installed, cannot be loaded or fails its checksum."""


class IndexMismatch(KBError):
    """Raised when the stored data was made with another model or schema."""


class StoreUnavailable(KBError):
    """Raised when the home folder, the catalog or the vector store cannot be used."""


class TokenFileGone(StoreUnavailable):
    """Raised when a token file that the catalog lists is missing or incomplete: lost, or replaced meanwhile."""


class BadCollection(KBError):
    """Raised when a collection or a pin is not there, its name or note cannot be used, or it cannot be exported."""


class BadReport(KBError):
    """Raised when a report on a draft, or a corrected draft, cannot be written."""


class BadPack(KBError):
    """Raised when a workshop pack has nothing to quote or cannot be planned, or its file cannot be written."""


class BadPicture(KBError):
    """Raised when a picture cannot be drawn, or its file cannot be written."""


class BadTag(KBError):
    """Raised when what a person says that words show has no name, no label or no words."""


class BadBackup(KBError):
    """Raised when a backup is damaged, would overwrite a file, or its target is not empty."""


class FetchFailed(KBError):
    """Raised when a public source or a link cannot be downloaded, or may not be."""


class BadSetting(KBError):
    """Raised when a KB_* variable cannot be used."""


class BadLexicon(KBError):
    """Raised when a theme file cannot be used."""


class BadFramework(KBError):
    """Raised when a file of leadership behaviours cannot be used."""


class LanguageModelFailed(KBError):
    """Raised when a language model is down, silent or endless, or broke off."""
