// Passkeys: has the browser make or use a key of the device (WebAuthn) and sends its answer with the form the button stands in.
const CANNOT = "此浏览器不支持通行密钥。请换用 360、奇安信、Chrome、Edge 等浏览器的较新版本，或改用密码和动态验证码。";
const INSECURE = "当前网址没有加密，不能使用通行密钥。请用 https:// 开头的平台网址访问。";
const ERRORS = {
  NotAllowedError: "没有完成：已取消、已超时，或这个设备上没有本平台的通行密钥。",
  InvalidStateError: "这个设备已经登记过，不必再登记。",
  SecurityError: "当前网址不能使用通行密钥。请用平台登记的域名（HTTPS）访问，不要用 IP 地址。",
  NotSupportedError: "这个设备不支持平台要求的通行密钥。",
  ConstraintError: "这个设备没有设置 PIN、指纹或面容，请先设置。",
};
const OFFLINE = "无法连接平台，请检查网络后再试。";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const keys = (listed) => (listed || []).map((key) => ({ ...key, id: bytes(key.id) }));

function why() {
  if (!window.isSecureContext) return INSECURE;
  return window.PublicKeyCredential && navigator.credentials ? "" : CANNOT;
}

async function ask(form) {
  const data = new FormData();
  data.append("purpose", form.dataset.purpose || "");
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(form.dataset.ask, { method: "POST", body: data, headers, credentials: "same-origin" });
  const told = await answer.json().catch(() => ({}));
  if (!told.options) throw new Error(told.reason || OFFLINE);
  return told.options;
}

async function make(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  const challenge = bytes(options.challenge);
  const excludeCredentials = keys(options.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey: { ...options, user, challenge, excludeCredentials } });
  const { response } = made;
  return told(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports ? response.getTransports() : [],
  });
}

async function use(options) {
  const challenge = bytes(options.challenge);
  const allowCredentials = keys(options.allowCredentials);
  const used = await navigator.credentials.get({ publicKey: { ...options, challenge, allowCredentials } });
  const { response } = used;
  return told(used, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    ...(response.userHandle && response.userHandle.byteLength ? { userHandle: text(response.userHandle) } : {}),
  });
}

const told = (key, response) =>
  JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} });

function prepare(form) {
  const note = form.querySelector("[data-passkey-note]");
  const button = form.querySelector("button[type=submit]");
  const problem = why();
  if (problem) {
    note.textContent = problem;
    return;
  }
  note.textContent = "";
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    button.disabled = true;
    note.textContent = "请按浏览器和设备的提示操作…";
    try {
      const options = await ask(form);
      form.elements.answer.value = await (form.dataset.passkey === "make" ? make(options) : use(options));
      note.textContent = "";
      form.submit();
    } catch (error) {
      button.disabled = false;
      note.textContent = error instanceof TypeError ? OFFLINE : ERRORS[error.name] || error.message || String(error);
    }
  });
}

document.querySelectorAll("form[data-passkey]").forEach(prepare);
