// Brings the cited words of a transcript into view, lets the keyboard go on from there, and offers the way back.
(() => {
  const turn = document.querySelector(".turn.cited");
  turn?.focus({ preventScroll: true });
  (turn?.querySelector("mark") || turn)?.scrollIntoView({ block: "center" });
  const back = turn?.querySelector(".back");
  const isFromHere = document.referrer.startsWith(`${location.origin}/`) && history.length > 1;
  if (!back || !isFromHere) return;
  back.classList.add("open");
  back.firstElementChild.onclick = (event) => { event.preventDefault(); history.back(); };
})();
