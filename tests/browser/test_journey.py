"""A person's way through the app, in a real browser on a real server, over the sample interviews."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from looks import faint_text, small_targets, sticking_out, wait_until_still
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import ROOT, open_browser, serve, watch

from ingest.pipeline import Options, ingest_paths
from kb.embedding.protocol import Embedder
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

pytestmark = pytest.mark.slow

QUESTION = "How do leaders ignite shared passion?"
COMPARED = "/compare?q=What+drives+people+away%3F&of=Eve+Mallory&of=Dmitri+Vasko"
KEEPERS = "Why did the keepers leave the lighthouse?"
HOSTILE = """Nora Bell: What did the lighthouse keepers of Skerry Point teach you about leading people?

Eve Mallory: The lighthouse keepers taught me <script>window.pwned = 1</script> that nobody leads a lighthouse alone. \
<iframe srcdoc="<script>parent.pwned = 2</script>"></iframe> They painted it together every summer, \
<style>body { display: none }</style> and ![beacon](http://203.0.113.1/x.png) they argued :red[about the colour] \
**for weeks** and $x^2$ -- then agreed. <img src="http://203.0.113.1/y.png" onerror="window.pwned = 3"> That :smile: \
was the whole lesson of the lighthouse -> and its keepers.

Nora Bell: And what drove keepers away from the lighthouse?

Eve Mallory: Lighthouse keepers left when the harbour office stopped answering their letters, and \
<a href="javascript:window.pwned = 4" onclick="window.pwned = 5">who would blame them</a>? I went there every month \
afterwards, I read each letter aloud, and nobody has left the lighthouse since.
"""
HOSTILE_FACTS = """file,title,leader,role,company,sector
hostile.txt,"<script>window.pwned = 6</script> Lights :red[on]",Eve Mallory,"<img src=x onerror=""window.pwned = 7"">",\
**Skerry** $a$ Trust,"<iframe srcdoc=""<script>parent.pwned = 8</script>""></iframe> -> sea"
"""
BAKERY = """---
title: Bread before dawn
leader: Ottilie Kranz
role: founder
company: Kranz Ovens
host: Tom Verity
date: 2022-02-11
media_url: https://example.org/bread.mp3
---

**Tom Verity:** How do you keep night bakers from leaving for a job with daylight in it?

**Ottilie Kranz:** [00:31] Night bakers stay when the bread carries their name. Every loaf in our shops has the \
baker's initials pressed into the crust, and customers ask for them by letter. Nobody who is asked for by name leaves \
for daylight.

**Tom Verity:** And when a batch fails?

**Ottilie Kranz:** [01:15] Then I come in at two in the morning and we find out together, with flour on all of our \
hands. I have never learned anything about an oven from a report.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("app")
    (folder / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    (folder / "facts.csv").write_text(HOSTILE_FACTS, encoding="utf-8")
    knowledge_base = KnowledgeBase.open(Settings(home=folder / "home"))
    ingest_paths([ROOT / "corpus"], knowledge_base)
    ingest_paths([folder / "hostile.txt"], knowledge_base, Options(metadata=folder / "facts.csv"))
    knowledge_base.close()
    return folder / "home"


@pytest.fixture(scope="module")
def outbound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "outbound"


@pytest.fixture(scope="module")
def app(home: Path, outbound: Path) -> Iterator[str]:
    with serve(home, outbound) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, open_browser(playwright) as opened:
        yield opened


@pytest.fixture
def page(app: str, browser: Browser) -> Iterator[Page]:
    with browser.new_context(base_url=app, permissions=["clipboard-read", "clipboard-write"]) as context:
        context.set_default_timeout(20_000)
        with watch(context.new_page()) as opened:
            yield opened


@pytest.fixture(params=["light", "dark"])
def phone(app: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser.new_context(
        base_url=app,
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        color_scheme=request.param,
    ) as context:
        context.set_default_timeout(20_000)
        with watch(context.new_page()) as opened:
            yield opened
            is_dark = opened.evaluate("getComputedStyle(document.querySelector('.stApp')).colorScheme") == "dark"
            assert is_dark == (request.param == "dark")


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def wait_for_answer(page: Page) -> None:
    expect(page.locator(".coverage")).to_be_visible(timeout=60_000)  # the first answer waits for the model


def test_from_an_example_to_the_cited_words_in_their_interview_and_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=QUESTION).click()
    wait_for_answer(page)
    assert "q=How" in page.url
    assert page.locator(".group .said").count() >= 3
    expect(page.locator(".coverage")).to_contain_text(
        re.compile(r"(?:Three|Four|Five|Six|Seven) leaders, 20\d\d to 20\d\d")
    )

    page.locator(".group a.number").last.click()
    number = page.locator(".group a.number").last.inner_text()
    card = page.locator(".card", has=page.locator(f"#passage-{number}"))
    expect(card.locator(f"#passage-{number}")).to_be_in_viewport()

    card.get_by_text("What came before and after").click()
    expect(card.locator("details .turn").first).to_be_visible()
    expect(card.locator(".badge", has_text="sample")).to_be_visible()

    card.locator(f"#passage-{number}").click()
    expect(page.locator(f"#said-{number}")).to_be_in_viewport()

    marked = card.locator("mark").first.inner_text()
    card.get_by_role("link", name="Open in interview").click()
    expect(page.locator(".turn.cited mark")).to_have_text(marked)
    expect(page.locator(".turn.cited mark")).to_be_in_viewport()
    assert page.locator(".turn").count() > 10
    expect(page).to_have_title(f"{page.locator('h1').inner_text()} · Fusion")
    assert page.evaluate("document.activeElement.matches('.turn.cited')")

    page.go_back()
    wait_for_answer(page)
    expect(page.get_by_label("Question")).to_have_value(QUESTION)


def test_a_passage_is_copied_with_its_attribution(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    card = page.locator(".card").first
    card.get_by_role("button", name="Copy with attribution").click()
    expect(card.locator(".copy")).to_have_text("Copied")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        f"“{card.locator('mark').first.inner_text()}” — {card.locator('header b').first.inner_text()}, "
    )
    assert "[invented sample interview]" in copied

    page.locator(".copy").nth(1).click()
    expect(page.locator(".copy").nth(1)).to_have_text("Copied")
    expect(card.locator(".copy")).to_have_text("Copy with attribution")


def test_a_passage_is_copied_where_the_browser_keeps_its_clipboard_from_the_page(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"/?q={QUESTION}")
    card = page.locator(".card").first
    card.get_by_role("button", name="Copy with attribution").click()
    expect(card.locator(".copy")).to_have_text("Copied")
    page.get_by_label("Question").press("ControlOrMeta+A")
    page.get_by_label("Question").press("ControlOrMeta+V")
    expect(page.get_by_label("Question")).to_have_value(re.compile(f"^“{card.locator('mark').first.inner_text()}”"))


def test_the_keyboard_asks_and_reaches_a_citation(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Question").focus()
    page.keyboard.type("What drives good people away?")
    page.keyboard.press("Enter")
    wait_for_answer(page)
    expect(page).to_have_title("What drives good people away? · Fusion")
    page.locator(".group a.number").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#passage-1")).to_be_in_viewport()
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('.card'))")


def test_the_banner_says_how_to_add_real_interviews(page: Page) -> None:
    page.goto("/")
    page.get_by_text("interviews here are invented samples").click()
    expect(page.locator(".banner").get_by_text("kb-ingest fetch founders-talk")).to_be_visible()
    page.locator(".banner").get_by_role("link", name="Add interviews").click()
    expect(page.get_by_role("heading", name="Add interviews")).to_be_visible()


def test_a_filter_limits_the_answer_and_can_be_shared_and_gone_back_from(page: Page) -> None:
    page.goto("/?q=What+drives+good+people+away%3F")
    wait_for_answer(page)
    page.get_by_role("button", name="Leader").click()
    page.get_by_role("combobox", name="Leader").fill("Vasko")
    page.get_by_role("option", name="Dmitri Vasko (1)").click()
    expect(page.get_by_text("Only Dmitri Vasko")).to_be_visible()
    expect(page).to_have_url(re.compile(r"leader=Dmitri\+Vasko"))
    names = page.locator(".card > header b")
    expect(names.filter(has_not_text="Dmitri Vasko")).to_have_count(0)
    expect(names.first).to_have_text("Dmitri Vasko")
    page.reload()
    expect(page.get_by_text("Only Dmitri Vasko")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Only Dmitri Vasko")).to_have_count(0)
    expect(page.get_by_label("Question")).to_have_value("What drives good people away?")


def test_a_theme_is_browsed_and_asked_about(page: Page) -> None:
    page.goto("/browse?view=Themes&find=letting+go")
    entry = page.locator(".entry.theme").first
    expect(entry.locator("h2")).to_contain_text("Letting go", ignore_case=True, timeout=60_000)
    asked = entry.get_by_role("link").first
    question = asked.inner_text()
    asked.click()
    wait_for_answer(page)
    expect(page.get_by_label("Question")).to_have_value(question)


def test_going_back_returns_to_the_question_before(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    ask(page, "What drives good people away?")
    expect(page).to_have_url(re.compile("What.drives"))
    page.go_back()
    expect(page.get_by_label("Question")).to_have_value(QUESTION)


def test_a_follow_up_leans_on_the_question_before_and_is_in_the_address(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    page.get_by_label("Follow up").fill("And what about layoffs?")
    page.get_by_label("Follow up").press("Enter")
    meant = page.locator(".understood")
    expect(meant).to_contain_text("Understood as: What do leaders say about layoffs?")
    expect(page.get_by_label("Question")).to_have_value("And what about layoffs?")
    expect(page).to_have_url(re.compile(r"after=How"))
    page.reload()
    expect(meant).to_contain_text("Understood as: What do leaders say about layoffs?", timeout=60_000)
    page.locator(".thread a").first.click()
    wait_for_answer(page)
    expect(page.get_by_label("Question")).to_have_value(QUESTION)
    expect(meant).to_have_count(0)


def test_a_new_question_leaves_the_conversation(page: Page) -> None:
    page.goto(f"/?q=And+layoffs%3F&after={QUESTION}")
    expect(page.locator(".understood")).to_be_visible(timeout=60_000)
    ask(page, "What drives good people away?")
    expect(page.locator(".thread")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("after="))


def test_a_number_shows_its_passage_to_a_pointer_and_to_the_keyboard(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    figure = page.locator(".group figure").first
    peek = figure.locator(".peek")
    expect(peek).to_be_hidden()
    figure.locator("a.number").hover()
    expect(peek).to_be_visible()
    assert peek.locator("mark").inner_text() in page.locator(".card blockquote").all_inner_texts()[0]
    page.mouse.move(0, 0)
    expect(peek).to_be_hidden()
    page.get_by_role("button", name="Clear filters").or_(page.get_by_label("Question")).first.focus()
    page.keyboard.press("Tab")
    figure.locator("a.number").focus()
    expect(peek).to_be_visible()


def test_leaders_are_compared_side_by_side_and_the_address_holds_it(page: Page) -> None:
    page.goto(f"/compare?q={QUESTION}&by=leader&of=Eve+Mallory")
    expect(page.get_by_text("Choose two to four, and ask.")).to_be_visible()
    page.get_by_role("combobox", name="Leaders").fill("Vasko")
    page.get_by_role("option", name="Dmitri Vasko").click()
    columns = page.locator(".compare .column")
    expect(columns).to_have_count(2, timeout=60_000)
    expect(page).to_have_url(re.compile("of=Dmitri.Vasko"))
    page.reload()
    expect(columns).to_have_count(2, timeout=60_000)
    page.goto("/compare?q=What+drives+good+people+away%3F&by=year&of=2019&of=1066")
    expect(page.get_by_text("it is left out")).to_be_visible()


def test_a_file_is_added_and_asked_about(page: Page, home: Path, tmp_path: Path) -> None:
    bakery = tmp_path / "bakery.md"
    bakery.write_text(BAKERY, encoding="utf-8")
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"%PDF-1.4 not really\x00\x01")
    page.goto("/add")
    page.locator("input[type=file]").first.set_input_files([bakery, junk])
    expect(page.get_by_role("row", name="Ottilie Kranz leader")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("junk.pdf")
    page.get_by_role("button", name="Add 1 of 2").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row", name="bakery.md added")).to_be_visible()
    assert (home / "uploads" / "bakery.md").read_text(encoding="utf-8") == BAKERY

    page.get_by_role("link", name="Ask about them").click()
    ask(page, "Why do night bakers stay?")
    wait_for_answer(page)
    said = page.locator(".group .said", has_text="Night bakers stay when the bread carries their name.")
    expect(said).to_be_visible()
    recording = page.locator(".card", has_text="Ottilie Kranz").first.get_by_role("link", name="Recording at 0:31")
    expect(recording).to_have_attribute("href", "https://example.org/bread.mp3#t=31")
    expect(recording).to_have_attribute("target", "_blank")


def test_names_and_roles_are_put_right_before_anything_is_stored(page: Page, home: Path, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.md"
    talk = BAKERY.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Ottilie Kranz", "SPEAKER_01")
    labelled.write_text(talk, encoding="utf-8")
    page.goto("/add")
    page.locator("input[type=file]").first.set_input_files([labelled])
    expect(page.get_by_text("Note: no leader is known")).to_be_visible()
    page.get_by_text("Correct names and roles").click()
    name = page.get_by_label("Name of SPEAKER_01")
    name.fill("Ottilie Kranz")
    name.press("Enter")
    expect(page.get_by_role("row", name="Ottilie Kranz leader")).to_be_visible()
    page.get_by_role("radiogroup", name="Role of SPEAKER_00").get_by_text("host").click()
    expect(page.get_by_role("row", name="SPEAKER_00 host")).to_be_visible()
    expect(page.get_by_text("Note: no leader is known")).to_have_count(0)
    assert not (home / "uploads" / "labelled.md").exists()

    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible(timeout=60_000)
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    stored = {turn.speaker: turn.role for turn in knowledge_base.transcript("labelled").turns}
    knowledge_base.close()
    assert stored == {"SPEAKER_00": "host", "Ottilie Kranz": "leader"}


def test_a_table_that_cannot_be_used_is_said_beside_it(page: Page, tmp_path: Path) -> None:
    page.goto("/add")
    page.locator("input[type=file]").first.set_input_files({"name": "a.md", "mimeType": "", "buffer": BAKERY.encode()})
    page.locator("input[type=file]").last.set_input_files({"name": "t.csv", "mimeType": "", "buffer": b"colour\nred\n"})
    expect(page.get_by_role("alert")).to_have_count(1, timeout=30_000)
    expect(page.get_by_role("button", name="Add it")).to_have_count(0)


@pytest.mark.parametrize("question", ["x" * 10_001, "😀", "情熱とは何ですか"])
def test_a_bad_question_is_said_beside_its_field_and_is_still_there(question: str, page: Page) -> None:
    page.goto("/")
    ask(page, question)
    expect(page.get_by_role("alert")).to_have_count(1, timeout=30_000)
    expect(page.get_by_label("Question")).to_have_value(question)


def test_words_of_a_transcript_are_shown_as_they_are_and_never_run(page: Page, home: Path) -> None:
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    turns = knowledge_base.transcript("hostile").turns
    knowledge_base.close()
    for address in (
        f"/?q={KEEPERS}",
        f"/?q=And+why%3F&after={KEEPERS}",
        f"/compare?q={KEEPERS}&of=Eve+Mallory&of=Dmitri+Vasko",
        "/interview?id=hostile&turn=1&from=5&to=90",
        "/browse?find=skerry",
        "/browse?view=Leaders",
    ):
        page.goto(address)
        expect(page.locator(".stHtml", has_text="Eve Mallory").first).to_be_visible(timeout=60_000)
        expect(page.locator(".stHtml", has_text="**Skerry** $a$ Trust").first).to_be_visible()
        page.wait_for_timeout(500)  # time for a script to run, had it got in
        assert page.evaluate("window.pwned") is None
        assert page.locator(".stHtml :is(iframe, img, [onerror], [onclick], [srcdoc], [href^=javascript])").count() == 0
        assert page.locator(".stHtml :is(strong, em, .katex)").count() == 0
    page.goto("/interview?id=hostile")
    words = page.locator(".turn .words")
    expect(words).to_have_count(len(turns))
    assert [one.evaluate("node => node.textContent") for one in words.all()] == [turn.text for turn in turns]
    assert "<script>" in turns[1].text


def test_a_hostile_file_is_previewed_as_it_is(page: Page) -> None:
    page.goto("/add")
    name = "<img src=x onerror=pwned=1> :red[a] **b**.txt"
    page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": "", "buffer": HOSTILE.encode()})
    expect(page.get_by_role("row", name="Eve Mallory")).to_be_visible()
    expect(page.locator(".stHtml").get_by_text(name)).to_be_visible()
    page.get_by_text("How it begins").click()
    expect(page.get_by_text("<script>window.pwned = 1</script>")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.locator(".stHtml :is(iframe, img)").count() == 0


def test_everything_can_be_read_and_pressed_on_a_phone(phone: Page) -> None:
    asking = ("/", f"/?q={QUESTION}", f"/?q=And+layoffs%3F&after={QUESTION}", COMPARED)
    addresses = (*asking, "/browse", "/browse?view=Leaders", "/interview?id=hostile&turn=1", "/add")
    for address in addresses:
        phone.goto(address)
        expect(phone.locator("h1")).to_be_visible()
        if "/?q=" in address:
            wait_for_answer(phone)
        wait_until_still(phone)
        assert sticking_out(phone) == [], address
        assert faint_text(phone) == [], address
        assert small_targets(phone) == [], address


@pytest.mark.usefixtures("page")
def test_the_server_turned_to_no_other_machine(outbound: Path) -> None:
    assert not outbound.exists(), outbound.read_text(encoding="utf-8")
