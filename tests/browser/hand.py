"""A reader who goes through the app with a mouse, or with a keyboard alone, and counts what that takes."""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import FileChooser, Locator, Page, expect

MOST_TABS = 80  # to the next control
HAS_FOCUS = "(one) => one === document.activeElement || one.contains(document.activeElement)"


class Hand:
    """Presses, types and counts: clicks, keys, and apart from them the letters that are typed."""

    def __init__(self, page: Page, *, has_mouse: bool) -> None:
        self.page = page
        self.has_mouse = has_mouse
        self.counted: Counter[str] = Counter()

    @property
    def presses(self) -> int:
        """Clicks and keys."""
        return self.counted["clicks"] + self.counted["keys"]

    def press(self, key: str) -> None:
        """Press a key."""
        self.counted["keys"] += 1
        self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type a text where the focus is."""
        self.counted["letters"] += len(text)
        self.page.keyboard.type(text)

    def click(self, wanted: Locator) -> None:
        """Click on an element."""
        self.counted["clicks"] += 1
        wanted.click()

    def reach(self, wanted: Locator, key: str = "Tab") -> None:
        """Bring the focus on an element, if it has it not yet."""
        expect(wanted).to_be_visible()
        if self.has_mouse and not wanted.evaluate(HAS_FOCUS):
            self.click(wanted)
            return
        for _ in range(MOST_TABS):
            if wanted.evaluate(HAS_FOCUS):
                return
            self.press(key)
        raise AssertionError(f"{MOST_TABS} times {key} do not lead to {wanted}")

    def use(self, wanted: Locator, key: str = "Tab") -> None:
        """Press a button, or follow a link."""
        if self.has_mouse:
            self.click(wanted)
            return
        self.reach(wanted, key)
        self.press("Enter")

    def fill(self, field: Locator, text: str, key: str = "Tab") -> None:
        """Type a text into a field in place of what stands there."""
        self.reach(field, key)
        self.press("ControlOrMeta+A")
        self.write(text)

    def skip(self) -> None:
        """Pass the menu by the keyboard; a mouse needs not."""
        if not self.has_mouse:
            self.use(self.page.get_by_role("link", name="Skip to main content"))

    def wait_for_focus(self) -> None:
        """Wait until a redraw has given the focus back."""
        self.page.wait_for_function("document.activeElement?.matches(':not(body, :disabled)')")

    def choose_files(self, button: Locator) -> FileChooser:
        """Open the browser's dialogue for files."""
        with self.page.expect_file_chooser() as opened:
            self.use(button)
        return opened.value

    def go_back(self) -> None:
        """Press the browser's Back, or its keys."""
        self.counted["clicks" if self.has_mouse else "keys"] += 1
        self.page.go_back()
