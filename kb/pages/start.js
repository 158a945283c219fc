// Puts the focus into the field of a page that has one to begin with, where nothing else has it. A fact that is to be
// corrected is selected, so that typing replaces it.
(() => {
  if (matchMedia("(pointer: coarse)").matches) return; // it would bring up the keyboard
  const isCorrected = new URLSearchParams(location.search).has("correct");
  const select = (field, value, tries) => {
    if (!tries || document.activeElement !== field || field.value !== value) return;
    field.select();
    requestAnimationFrame(() => select(field, value, tries - 1)); // drawing it again puts the caret at its end
  };
  const begin = (tries) => {
    if (document.activeElement !== document.body) return;
    const field = document.querySelector(".stMain .stForm input[type=text]");
    if (field && (field.value || !isCorrected)) {
      field.focus({ preventScroll: true });
      if (isCorrected) select(field, field.value, 60);
    } else if (tries) requestAnimationFrame(() => begin(tries - 1)); // it is on its way
  };
  begin(600);
})();
