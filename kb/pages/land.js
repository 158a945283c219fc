// Goes to an answer once it is there, that to a follow-up into view, and lets the keyboard and a screen reader go on from it.
(() => {
  const until = performance.now() + 60_000; // milliseconds
  const land = () => {
    const answer = document.querySelector(".coverage, .refusal");
    const isStill = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
    if (!answer || !isStill) return performance.now() < until ? setTimeout(land, 50) : undefined;
    answer.focus({ preventScroll: true });
    const thread = document.querySelector(".thread");
    if (thread) thread.scrollIntoView({ block: "start" }); // a first question stays in view above its answer
  };
  setTimeout(land, 50);
})();
