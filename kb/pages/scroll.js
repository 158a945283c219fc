// Brings the cited words of a transcript into view, and lets the keyboard go on from there.
(() => {
  const turn = document.querySelector(".turn.cited");
  turn?.focus({ preventScroll: true });
  (turn?.querySelector("mark") || turn)?.scrollIntoView({ block: "center" });
})();
