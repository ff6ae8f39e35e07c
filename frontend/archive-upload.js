// Taking files in: dropped or chosen ones go up in pieces; what broke off goes on where it stopped when the same file is dropped again.
const PIECE = 4 * 1024 * 1024;
const TRIES = 4;
const WAIT = 800;

const token = () => document.querySelector('meta[name="csrf-token"]').content;
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function send(url, body, headers) {
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token(), ...headers }, credentials: "same-origin" });
  const told = await answer.json().catch(() => ({}));
  return { status: answer.status, ...told };
}

function hash(text) {
  let value = 5381;
  for (const letter of text) value = ((value << 5) + value + letter.codePointAt(0)) >>> 0;
  return value.toString(36);
}

class Upload {
  constructor(zone, file, list) {
    Object.assign(this, { zone, file, name: file.webkitRelativePath || file.name });
    this.key = `${zone.dataset.batch}-${file.size.toString(36)}-${(file.lastModified || 0).toString(36)}-${hash(this.name)}`;
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = this.name;
    this.bar = document.createElement("progress");
    Object.assign(this.bar, { className: "progress", max: Math.max(file.size, 1), value: 0 });
    this.bar.setAttribute("aria-label", `${this.name} 上传进度`);
    this.state = document.createElement("span");
    this.state.className = "muted";
    this.state.textContent = "等待上传";
    row.append(name, this.bar, this.state);
    list.append(row);
  }

  tell(text, received = this.bar.value) {
    this.state.textContent = text;
    this.bar.value = received;
  }

  async run() {
    const begun = await this.again(() =>
      send(
        this.zone.dataset.begin,
        JSON.stringify({ batch: Number(this.zone.dataset.batch), name: this.name, size: this.file.size, key: this.key }),
        { "Content-Type": "application/json" },
      ),
    );
    if (begun.status >= 400) return this.tell(begun.reason || begun.error || "未接收");
    let offset = begun.received;
    const url = this.zone.dataset.piece.replace("KEY", encodeURIComponent(begun.key));
    while (offset < this.file.size) {
      const piece = this.file.slice(offset, offset + PIECE);
      const answer = await this.again(() =>
        send(url, piece, { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) }),
      );
      if (answer.status >= 400 && answer.status !== 409) return this.tell(answer.reason || answer.error || "上传失败");
      offset = answer.received;
      this.tell(`${Math.floor((offset / this.file.size) * 100)}%`, offset);
    }
    this.tell("已收到", this.file.size);
    return true;
  }

  // A network that drops out for a moment is no reason to give up.
  async again(act) {
    for (let count = 1; ; count += 1) {
      try {
        return await act();
      } catch (problem) {
        if (count >= TRIES) return { status: 599, reason: "网络中断，重新拖入同一文件可续传" };
        this.tell("网络中断，正在重试");
        await pause(WAIT * count);
      }
    }
  }
}

async function take(zone, files) {
  const list = document.querySelector("[data-upload-list]");
  const said = document.querySelector("[data-upload-state]");
  const uploads = [...files].map((file) => new Upload(zone, file, list));
  zone.busy = (zone.busy || 0) + uploads.length;
  for (const upload of uploads) {
    if (await upload.run()) zone.taken = (zone.taken || 0) + 1;
    zone.busy -= 1;
    said.textContent = zone.busy ? `正在上传，还有 ${zone.busy} 个文件` : `已上传 ${zone.taken || 0} 个文件`;
  }
  const start = document.querySelector("[data-start-batch]");
  if (zone.busy === 0 && zone.taken && start) {
    start.disabled = false;
    start.removeAttribute("disabled");
  }
}

// Folders dropped are walked through; browsers give them entry by entry.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) return found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!part.length) return found.length;
      for (const each of part) await walk(each);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

document.addEventListener("DOMContentLoaded", () => {
  const zone = document.querySelector("[data-drop-zone]");
  if (!zone) return;
  const input = zone.querySelector("input[type=file]");
  input.addEventListener("change", () => {
    take(zone, input.files);
    input.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    take(zone, await filesOf(event.dataTransfer));
  });
  window.addEventListener("beforeunload", (event) => {
    if (zone.busy) event.preventDefault();
  });
});
