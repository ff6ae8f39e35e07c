// The search box of the top bar offers what titles go on as the typed text begins. Without it the box is a plain form.

const PAUSE = 200;

export function enhanceSearch(input) {
  const list = document.createElement("ul");
  Object.assign(list, { id: "search-offers", className: "search-offers", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "搜索建议");
  input.after(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }
  let waiting, asked = 0, chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (place) => {
    const offers = [...list.children];
    chosen = (place + offers.length) % offers.length;
    offers.forEach((offer, at) => offer.setAttribute("aria-selected", String(at === chosen)));
    input.setAttribute("aria-activedescendant", offers[chosen].id);
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map(offer));
    list.hidden = !suggestions.length;
    chosen = -1;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = () => {
    const text = input.value.trim();
    const mine = ++asked;
    if (!text) return close();
    fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : { suggestions: [] }))
      .then(({ suggestions }) => mine === asked && document.activeElement === input && show(suggestions))
      .catch(close);
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) window.location.assign(list.children[chosen].dataset.url);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    const found = event.target.closest("[data-url]");
    event.preventDefault(); // the box keeps the focus until the page changes
    if (found) window.location.assign(found.dataset.url);
  });
}

function offer({ title, note, kind, url }, place) {
  const item = document.createElement("li");
  item.id = `search-offer-${place}`;
  item.dataset.url = url;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const small = document.createElement("small");
  small.textContent = [kind, note].filter(Boolean).join(" · ");
  item.append(title, small);
  return item;
}
