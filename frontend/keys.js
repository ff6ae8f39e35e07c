// Pages worked through by keyboard: a key clicks the link or button marked data-keys="j ArrowDown". Typing is left alone.
const TYPING = "input, textarea, select, [contenteditable], dialog";

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = [...document.querySelectorAll("[data-keys]")].find((each) => each.dataset.keys.split(" ").includes(key));
  if (!found || found.disabled) return;
  event.preventDefault();
  found.click();
}

export const listenForKeys = () => document.addEventListener("keydown", press);
