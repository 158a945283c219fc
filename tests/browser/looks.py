"""What can be measured of how a page looks: contrast, the size of what is pressed, and what sticks out."""

from __future__ import annotations

from playwright.sync_api import Page

# WCAG 2.2, 1.4.3: contrast of text with what lies behind it, from the colours as the browser computed them.
FAINT_TEXT = r"""() => {
  const channels = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    const scale = colour.startsWith("color(") ? 255 : 1;
    return [...numbers.slice(0, 3).map((one) => one * scale), numbers[3] ?? 1];
  };
  const cover = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const behind = (element) => {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour[3] === 1) return colour;
    return cover(colour, element.parentElement ? behind(element.parentElement) : [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    if (!words || ["STYLE", "SCRIPT", "NOSCRIPT"].includes(element.tagName) || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const [low, high] = [light(cover(channels(style.color), ground)), light(ground)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${words.slice(0, 40)}`);
  }
  return found;
}"""

# WCAG 2.2, 2.5.8: at least 24 by 24 pixels, or lying in a sentence.
SMALL_TARGETS = """() => [...document.querySelectorAll(".stMain :is(a, button, summary, input)")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !one.closest(".notice p, p.notice, [data-testid=stFileUploader], [data-testid=stMultiSelect]"))
  .filter((one) => {
    const inset = getComputedStyle(one, "::after").inset.split(" ").map((side) => parseFloat(side) || 0);
    const pressed = one.closest("label") ?? one; // around a box that is drawn beside its hidden input
    const { width, height } = pressed.getBoundingClientRect(); // what takes the finger may reach further, by ::after
    return Math.min(width - 2 * (inset[1] ?? inset[0]), height - 2 * inset[0]) < 24;
  })
  .map((one) => one.outerHTML.slice(0, 80))"""

STICKING_OUT = """() => [...document.querySelectorAll("[data-testid=stMain], .stHtml, .stHtml *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 80))"""


def wait_until_still(page: Page) -> None:
    """Wait until the page is drawn and no colour is on its way to another."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")


def faint_text(page: Page) -> list[str]:
    """Text that has too little contrast, with the ratio."""
    found: list[str] = page.evaluate(FAINT_TEXT)
    return found


def small_targets(page: Page) -> list[str]:
    """Links and controls that a finger can hardly hit."""
    found: list[str] = page.evaluate(SMALL_TARGETS)
    return found


def sticking_out(page: Page) -> list[str]:
    """What reaches over the right edge of the window."""
    found: list[str] = page.evaluate(STICKING_OUT)
    return found
