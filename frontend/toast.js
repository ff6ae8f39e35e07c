// A short notice in the corner; read out by screen readers, gone after ten seconds or by its button.
export function toast(text) {
  const box = document.getElementById("toasts");
  if (!box) return;
  const note = document.createElement("div");
  note.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-sm";
  close.textContent = "知道了";
  close.addEventListener("click", () => note.remove());
  note.append(words, close);
  box.append(note);
  setTimeout(() => note.remove(), 10000);
}
