"""The picture frame: names the pages by path, draws what is round them, and runs the one asked for."""

import logging

import streamlit as st

from kb.pages.guard import guard_page
from kb.pages.memory import collect_garbage
from kb.pages.menu import Menu

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")

PAGES = [
    st.Page("kb/pages/ask.py", title="Ask", url_path="ask", default=True),
    st.Page("kb/pages/compare.py", title="Compare", url_path="compare"),
    st.Page("kb/pages/lens.py", title="Lens", url_path="lens"),
    st.Page("kb/pages/quotes.py", title="Quotes", url_path="quotes"),
    st.Page("kb/pages/collections.py", title="Collections", url_path="collections"),
    st.Page("kb/pages/browse.py", title="Browse", url_path="browse"),
    st.Page("ingest/upload/page.py", title="Add interviews", url_path="add"),
    st.Page("kb/pages/interview.py", title="Interview", url_path="interview", visibility="hidden"),
    st.Page("kb/pages/workshop.py", title="Workshop", url_path="workshop", visibility="hidden"),
    st.Page("kb/pages/leader.py", title="Leader", url_path="leader", visibility="hidden"),
]

page = st.navigation(PAGES, position="hidden")
st.set_page_config(page_title=f"{page.title} · Fusion", page_icon="💬", layout="centered")
menu = Menu(PAGES, page)
menu.draw()
try:
    with guard_page():
        page.run()
finally:
    menu.draw()  # by now the address may hold another question
    collect_garbage()
