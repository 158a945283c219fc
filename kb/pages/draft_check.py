"""Check a draft: its quotations with their verdicts, the report as a file, the draft with the true words in it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from html import escape
from pathlib import PurePath

import streamlit as st

from kb.exports.draft_report import REPORT_KINDS, export_report, name_report
from kb.knowledge_base import KnowledgeBase
from kb.pages.copying import draw_copy
from kb.pages.parts import count_of, draw_notice
from kb.pages.quote_cards import draw_checked
from kb.quotes.desk import CheckedDraft
from kb.quotes.draft_file import LIMIT, read_draft_bytes
from kb.quotes.draft_fix import fix_draft
from kb.quotes.judgement import MEANING

NO_QUOTATION = "There is no quotation of three words or more in the draft. Put quotations in quotation marks."
PASTED = "draft.md"  # the name of a draft that was pasted
WORD_FILE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def draw_check(knowledge_base: KnowledgeBase) -> None:
    """The field for a draft, and what was found of its quotations. Raises UnreadableFile, StoreUnavailable."""
    st.html(
        "<p class='meta'>Paste an article or upload it: each quotation is compared with every word of every "
        "transcript. The draft is not kept.</p>"
    )
    with st.form("check", border=False):
        pasted = st.text_area("Draft", height=200, max_chars=LIMIT // 20, placeholder="Paste the article")
        file = st.file_uploader(
            "Or a file",
            type=["docx", "pdf", "md", "txt"],
            max_upload_size=LIMIT // 1024**2,
            help="Word, PDF, Markdown or text",
        )
        is_sent = st.form_submit_button("Check", type="primary")
    if not is_sent:
        return
    data, name = (file.getvalue(), file.name) if file else (pasted.encode(), PASTED)
    with st.spinner("Comparing"):
        draft = knowledge_base.quotes.check_draft(read_draft_bytes(data, name))
    if not draft.quotations:
        draw_notice(NO_QUOTATION, "empty")
        return
    _draw_counts(draft)
    _draw_report(draft, name)
    st.html("".join(map(draw_checked, draft.quotations)))
    _draw_fixed(draft, data, name)


def _draw_counts(draft: CheckedDraft) -> None:
    counts = Counter(one.judgement.verdict for one in draft.quotations)
    told = "; ".join(f"{counts[verdict]} {meaning.lower()}" for verdict, meaning in MEANING.items() if counts[verdict])
    st.html(f'<p role="status"><b>{count_of(len(draft.quotations), "quotation")}</b>: {escape(told)}</p>')


def _draw_report(draft: CheckedDraft, name: str) -> None:
    """Buttons that download the report; each file is written when its button is pressed, and the page stays."""
    with st.container(horizontal=True, gap="small", key="report"):
        for to, kind in REPORT_KINDS.items():
            st.download_button(
                "Report in Word, with comments" if to == "docx" else f"Report in {kind.name}",
                partial(export_report, draft, name, to),
                name_report(name, to),
                kind.mime,
                key=f"report-{to}",
                on_click="ignore",
            )


def _draw_fixed(draft: CheckedDraft, data: bytes, name: str) -> None:
    """The draft with the true words of light edits in it, to copy or to download."""
    fixed = fix_draft(draft, data, name, ".md")
    if not fixed.replaced:
        return
    text = fixed.data.decode()
    with st.expander("Take over the true words"):
        left = f" {count_of(len(fixed.left), 'quotation')} that other words do not mend stay as they are."
        told = f"{count_of(len(fixed.replaced), 'quotation')} changed, as the transcripts write the words."
        st.html(f'<p class="meta">{told}{left if fixed.left else ""}</p>')
        st.html(f'{draw_copy("Copy the draft", "with the true words", text)}<pre class="fixed">{escape(text)}</pre>')
        with st.container(horizontal=True, gap="small"):
            stem = PurePath(name).stem or "draft"
            for label, suffix, mime in (("Markdown", ".md", "text/markdown"), ("text", ".txt", "text/plain")):
                st.download_button(
                    f"Draft as {label}", text, f"{stem}-true{suffix}", mime, key=f"fixed{suffix}", on_click="ignore"
                )
            if data[:4] == b"PK\x03\x04":
                st.download_button(
                    "Draft as Word",
                    lambda: fix_draft(draft, data, name, ".docx").data,
                    f"{stem}-true.docx",
                    WORD_FILE,
                    key="fixed.docx",
                    on_click="ignore",
                )
