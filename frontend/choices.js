// Long choices become searchable: by characters, and by 拼音首字母 the server puts on each option.
import removeButton from "tom-select/dist/js/plugins/remove_button.js";
import TomSelect from "tom-select/dist/js/tom-select.base.js";

TomSelect.define("remove_button", removeButton);

const words = {
  no_results: () => '<div class="no-results">没有找到，请换一个词</div>',
  loading: () => '<div class="no-results">正在查找…</div>',
};

const line = (option, escape) =>
  `<div class="option">${escape(option.label)}${option.note ? `<small>${escape(option.note)}</small>` : ""}</div>`;

function remote(input) {
  const many = "many" in input.dataset; // several things, their keys joined by commas
  const labels = (input.dataset.label || "").split("\n");
  const keys = many ? input.value.split(",").filter(Boolean) : [input.value].filter(Boolean);
  const start = keys.map((value, at) => ({ value, label: labels[at] || value }));
  const picker = new TomSelect(input, {
    maxItems: many ? null : 1,
    closeAfterSelect: true,
    plugins: many ? { remove_button: { title: "移除" } } : {},
    valueField: "value",
    labelField: "label",
    searchField: [], // the server has searched already
    options: start,
    items: start.map((option) => option.value),
    create: false,
    preload: "focus",
    loadThrottle: 250,
    placeholder: input.placeholder || "输入名称、简称或拼音首字母",
    score: () => () => 1,
    shouldLoad: () => true,
    load(text, done) {
      this.clearOptions(many ? (option) => this.items.includes(option.value) : undefined);
      const asked = (this.timesAsked = (this.timesAsked || 0) + 1);
      const joint = input.dataset.lookup.includes("?") ? "&" : "?";
      fetch(`${input.dataset.lookup}${joint}q=${encodeURIComponent(text)}`, { credentials: "same-origin" })
        .then((answer) => answer.json())
        .then(({ options }) => done(asked === this.timesAsked ? options : [])) // answers may overtake each other
        .catch(() => done());
    },
    render: { ...words, option: line, item: (option, escape) => `<div>${escape(option.label)}</div>` },
  });
  name(picker, input);
}

function local(select) {
  const picker = new TomSelect(select, {
    maxOptions: 500,
    searchField: ["text", "pinyin"],
    allowEmptyOption: true,
    render: words,
  });
  name(picker, select);
}

// tom-select replaces the control; the label must lead to what the reader sees.
function name(picker, control) {
  // What is typed to find an option is not yet a choice: a filter form must not send it.
  for (const source of [picker.wrapper, control]) source.addEventListener("input", (event) => event.stopPropagation());
  const label = control.id && document.querySelector(`label[for="${control.id}-ts-control"], label[for="${control.id}"]`);
  const text = label ? label.textContent.replace("*", "").trim() : control.placeholder;
  control.setAttribute("aria-label", text);
  picker.control_input.setAttribute("aria-label", text);
  picker.dropdown_content?.setAttribute("aria-label", text);
}

export function enhanceChoices(root) {
  root.querySelectorAll?.("input[data-lookup]:not(.tomselected)").forEach(remote);
  root.querySelectorAll?.("select[data-select]:not(.tomselected)").forEach(local);
}
