// A stand-in for the shell, so that the window can be looked at in any browser: it answers every command from
// sample data in memory and starts the same application.
//
// The address says what to show: ?case=first-run | empty | one | forty | many | hostile | offline | disabled |
// environment | unknown | broken | keyring | life, and besides &theme=light|dark, &slow=<milliseconds>,
// &go=workflow:<n> | run:<n> | compare, &press=<names of buttons to press one after the other, separated by |>.

import { workflowCommands } from "./workflows.js";

const query = new URLSearchParams(location.search);
const scenario = query.get("case") ?? "forty";
const slow = Number(query.get("slow") ?? 0);

const failure = (code, message, hint, field = null, detail = null) => ({ code, message, hint, detail, field });
const minutes = (count) => new Date(Date.now() - count * 60_000).toISOString();
const uuid = (number, last = number) =>
  `${(number * 2654435761 >>> 0).toString(16).padStart(8, "0")}-0000-4000-8000-0000${((number * 7) % 65536).toString(16).padStart(4, "0")}${(last % 65536).toString(16).padStart(4, "0")}`;

const catalogue = await (await fetch(new URL("./connectors.json", import.meta.url))).json();

// ---- events -------------------------------------------------------------------------------------------------

const handlers = new Set();
const stale = (...topics) => {
  for (const handler of handlers) handler({ payload: { stale: topics } });
};

// ---- connections --------------------------------------------------------------------------------------------

const HEALTH = { works: "Works", needs_reconnect: "Needs reconnect", unknown: "Never checked", gone: "Gone", disconnecting: "Disconnecting" };
const SHAPES = ["circle", "squircle", "hexagon", "diamond"];
const LABELS = ["work", "private", "Acme GmbH", "client: Northwind", "billing", "family", "on-call", "marketing site", "old laptop", "side project"];
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "‮gnitcennocsid",
  "Z̸̛a̷l̴g̶o̵ text with many combining marks",
  "a".repeat(80),
  "مرحبا بالعالم",
  "日本語のラベル、とても長い長い長い長い長い長い長い",
  "👩‍👩‍👧‍👦 family & \"friends\" 'quoted'",
  "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
];

const letters = (label) => {
  const words = label.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (!words.length) return "?";
  const picked = words.length === 1 ? [...words[0]].slice(0, 2).join("") : [...words[0]][0] + [...words.at(-1)][0];
  return [...picked.toUpperCase()].slice(0, 2).join("");
};

const connection = (number, label, health = "works") => {
  const [slug, name, , provider, , icon] = catalogue[(number * 37 + 30) % catalogue.length];
  const known = number % 5 !== 3;
  return {
    // Its last digits are what the window makes shape and hue of, where it knows the id alone.
    instance: uuid(number + 1, ((number * 5) % 12) + 256 * (number % 4)), connection_id: `c${uuid(number + 900)}`, connector: slug, connector_name: name, icon,
    provider, integration: provider, label, health, awaits_approval: false, health_words: HEALTH[health],
    account: known ? { id: `${4000 + number}`, name: `alex-${label.slice(0, 12)}`, email: number % 2 ? `alex+${number}@example.test` : null } : null,
    health_learnt_at: health === "unknown" ? null : minutes(3 + number * 7), created_at: minutes(600 + number * 900),
    last_used_at: number % 3 ? minutes(10 + number * 11) : null,
    mismatch: null, try_again_first: number % 18 === 2,
    tags: number % 3 ? [{ key: "customer", value: ["Northwind", "Contoso", "Fabrikam"][number % 7 % 3] }, ...(number % 2 ? [{ key: "team", value: ["ops", "sales"][number % 4 >> 1] }] : [])] : [],
    last_error: health === "needs_reconnect" ? "The provider says that the refresh token was revoked (invalid_grant)." : null,
    avatar: { letters: letters(label), hue: (number * 5) % 12, shape: SHAPES[number % 4] },
  };
};

// One connection in each state of its life. Its label says how a reconnect of it ends.
const LIFE = [["works", "works"], ["ends as sam", "needs_reconnect"], ["other account", "works"], ["asks for a key", "needs_reconnect"], ["never checked", "unknown"], ["vanishes", "needs_reconnect"], ["deleted elsewhere", "gone"], ["on its way out", "disconnecting"]];
const SAM = { id: "9017", name: "sam", email: "sam@example.test" };

const count = { "first-run": 0, empty: 0, unknown: 0, one: 1, many: 10_000, hostile: HOSTILE.length, life: LIFE.length }[scenario] ?? 40;
let connections = Array.from({ length: count }, (_, number) => {
  if (scenario === "hostile") {
    const row = connection(number, HOSTILE[number]);
    return number % 3 ? row : { ...row, account: { id: "4".repeat(60), name: HOSTILE[(number + 1) % 8], email: null }, mismatch: { ...SAM, name: HOSTILE[(number + 3) % 8] } };
  }
  if (scenario === "life") {
    const row = connection(number, ...LIFE[number]);
    const account = row.account ?? { id: `${4000 + number}`, name: `alex-${number}`, email: `alex+${number}@example.test` };
    return { ...row, account: row.health === "unknown" ? null : account, mismatch: row.label === "other account" ? SAM : null };
  }
  const health = number % 9 === 2 ? "needs_reconnect" : number % 11 === 5 ? "unknown" : number === 17 ? "gone" : number === 23 ? "disconnecting" : "works";
  const round = Math.floor(number / LABELS.length);
  return connection(number, LABELS[number % LABELS.length] + (round ? ` ${round + 1}` : ""), health);
});

const narrowed = ({ search, health, connector, tag }) => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return connections.filter((row) => {
    const tags = row.tags.map(({ key, value }) => `${key}:${value}`).join(" ");
    const text = `${row.label} ${row.connector_name} ${row.account?.name ?? ""} ${row.account?.email ?? ""} ${tags}`.toLowerCase();
    return words.every((word) => text.includes(word)) && (!health || row.health === health) && (!connector || row.connector === connector)
      && (!tag || row.tags.some((held) => held.key === tag.key && held.value === tag.value));
  });
};
const chosen = (choice) => choice.matching ? narrowed(choice.matching) : connections.filter((row) => choice.these.includes(row.instance));
const page = ({ offset, limit, ...narrowing }) => {
  const found = narrowed(narrowing);
  return {
    connections: found.slice(offset, offset + limit), matching: found.length, total: connections.length,
    by_health: Object.keys(HEALTH).map((state) => [state, connections.filter((row) => row.health === state).length]),
  };
};

const counted = (keys) => {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts];
};
const facets = () => ({
  connectors: counted(connections.map((row) => row.connector)).map(([connector, count]) => ({ connector, name: catalogue.find(([slug]) => slug === connector)[1], count })).sort((a, b) => a.name.localeCompare(b.name)),
  tags: counted(connections.flatMap((row) => row.tags.map((tag) => JSON.stringify(tag)))).map(([tag, count]) => ({ tag: JSON.parse(tag), count })),
});

const change = (instance, changes) => {
  connections = connections.map((row) => row.instance === instance ? { ...row, ...changes } : row);
  const row = connections.find((held) => held.instance === instance);
  row.health_words = HEALTH[row.health];
  stale("connections", "overview");
  return row;
};
const learnt = (health, last_error = null) => ({ health, last_error, health_learnt_at: new Date().toISOString() });
const histories = new Map();
const history = (row) => {
  if (!histories.has(row.instance)) {
    const lines = [{ at: row.created_at, words: "Connected here", detail: null }];
    for (let number = 8; number > 0 && row.last_used_at; number -= 1) lines.push({ at: minutes(number * 1_500 - 700), words: "Tested", detail: "works" });
    if (row.last_error) lines.push({ at: row.health_learnt_at, words: "Tested", detail: "needs reconnect" });
    if (row.mismatch) lines.push({ at: row.health_learnt_at, words: "Answers as another account", detail: `${row.account?.name} → ${row.mismatch.name}` });
    histories.set(row.instance, lines);
  }
  return histories.get(row.instance);
};
const tell = (row, words, detail = null) => history(row).push({ at: new Date().toISOString(), words, detail });

// ---- connectors ---------------------------------------------------------------------------------------------

const connectors = () => catalogue
  .map(([slug, name, category, provider, auth_mode, icon, description, keywords, note], index) => {
    const own = connections.filter((row) => row.connector === slug);
    return {
      slug, name, category, provider, auth_mode, icon, description, keywords, note,
      availability: scenario === "unknown" ? "unknown" : index % 8 === 4 && !setUp.has(provider) ? "not_set_up" : "ready",
      connected: own.length, needing_attention: own.filter((row) => row.health === "needs_reconnect").length,
    };
  })
  .sort((a, b) => a.category.localeCompare(b.category) || a.name.localeCompare(b.name));

const connectorList = () => ({
  connectors: connectors(),
  offers_learnt_at: scenario === "unknown" ? null : minutes(34),
  problem: scenario === "offline" ? failure("unreachable", "The server could not be asked what it offers.", "Check your network, then refresh.", null, "connect: timed out after 10 s") : null,
});

// The rest of the server's catalogue: as many as a real one has.
const PARTS = [["Acme", "Blue", "Cedar", "Delta", "Echo", "Fable", "Grove", "Haven", "Iris", "Juno"], ["Books", "Cloud", "Desk", "Flow", "Forms", "Ledger", "Mail", "People", "Plan", "Store", "Sign", "Track"], ["", "EU", "API", "CRM", "Pro", "Ads", "HR"]];
const MODES = ["OAUTH2", "API_KEY", "API_KEY", "OAUTH2_CC", "BASIC", "TWO_STEP"];
const TOPICS = ["accounting", "crm", "dev-tools", "hr", "marketing", "productivity", "storage"];
const rest = PARTS[0].flatMap((one, a) => PARTS[1].flatMap((two, b) => PARTS[2].map((three, c) => {
  const name = [one + two.toLowerCase(), three].filter(Boolean).join(" ");
  return { provider: name.toLowerCase().replace(" ", "-"), name, categories: [TOPICS[(a + b + c) % 7], ...(c % 3 ? [] : [TOPICS[(a * b) % 7]])], auth_mode: MODES[(a * 5 + b + c) % 6], availability: scenario === "unknown" ? "unknown" : (a * 7 + b * 3 + c) % 9 === 0 ? "ready" : "not_set_up", connected: 0, needing_attention: 0 };
})));
const providers = () => scenario === "unknown" ? [] : rest.map((row) => {
  const own = connections.filter((held) => !held.connector && held.provider === row.provider);
  return { ...row, availability: setUp.has(row.provider) ? "ready" : row.availability, connected: own.length, needing_attention: own.filter((held) => held.health === "needs_reconnect").length };
});
// What has been set up here.
const setUp = new Set();
// A target as a line of the catalogue.
const described = (target) => {
  if (target.connector) return catalogue.find(([slug]) => slug === target.connector);
  const { name, provider, auth_mode } = rest.find((row) => row.provider === target.provider);
  return [null, name, "", provider, auth_mode, null];
};
const targetOf = ({ connector, provider }) => connector ? { connector } : { provider };

// ---- attempts -----------------------------------------------------------------------------------------------

const WORDS = {
  starting: ["Starting", "Patchbay is making a session at Nango."],
  awaiting_browser: ["Waiting for you in the browser", "Say yes there, then come back. Nothing happens here until you do."],
  forwarding: ["Passing the answer on", "Nango receives what the provider answered."],
  awaiting_connection: ["Nango is making the connection", "This usually takes a few seconds."],
  connected: ["Connected", "It is ready to be used."],
  refused: ["Refused", "The provider said no."],
  expired: ["Expired", "Nobody answered in time."],
  cancelled: ["Cancelled", "It was cancelled here."],
  failed: ["Failed", "It did not work."],
};
const PROBLEMS = {
  refused: failure("refused", "The provider says that access was denied.", "Try again and choose to allow access.", null, "error=access_denied"),
  expired: failure("refused", "Nobody answered within 30 minutes.", "Try again when you have a moment for the browser."),
  failed: failure("unexpected_answer", "Nango did not accept the provider’s answer.", "Try again. If it stays like this, the operator has to look at the integration.", null, "callback: 400 invalid_callback"),
};

let attempts = [];
const attempt = (number, phase, connector, label, startedMinutesAgo, instance = null) => {
  const [slug, connector_name, , provider, , icon] = connector;
  const open = ["starting", "awaiting_browser", "forwarding", "awaiting_connection"].includes(phase);
  const steps = [["Asked Nango for a session", null], ["Opened the browser", "accounts.example.test"]];
  if (!["awaiting_browser", "expired", "cancelled", "starting"].includes(phase)) steps.push(["The browser came back", null]);
  if (!open) steps.push([WORDS[phase][0], null]);
  return {
    id: uuid(number + 5000), connector: slug, provider, connector_name, icon, label, awaits_approval: false, instance: instance ?? uuid(number + 7000, number * 3 + 1), is_reconnect: instance !== null, phase,
    words: phase === "connected" && instance ? "Reconnected" : WORDS[phase][0], explanation: WORDS[phase][1], method: "deep_link", started_at: minutes(startedMinutesAgo),
    deadline_at: open ? new Date(Date.now() + 29 * 60_000 + 12_000).toISOString() : null, ended_at: open ? null : minutes(startedMinutesAgo - 1),
    steps: steps.map(([words, detail], index) => ({ at: minutes(startedMinutesAgo - index * 0.2), words, detail })), problem: PROBLEMS[phase] ?? null,
  };
};
if (!["first-run", "empty", "unknown"].includes(scenario)) {
  const phases = ["connected", "refused", "connected", "expired", "failed", "cancelled"];
  const total = scenario === "many" ? 180 : 14;
  attempts = Array.from({ length: total }, (_, number) =>
    attempt(number, number === 0 && scenario !== "one" ? "awaiting_browser" : phases[number % 6], catalogue[(number * 13 + 28) % catalogue.length], LABELS[number % 10], 2 + number * 95, number % 4 === 1 ? uuid(number + 8000) : null));
}

const move = (id, phase) => {
  attempts = attempts.map((held) => {
    if (held.id !== id || held.ended_at) return held;
    const open = ["forwarding", "awaiting_connection"].includes(phase);
    const words = phase === "connected" && held.is_reconnect ? "Reconnected" : WORDS[phase][0];
    return {
      ...held, phase, words, explanation: WORDS[phase][1], problem: PROBLEMS[phase] ?? null,
      ended_at: open ? null : new Date().toISOString(), deadline_at: open ? held.deadline_at : null,
      steps: [...held.steps, { at: new Date().toISOString(), words, detail: null }],
    };
  });
  stale({ attempt: id }, "attempts", "overview");
};
const find = (id) => attempts.find((held) => held.id === id);
const complete = (id) => {
  const held = find(id);
  if (!held || held.ended_at) return;
  move(id, "forwarding");
  setTimeout(() => move(id, "awaiting_connection"), 700);
  if (held.is_reconnect) {
    setTimeout(() => renew(held), 1_400);
    return;
  }
  setTimeout(() => {
    const made = { ...connection(0, held.label), connector: held.connector, provider: held.provider, connector_name: held.connector_name, icon: held.icon, instance: held.instance, created_at: new Date().toISOString() };
    made.avatar = { letters: letters(held.label), hue: Number.parseInt(held.instance.slice(-2), 16) % 12, shape: SHAPES[Number.parseInt(held.instance.slice(-4, -2), 16) % 4] };
    connections = [made, ...connections];
    move(id, "connected");
    stale("connections", "connectors", "overview");
  }, 1_400);
};

// The end of a reconnect: first the connection works again, a moment later it is known as whom.
const renew = (held) => {
  const row = connections.find(({ instance }) => instance === held.instance);
  if (row.label === "vanishes") {
    change(row.instance, learnt("gone"));
    PROBLEMS.failed = failure("not_found", "Nango does not have this connection any more.", "It was deleted elsewhere. Connect it anew.");
    move(held.id, "failed");
    return;
  }
  tell(row, "Reconnected");
  change(row.instance, learnt("works"));
  move(held.id, "connected");
  setTimeout(() => {
    const mismatch = row.label === "ends as sam" ? SAM : null;
    if (mismatch) tell(row, "Answers as another account", `${row.account.name} → ${SAM.name}`);
    change(row.instance, { ...learnt("works"), mismatch });
  }, 600);
};

// ---- profile ------------------------------------------------------------------------------------------------

const NEED = {
  connect_sessions_write: ["environment:connect_sessions:write", "required", "Begins to connect an account."],
  connections_read: ["environment:connections:read", "required", "Looks at one connection."],
  connections_update: ["environment:connections:update", "required", "Changes a connection’s tags."],
  connections_delete: ["environment:connections:delete", "required", "Disconnects."],
  integrations_list: ["environment:integrations:list", "required", "Tells which services the server offers."],
  proxy: ["environment:proxy", "required", "Calls services as a connection."],
  connections_list: ["environment:connections:list", "optional", "Finds connections made elsewhere. Without it, new ones are still noticed."],
  integrations_create: ["environment:integrations:create", "optional", "Set up a service here that the server does not offer yet. Without it, the operator does that."],
  connections_read_credentials: ["environment:connections:read_credentials", "unwanted", "Reads tokens. Patchbay never needs them; ask for a key without it."],
  integrations_delete: ["environment:integrations:delete", "unwanted", "Would let this key delete an integration, and with it everybody’s connections."],
  integrations_read_credentials: ["environment:integrations:read_credentials", "unwanted", "Reads the operator’s secrets. Ask for a key without it."],
};
const report = () => ({
  checked_at: minutes(scenario === "broken" ? 0 : 12), all_well: scenario !== "broken",
  summary: scenario === "broken" ? "The key lacks one scope it needs and has one it should not have." : "The key has every scope it needs and none it should not have.",
  for_operator: "A key for Patchbay needs exactly these scopes of its environment:\n" + Object.values(NEED).filter(([, need]) => need === "required").map(([name]) => `- ${name}\n`).join("") + "These make it easier to use, and may be left out:\n- environment:connections:list\n- environment:integrations:create\n",
  scopes: Object.entries(NEED).map(([scope, [name, need, meaning]]) => ({
    scope, name, need, meaning,
    state: need === "unwanted" ? (scenario === "broken" && scope.startsWith("connections") ? "granted" : "missing") : scenario === "broken" && scope === "proxy" ? "missing" : "granted",
  })),
});

const keyring = () => scenario === "keyring"
  ? { state: "missing", message: "No keyring service is running on this desktop.", hint: "Install and start one, such as gnome-keyring or KWallet, then press Test keyring." }
  : { state: "available", message: "The keyring keeps and returns secrets.", hint: null };
const deepLink = () => scenario === "keyring" || scenario === "broken"
  ? { state: "registered_elsewhere", message: "Another application is registered for app.patchbay.desktop links.", hint: "Press Register to have them come here again." }
  : { state: "registered", message: "Links of app.patchbay.desktop come to this application.", hint: null };

let appearance = query.get("theme") ?? "system";
let profile = scenario === "first-run" ? null : {
  id: uuid(1), kind: scenario === "one" ? "sandbox" : "nango", name: scenario === "one" ? "Sandbox" : "api.nango.dev",
  server_url: scenario === "one" ? "http://127.0.0.1:43117" : "https://api.nango.dev", user_id: "alex@example.test", user_name: "Alex Example",
  bridge_url: null, enabled: scenario !== "disabled", key: scenario === "keyring" ? "unreadable" : scenario === "environment" ? "from_environment" : "stored",
  overrides: scenario === "environment" ? [{ variable: "NANGO_SECRET_KEY", effect: "its key is used instead of the stored one" }, { variable: "NANGO_ENABLED", effect: "nothing touches the network" }] : [],
  check: report(), last_synced_at: minutes(18),
};

const network = () => scenario === "offline" ? { offline: { since: minutes(6), reason: "The server did not answer within 10 seconds." } }
  : scenario === "disabled" ? { disabled: { by_environment: false } }
  : scenario === "environment" ? { disabled: { by_environment: true } } : "online";

const overview = () => ({
  version: "0.1.0", profile, network: network(), keyring: keyring(), deep_link: deepLink(), appearance,
  profiles: profile ? [{ id: profile.id, kind: profile.kind, name: profile.name, user_id: profile.user_id }, { id: uuid(2), kind: "sandbox", name: "Sandbox", user_id: "you" }].slice(0, profile.kind === "sandbox" ? 1 : 2) : [],
  open_attempts: attempts.filter((held) => !held.ended_at).map((held) => held.id), connections: connections.length,
  connections_needing_attention: connections.filter((row) => row.health === "needs_reconnect").length,
});

// ---- commands -----------------------------------------------------------------------------------------------

let notices = query.has("notices") ? [
  { tone: "good", message: "GitHub “work” is connected.", hint: null, at: minutes(0) },
  { tone: "bad", message: "A link arrived that belongs to no open attempt.", hint: "If you just connected something, start it again.", at: minutes(0) },
  { tone: "neutral", message: "3 connections made elsewhere were found.", hint: null, at: minutes(0) },
  { tone: "neutral", message: "A fourth remark that has to wait.", hint: null, at: minutes(0) },
] : [];
let sync = { running: false, read: 0 };
let bulk = null;
let notifications = true;
const tellBulk = (ending = null) => {
  const found = `${bulk.works} work, ${bulk.fails} do not, ${bulk.cannot_be_tested} cannot be tested`;
  bulk.running = ending === null;
  bulk.summary = ending === "stopped" ? `Stopped after ${bulk.tested} of ${bulk.total}: ${found}.` : ending ? `All ${bulk.total} tested: ${found}.` : `${bulk.tested} of ${bulk.total} tested: ${found}.`;
  bulk.pace = ending ? null : `At most 40 a minute, because Nango limits calls and others need theirs: about ${Math.ceil((bulk.total - bulk.tested) / 40)} minutes left.`;
  bulk.testing = [];
  bulk = { ...bulk };
  stale("bulk_test");
};

const fields = {
  zendesk: [["subdomain", "Subdomain", { prefix: "https://", suffix: ".zendesk.com", description: "The first part of your Zendesk address.", example: "acme", help_url: "https://nango.dev/docs/integrations/all/zendesk/connect#step-1" }]],
  API_KEY: [["hostname", "Hostname", { suffix: ".api-us1.com", optional: true, description: "Only if yours differs." }], ["apiKey", "API key", { secret: true, description: "Under Settings → Developer." }]],
  BASIC: [["username", "User name", {}], ["password", "Password", { secret: true, optional: true }], ["region", "Region", { choices: ["eu", "us", "au"], initial: "eu" }]],
};
const field = ([name, title, more]) => ({
  name, part: more.secret ? "credential" : "connection_config", title, description: null, example: null, pattern: null, format: null, choices: [],
  initial: "", prefix: null, suffix: null, optional: false, secret: false, help_url: null, ...more,
});

const commands = {
  get_overview: overview,
  list_connectors: connectorList,
  refresh_connectors: () => {
    if (scenario === "offline") throw failure("unreachable", "The server could not be reached.", "Check your network, then refresh.", null, "connect: timed out after 10 s");
    return connectorList();
  },
  plan_setup: ({ target }) => {
    const [, connector_name, , provider, auth_mode] = described(target);
    const app = ["OAUTH1", "OAUTH2", "TBA"].includes(auth_mode) ? "client" : auth_mode === "AWS_SIGV4" ? "dashboard" : "nothing";
    const callback = { url: "https://api.nango.dev/oauth/callback", words: "Nango’s default for this server. The environment may have another one; its settings in Nango’s dashboard show it." };
    const cannot = scenario === "broken" ? failure("missing_scope", "Your API key may not add integrations to this Nango.", "Give the list below to whoever runs it; or ask for the scope environment:integrations:create.")
      : app === "dashboard" ? failure("not_set_up", `An integration for ${connector_name} needs more than can be entered here.`, "Whoever runs this Nango adds it in Nango’s dashboard; the list below says what.") : null;
    return { provider, key: provider, app, scopes: app === "client" ? "read write" : "", guide_url: app === "client" ? "https://nango.dev/docs/guide" : null, callback, cannot,
      for_operator: `Please add an integration for ${connector_name} to the Nango environment that I use on https://api.nango.dev/:\n- provider: ${provider}\n- integration id: ${provider}\n${app === "client" ? `- a developer application at the provider, with its client id and secret\n- the application’s callback: ${callback.url} (${callback.words})\n` : ""}Or give the API key the scope environment:integrations:create; then I can add it from Patchbay.\n` };
  },
  set_up_integration: ({ target, key, client_id, client_secret }) => {
    const [, connector_name, , provider, auth_mode] = described(target);
    if (["OAUTH1", "OAUTH2", "TBA"].includes(auth_mode)) {
      if (!client_id.trim()) throw failure("invalid_input", "The developer application’s client id is needed.", "The provider shows it where the application is registered.", "client_id");
      if (!client_secret) throw failure("invalid_input", "The developer application’s client secret is needed.", "The provider shows it once.", "client_secret");
    }
    setUp.add(provider);
    stale("connectors");
    return { key, name: connector_name };
  },
  list_providers: () => ({ providers: providers() }),
  plan_connection: ({ target, integration }) => {
    const [slug, connector_name, , provider, auth_mode, icon] = described(target);
    const shown = target.connector ? connectors().find((row) => row.slug === slug) : rest.find((row) => row.provider === provider);
    if (scenario === "broken" || (shown.availability === "not_set_up" && !setUp.has(provider))) throw failure("not_set_up", `This server has no integration for ${connector_name}.`, `Ask its operator to add one of the provider “${provider}”.`);
    const taken = connections.map((row) => row.label.toLowerCase());
    let default_label = connector_name;
    for (let number = 2; taken.includes(default_label.toLowerCase()); number += 1) default_label = `${connector_name} ${number}`;
    const list = fields[slug] ?? fields[auth_mode] ?? [];
    const integrations = [{ key: provider, name: `${connector_name} (production)` }];
    if (slug === "github") integrations.push({ key: "github-staging", name: "GitHub (staging)" });
    return {
      target, connector_name, icon, integrations, integration: integration ?? provider, default_label, in_browser: auth_mode.startsWith("OAUTH2") && auth_mode !== "OAUTH2_CC",
      form: { fields: list.map(field), presets: [], help_url: list.length ? "https://nango.dev/docs/integrations/all/example/connect" : null },
    };
  },
  plan_reconnect: ({ instance }) => {
    const row = connections.find((held) => held.instance === instance);
    return { ...commands.plan_connection({ target: targetOf(row), integration: row.integration }), default_label: row.label };
  },
  start_reconnect: ({ instance, fields: filled }) => {
    const row = connections.find((held) => held.instance === instance);
    const missing = filled.find(({ value, name }) => !value && !["hostname", "password"].includes(name));
    if (missing) throw failure("invalid_input", "This field is needed.", "Fill it in.", missing.name);
    const made = attempt(attempts.length + 100, filled.some(({ part }) => part === "credential") ? "awaiting_connection" : "awaiting_browser", described(targetOf(row)), row.label, 0, instance);
    attempts = [made, ...attempts];
    setTimeout(() => stale("attempts", "overview"), 0);
    if (made.phase === "awaiting_connection") setTimeout(() => complete(made.id), 1_000);
    return made;
  },
  get_connection_facets: facets,
  get_bulk_test: () => bulk,
  test_connections: ({ choice }) => {
    const rows = chosen(choice);
    bulk = { running: true, total: rows.length, tested: 0, works: 0, fails: 0, cannot_be_tested: 0, summary: "", pace: null, testing: [], troubles: [] };
    const next = () => {
      if (!bulk.running) return;
      const row = rows[bulk.tested];
      if (!row) return tellBulk("done");
      const outcome = row.health === "works" ? "works" : row.health === "unknown" ? "cannot_be_tested" : "fails";
      bulk.tested += 1;
      bulk[outcome] += 1;
      if (outcome !== "works") bulk.troubles.push({ instance: row.instance, label: row.label, outcome, sentence: outcome === "fails" ? `${row.connector_name} does not accept this connection any more. Reconnect it.` : `Patchbay knows no call of ${row.connector_name} that tells whose account it is.` });
      tellBulk();
      bulk.testing = rows.slice(bulk.tested, bulk.tested + 4).map(({ instance }) => instance);
      setTimeout(next, Number(query.get("test") ?? 900) / 4);
    };
    tellBulk();
    setTimeout(next, 0);
    return bulk;
  },
  cancel_tests: () => { tellBulk("stopped"); return null; },
  export_connections: ({ choice, format }) => {
    if (scenario === "broken") throw failure("storage", "The list could not be written into your downloads folder.", "Check that the folder is there and that the disk is not full; then try again.", null, "No space left on device");
    return { path: `/home/alex/Downloads/patchbay-connections-2026-11-25.${format}`, count: chosen(choice).length };
  },
  set_notifications: ({ on }) => { notifications = on; stale("diagnostics"); return null; },
  test_deep_link: async () => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    if (scenario === "keyring") return { outcome: "taken_elsewhere", message: "The link did not arrive here: other.desktop is registered for it and took it.", hint: "Press Register. If that does not help: install xdg-utils and desktop-file-utils, then press it again." };
    if (scenario === "broken") return { outcome: "nothing_arrived", message: "The link was sent through the system, and nothing arrived.", hint: "Press Register. If that does not help: install xdg-utils and desktop-file-utils, then press it again." };
    return { outcome: "arrived", message: "A link was sent through the system and arrived here. Links from the browser will, too.", hint: null };
  },
  get_connection: ({ instance }) => {
    const row = connections.find((held) => held.instance === instance);
    if (!row) throw failure("not_found", "There is no such connection.", "It may have been disconnected.");
    return { connection: row, history: history(row) };
  },
  test_connection: async ({ instance }) => {
    await new Promise((resolve) => setTimeout(resolve, Number(query.get("test") ?? 900)));
    if (scenario === "offline") throw failure("unreachable", "The server could not be reached.", "Check your network, then test again. Nothing about the connection has changed.", null, "connect: timed out after 10 s");
    const row = connections.find((held) => held.instance === instance);
    if (row.health === "unknown") return { outcome: "cannot_be_tested", sentence: `Patchbay knows of no request that tells who one is at ${row.connector_name}.`, asked: null, answered: null, connection: row };
    const fails = row.health === "needs_reconnect";
    tell(row, "Tested", fails ? "needs reconnect" : "works");
    const connection = change(instance, { ...learnt(row.health, fails ? row.last_error : null), last_used_at: new Date().toISOString() });
    if (fails) return { outcome: "fails", sentence: `${row.connector_name} does not accept the credentials any more. Reconnect it.`, asked: "GET /user", answered: "401 Unauthorized: {\"message\":\"Bad credentials\"}", connection };
    if (row.mismatch) return { outcome: "fails", sentence: `It answers as ${row.mismatch.name} instead of ${row.account.name}.`, asked: "GET /user", answered: null, connection };
    return { outcome: "works", sentence: `${row.connector_name} answered as ${row.account?.name ?? "somebody"}.`, asked: "GET /user", answered: null, connection };
  },
  resolve_mismatch: ({ instance, accept }) => {
    const row = connections.find((held) => held.instance === instance);
    tell(row, accept ? "The other account was accepted" : "The other account was refused", accept ? `${row.account.name} → ${row.mismatch.name}` : row.mismatch.name);
    return change(instance, accept ? { account: row.mismatch, mismatch: null } : { mismatch: null, ...learnt("needs_reconnect", `It answers as ${row.mismatch.name} and should be ${row.account.name}. Reconnect as ${row.account.name}.`) });
  },
  start_attempt: ({ target, label, fields: filled }) => {
    if (connections.some((row) => row.label === label)) throw failure("conflict", "Another connection of this connector has this label.", "Choose another label.", "label");
    const missing = filled.find(({ value, name }) => !value && !["hostname", "password"].includes(name));
    if (missing) throw failure("invalid_input", "This field is needed.", "Fill it in.", missing.name);
    const made = attempt(attempts.length + 100, filled.some(({ part }) => part === "credential") ? "awaiting_connection" : "awaiting_browser", described(target), label, 0);
    attempts = [made, ...attempts];
    setTimeout(() => stale("attempts", "overview"), 0);
    if (made.phase === "awaiting_connection") setTimeout(() => complete(made.id), 1_000);
    return made;
  },
  cancel_attempt: ({ attempt: id }) => { move(id, "cancelled"); return find(id); },
  check_now: ({ attempt: id }) => { setTimeout(() => complete(id), 300); return find(id); },
  reopen_browser: ({ attempt: id }) => find(id),
  paste_link: ({ link }) => {
    if (link.includes("deny")) { const open = attempts.find((held) => !held.ended_at); move(open.id, "refused"); return { attempt: open }; }
    if (!link.startsWith("app.patchbay.desktop://")) throw failure("invalid_input", "This is not a link to Patchbay.", "It begins with app.patchbay.desktop://oauth/callback.", "link");
    const open = attempts.find((held) => !held.ended_at);
    complete(open.id);
    return { attempt: open };
  },
  get_attempt: ({ attempt: id }) => find(id),
  list_attempts: ({ offset, limit }) => ({ attempts: attempts.slice(offset, offset + limit), total: attempts.length }),
  list_connections: (request) => {
    if (scenario === "broken") throw failure("storage", "The list of connections could not be read from this computer.", "Try again; if it stays like this, see the log folder in Settings.", null, "SQLITE_CORRUPT: database disk image is malformed");
    return page(request);
  },
  rename_connection: ({ instance, label }) => {
    if (connections.some((row) => row.label === label && row.instance !== instance)) throw failure("conflict", "Another connection of this connector has this label.", "Choose another label.", "label");
    connections = connections.map((row) => row.instance === instance ? { ...row, label, avatar: { ...row.avatar, letters: letters(label) } } : row);
    stale("connections");
    return connections.find((row) => row.instance === instance);
  },
  plan_disconnect: ({ instance }) => {
    const row = connections.find((held) => held.instance === instance);
    return { connection: row, at_once: true, consequences: ["No workflow uses it.", "It is deleted at Nango, with the tokens Nango holds.", "It is removed from this computer.", `The grant at ${row.connector_name} may remain: remove it in your account’s settings there.`] };
  },
  disconnect_connection: ({ instance }) => {
    const row = connections.find((held) => held.instance === instance);
    connections = connections.filter((held) => held.instance !== instance);
    stale("connections", "connectors", "overview");
    return { at_nango: "deleted", removed_here: true, sentences: [`“${row.label}” is disconnected.`, "Deleted at Nango and removed here.", `The grant at ${row.connector_name} may remain.`] };
  },
  sync_connections: () => new Promise((resolve) => {
    sync = { running: true, read: 0 };
    const timer = setInterval(() => {
      sync = { running: sync.read < 8_000, read: sync.read + 2_000 };
      stale("sync");
      if (!sync.running) {
        clearInterval(timer);
        resolve({ seen: 10_000, discovered: 3, gone: 1, health_changed: 0, summary: "Read 10,000 connections: 3 are new here, 1 was deleted elsewhere." });
      }
    }, 500);
    stale("sync");
  }),
  cancel_sync: () => { sync = { running: false, read: 8_000 }; stale("sync"); return null; },
  get_sync_progress: () => sync,
  save_profile: (request) => {
    if (!request.user_id.trim()) throw failure("invalid_input", "A user id is needed.", "Any name that is yours alone will do, such as your e-mail address.", "user_id");
    if (request.server_url.includes("down") && !request.accept_problems) throw failure("unreachable", "The server could not be reached.", "Check the address and your network.", "server_url", "dns: no such host");
    if (request.api_key === "bad") throw failure("key_refused", "The server does not know this key.", "Copy it again from Nango’s environment settings.", "api_key", "401 unknown_key");
    if (request.api_key === "keyring") throw failure("keyring", "The key could not be stored: no keyring service is running.", "Install and start one, such as gnome-keyring, and try again.");
    profile = { id: uuid(1), kind: "nango", name: new URL(request.server_url).host, server_url: request.server_url, user_id: request.user_id, user_name: request.user_name || null, bridge_url: request.bridge_url || null, enabled: request.enabled, key: "stored", overrides: [], check: report(), last_synced_at: null };
    stale("overview");
    return overview();
  },
  check_profile: () => ({ ...report(), checked_at: new Date().toISOString() }),
  try_without_account: () => {
    profile = { id: uuid(2), kind: "sandbox", name: "Sandbox", server_url: "http://127.0.0.1:43117", user_id: "you", user_name: null, bridge_url: null, enabled: true, key: "stored", overrides: [], check: report(), last_synced_at: null };
    stale("overview", "connectors", "connections");
    return overview();
  },
  switch_profile: () => overview(),
  delete_profile: () => { profile = null; stale("overview"); return overview(); },
  take_notices: () => notices.splice(0),
  set_appearance: ({ appearance: chosen }) => { appearance = chosen; stale("overview"); return null; },
  get_diagnostics: () => ({ keyring: keyring(), deep_link: deepLink(), notifications, version: "0.1.0", data_folder: "/home/alex/.local/share/app.patchbay.desktop", log_folder: "/home/alex/.local/state/app.patchbay.desktop/log", schema_version: 2 }),
  test_keyring: keyring,
  use_memory_for_session: () => ({ state: "memory_by_choice", message: "Secrets are kept in memory until Patchbay ends.", hint: null }),
  register_deep_link: deepLink,
};

// The sample workflows call a few connectors; each of them has some connections, in different states.
const called = ["github", "gmail", "linear", "notion", "stripe", "microsoft-teams"];
if (!["first-run", "empty", "unknown", "one", "life", "hostile"].includes(scenario)) {
  const several = scenario === "many" ? 12_000 : 24;
  connections.push(...Array.from({ length: several }, (_, number) => {
    const slug = scenario === "many" && number >= 24 ? "github" : called[number % (called.length - 1)];
    const [, name, , provider, , icon] = catalogue.find(([known]) => known === slug);
    const health = slug === "stripe" && number < 6 ? "needs_reconnect" : slug === "notion" && number > 10 && number < 16 ? "gone" : number % 7 === 6 ? "unknown" : "works";
    const round = Math.floor(number / 50);
    return { ...connection(number + 300, `${LABELS[number % LABELS.length]}${round ? ` ${round + 1}` : ""}`, health), connector: slug, connector_name: name, icon, provider, integration: provider };
  }));
}
Object.assign(commands, await workflowCommands({
  scenario, failure, minutes, uuid, stale, catalogue, connections: () => connections,
  connectionTo: (slug, number) => connections.filter((row) => row.connector === slug)[number],
}));

window.__TAURI__ = {
  core: {
    invoke: async (name, { request }) => {
      if (slow) await new Promise((resolve) => setTimeout(resolve, slow));
      if (!commands[name]) throw failure("internal", `No command ${name}.`, "Add it to the sample data.");
      return structuredClone(await commands[name](request));
    },
  },
  event: {
    listen: async (_name, handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  },
};

// ?go=workflow:<n> and ?go=run:<n> open one of the samples, whose ids are made anew.
const [page_of, which] = query.get("go")?.split(":") ?? [];
if (page_of === "workflow") location.hash = `#/workflows/${commands.list_workflows({ search: "", offset: 0, limit: 99 }).workflows[which].id}`;
if (page_of === "run") location.hash = `#/runs/${commands.list_runs({ offset: 0, limit: 99 }).runs[which].id}`;
if (page_of === "compare") location.hash = `#/runs/${commands.list_runs({ offset: 0, limit: 99 }).runs.slice(1, 3).map(({ id }) => id).join("/")}`;

await import("../boot.js");

// Presses buttons by their names, each as soon as it is there.
for (const name of query.get("press")?.split("|") ?? []) {
  const named = () => [...document.querySelectorAll("button")].findLast((button) => (button.getAttribute("aria-label") ?? button.textContent.trim()) === name);
  while (!named() || named().getAttribute("aria-busy")) await new Promise((resolve) => setTimeout(resolve, 20));
  named().focus();
  named().click();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
