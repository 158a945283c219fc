"""Keep a page's widgets and the address bar in step, so that a view can be shared and gone back to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

SEEN = "address.seen"  # the address with which the widgets were last brought in step
HELD = "address.held"  # what the widgets held then

Values = dict[str, list[str]]


class AddressBar:
    """The widgets of a page that the address stands for, by their keys.

    `texts` gives each widget of one value its default, which the address leaves out; `lists` gives each
    widget of several values what it offers; None stands for whatever is given.
    """

    def __init__(self, texts: Mapping[str, str], lists: Mapping[str, Collection[str] | None]) -> None:
        self._texts = texts
        self._lists = lists

    def follow(self) -> list[str]:
        """Set the widgets, where the address was opened or changed from outside; the values that none offers."""
        address = self._read_address()
        is_new = st.session_state.get(SEEN) != address
        held: Values = address if is_new else st.session_state[HELD]
        for name, default in self._texts.items():
            if is_new or name not in st.session_state:  # a widget that was not drawn loses what it held
                st.session_state[name] = (held.get(name) or [default])[0]
        for name, offered in self._lists.items():
            wanted = address[name] if is_new else st.session_state.get(name, held.get(name, []))
            # What is offered can be chosen once.
            chosen = wanted if offered is None else [value for value in dict.fromkeys(wanted) if value in offered]
            st.session_state[name] = list(chosen)
        if is_new:
            st.session_state[SEEN] = address
            st.session_state[HELD] = self._read_widgets()
        closed = [(name, offered) for name, offered in self._lists.items() if offered is not None]
        return [value for name, offered in closed for value in address[name] if value not in offered]

    def write(self) -> None:
        """Put into the address what the widgets hold, where they were changed; one step back undoes it."""
        held = self._read_widgets()
        if held == st.session_state[HELD]:
            return
        st.query_params.from_dict(held)
        st.session_state[SEEN] = self._read_address()
        st.session_state[HELD] = held

    def _read_address(self) -> Values:
        return {name: st.query_params.get_all(name) for name in (*self._texts, *self._lists)}

    def _read_widgets(self) -> Values:
        texts = {name: [st.session_state[name]] for name in self._texts if st.session_state[name] != self._texts[name]}
        return texts | {name: list(st.session_state[name]) for name in self._lists if st.session_state[name]}
