// Labelled controls of the settings beside the picture.
let made = 0;

function labelled(label, control, help) {
  made += 1;
  control.id = `flow-setting-${made}`;
  const box = document.createElement("div");
  box.className = "field";
  const words = document.createElement("label");
  words.htmlFor = control.id;
  words.textContent = label;
  box.append(words, control);
  if (help) {
    const note = document.createElement("p");
    note.className = "field-help";
    note.id = `${control.id}-help`;
    note.textContent = help;
    control.setAttribute("aria-describedby", note.id);
    box.append(note);
  }
  return box;
}

export function text(label, value, change, { help, numeric } = {}) {
  const input = document.createElement("input");
  input.className = "input";
  input.autocomplete = "off";
  if (numeric) input.inputMode = "numeric";
  input.value = value || "";
  input.addEventListener("change", () => change(input.value.trim()));
  return labelled(label, input, help);
}

export function area(label, value, change, { help } = {}) {
  const input = document.createElement("textarea");
  input.className = "input";
  input.rows = 3;
  input.value = value || "";
  input.addEventListener("change", () => change(input.value.trim()));
  return labelled(label, input, help);
}

export function select(label, options, value, change, { help } = {}) {
  const input = document.createElement("select");
  input.className = "input";
  const known = options.some(([code]) => code === (value || ""));
  for (const [code, words] of known ? options : [...options, [value, `${value}（未知）`]]) {
    const option = new Option(words, code, false, code === (value || ""));
    input.add(option);
  }
  input.addEventListener("change", () => change(input.value));
  return labelled(label, input, help);
}

export function check(label, checked, change) {
  const words = document.createElement("label");
  words.className = "check";
  const input = document.createElement("input");
  input.type = "checkbox";
  input.checked = checked;
  input.addEventListener("change", () => change(input.checked));
  words.append(input, ` ${label}`);
  return words;
}

// Several boxes that make one list of words parted by blanks.
export function checks(label, options, chosen, change) {
  const group = document.createElement("fieldset");
  group.className = "flow-checks";
  const legend = document.createElement("legend");
  legend.textContent = label;
  group.append(legend);
  const current = new Set(chosen);
  for (const [code, words] of options) {
    group.append(check(words, current.has(code), (on) => {
      if (on) current.add(code);
      else current.delete(code);
      change(options.map(([each]) => each).filter((each) => current.has(each)));
    }));
  }
  return group;
}

export function button(label, act, css = "btn btn-sm") {
  const control = document.createElement("button");
  control.type = "button";
  control.className = css;
  control.textContent = label;
  control.addEventListener("click", act);
  return control;
}

export function section(title, ...parts) {
  const group = document.createElement("fieldset");
  group.className = "flow-section";
  const legend = document.createElement("legend");
  legend.textContent = title;
  group.append(legend, ...parts.filter(Boolean));
  return group;
}
