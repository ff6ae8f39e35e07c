// A certified OpenID provider (oidc-provider) as a process of its own, for the tests of single sign-on. Its answers are real;
// on request it turns its key, or lies in one way: the lie is signed with its real key, so that only the claim is wrong.
// Run by tests/accounts/identity_provider.py with a port; what it shall do is posted to /test as JSON.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from "jose";
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const state = { redirects: [], after: [], backchannel: "", acr: "", amr: [], lie: "" };
let keys = [];
let callback;

async function freshKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), use: "sig", alg: "RS256" };
}

function rebuild() {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "bianzhi",
        client_secret: "secret-of-the-tests",
        redirect_uris: state.redirects,
        post_logout_redirect_uris: state.after,
        ...(state.backchannel && {
          backchannel_logout_uri: state.backchannel,
          backchannel_logout_session_required: true,
        }),
      },
    ],
    jwks: { keys },
    cookies: { keys: ["only for tests"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    acrValues: ["level1", "level2"],
    claims: { acr: null, sid: null, auth_time: null, iss: null, openid: ["sub", "amr"] },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    loadExistingGrant: async (ctx) => {
      const { session, client } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
    // By itself it tells nobody on the machine's own network; the site under test is there.
    fetch: (address, { dispatcher, ...options }) => fetch(address, options),
    renderError: (ctx, out) => {
      ctx.body = `${out.error}: ${out.error_description}`;
    },
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.on("backchannel.error", (_, error) => console.error(error));
  state.provider = provider;
  callback = provider.callback();
}

const read = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

async function told(request, response) {
  const { rotate, ...said } = JSON.parse((await read(request)) || "{}");
  Object.assign(state, said);
  if (rotate) keys = [await freshKey()];
  rebuild();
  response.end("{}");
}

const FORM = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>统一身份认证</title><h1>统一身份认证</h1>
<form method="post"><label>身份编号 <input name="login" autofocus></label> <button>登录</button></form>
<form method="post"><button name="cancel" value="1">取消</button></form></html>`;

async function interact(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    return response.end(FORM);
  }
  const typed = new URLSearchParams(await read(request));
  const { acr, amr } = state;
  const login = { accountId: typed.get("login"), ...(acr && { acr }), ...(amr.length && { amr }) };
  const result = typed.has("cancel") ? { error: "access_denied", error_description: "cancelled" } : { login };
  return state.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

// What each lie changes of the claims.
const LIES = {
  audience: () => ({ aud: "another-client" }),
  audience_with_us_as_party: () => ({ aud: ["another-client"], azp: "bianzhi" }),
  issuer: () => ({ iss: "http://evil.example" }),
  expired: (now) => ({ exp: now - 600, iat: now - 1200 }),
  just_expired: (now) => ({ exp: now - 20, iat: now - 400 }),
  future: (now) => ({ iat: now + 900, nbf: now + 900, exp: now + 1800 }),
  nonce: () => ({ nonce: "not-the-one-asked" }),
  subject: () => ({ sub: undefined }),
  email: () => ({ sub: "somebody-else", email: "clerk@example.gov.cn", preferred_username: "clerk" }),
};

async function lied(token) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { ...decodeJwt(token), ...(LIES[state.lie] || (() => ({})))(now) };
  if (state.lie === "none") return new UnsecuredJWT(claims).encode();
  const header = { alg: "RS256", kid: keys[0].kid };
  if (state.lie === "secret") {
    const shared = new TextEncoder().encode("secret-of-the-tests-padded-to-32-bytes");
    return new SignJWT(claims).setProtectedHeader({ ...header, alg: "HS256" }).sign(shared);
  }
  const key = state.lie === "key" ? { ...(await freshKey()), kid: keys[0].kid } : keys[0];
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, "RS256"));
}

// Passes an answer of the provider on, changed by what `change` makes of its JSON.
function rewriting(response, change) {
  const parts = [];
  const end = response.end.bind(response);
  response.write = (part) => parts.push(Buffer.from(part)) > 0;
  response.end = async (part) => {
    if (part) parts.push(Buffer.from(part));
    const body = Buffer.from(JSON.stringify(await change(JSON.parse(Buffer.concat(parts).toString()))));
    response.setHeader("Content-Length", body.length);
    end(body);
  };
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === "/test") return told(request, response);
  if (pathname.startsWith("/interaction/")) return interact(request, response);
  if (state.lie === "discovery" && pathname.startsWith("/.well-known/")) {
    rewriting(response, (body) => ({ ...body, issuer: "http://evil.example" }));
  } else if (state.lie === "weak" && pathname.startsWith("/.well-known/")) {
    rewriting(response, (body) => ({ ...body, id_token_signing_alg_values_supported: ["none", "HS256"] }));
  } else if (state.lie && pathname === "/token") {
    rewriting(response, async (body) => (body.id_token ? { ...body, id_token: await lied(body.id_token) } : body));
  }
  return callback(request, response);
});

keys = [await freshKey()];
rebuild();
server.listen(port, "127.0.0.1", () => console.log("ready"));
