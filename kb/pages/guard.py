"""The guard of every page: whatever goes wrong on it is one line, and the next rerun tries again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.errors import FragmentHandledException

from kb.errors import KBError
from kb.pages.parts import draw_problem

log = logging.getLogger(__name__)

OUR_FAULT = "Something went wrong here; the log tells more."


@contextmanager
def guard_page() -> Iterator[None]:
    """Draw what is raised inside as one line, and end the page there.

    What Streamlit steers by passes: st.stop, st.rerun and st.switch_page raise no Exception, and a fragment that failed
    is drawn already.
    """
    try:
        yield
    except KBError as error:
        draw_problem(error)
    except FragmentHandledException:
        raise
    except Exception as error:  # noqa: BLE001 - it is logged and drawn
        draw_problem(KBError(OUR_FAULT).logged(log, error))
    else:
        return
    st.stop()  # else the widgets that were not drawn would lose their values
