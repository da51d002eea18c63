// Sample workflows and runs for the gallery: enough of the engine that the editor, the picker, the dialogs and the
// runs can be tried out. The YAML it reads is the small part that it writes itself.

const words = { works: ["ready", "Ready"], unknown: ["never_checked", "Never checked"], needs_reconnect: ["needs_reconnect", "Needs reconnect"], gone: ["gone", "Deleted"], disconnecting: ["disconnecting", "Being disconnected"] };
const KINDS = ["set", "do", "switch", "for", "fork", "try", "raise", "wait", "emit", "listen", "run"];
const escaped = (text) => text.replaceAll("~", "~0").replaceAll("/", "~1");
const unescaped = (text) => text.replaceAll("~1", "/").replaceAll("~0", "~");
const steps = (pointer) => pointer.split("/").slice(1).map(unescaped);

// ---- a little YAML ------------------------------------------------------------------------------------------

const scalar = (value) => {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[\w$./@-][^:#\n]*$/.test(value) && !/^(true|false|null|-?\d.*)$/.test(value) && value === value.trim() ? value : JSON.stringify(value);
};
const emit = (value, indent = "") => {
  if (Array.isArray(value)) return value.length ? value.map((item) => `${indent}- ${emit(item, `${indent}  `).slice(indent.length + 2)}`).join("") : `${indent}[]\n`;
  if (value && typeof value === "object") {
    const entries = Object.entries(value);
    if (!entries.length) return `${indent}{}\n`;
    return entries.map(([key, held]) => {
      const nested = held && typeof held === "object" && Object.keys(held).length;
      return nested ? `${indent}${scalar(key)}:\n${emit(held, `${indent}${Array.isArray(held) ? "" : "  "}`)}` : `${indent}${scalar(key)}: ${emit(held, "").trimEnd()}\n`;
    }).join("");
  }
  return `${indent}${scalar(value)}\n`;
};
const parse = (text) => {
  const lines = text.split("\n").map((raw, index) => ({ raw, number: index + 1 })).filter(({ raw }) => raw.trim() && !raw.trim().startsWith("#"));
  let at = 0;
  const fail = (number, message) => { throw { number, message }; };
  const value = (written, number) => {
    if (written === "") return null;
    try { return JSON.parse(written); } catch { /* plain */ }
    if (/^[[{"]/.test(written)) fail(number, "This does not end where it should. Close the bracket or the quote.");
    return written.replace(/^'(.*)'$/, "$1");
  };
  const block = (indent) => {
    const width = (line) => line.raw.length - line.raw.trimStart().length;
    const first = lines[at];
    if (first.raw.trimStart().startsWith("- ")) {
      const list = [];
      while (at < lines.length && width(lines[at]) === indent && lines[at].raw.trimStart().startsWith("- ")) {
        lines[at].raw = `${" ".repeat(indent + 2)}${lines[at].raw.slice(indent + 2)}`;
        list.push(block(indent + 2));
      }
      return list;
    }
    const members = {};
    while (at < lines.length && width(lines[at]) === indent) {
      const { raw, number } = lines[at];
      if (raw.trim().startsWith("- ")) break;
      const match = /^("(?:[^"\\]|\\.)*"|[^:]+):(?: (.*)|)$/.exec(raw.trim());
      if (!match) {
        if (Object.keys(members).length === 0 && !raw.includes(": ")) { at += 1; return value(raw.trim(), number); }
        fail(number, "A name with a colon was expected here.");
      }
      const key = match[1].startsWith("\"") ? JSON.parse(match[1]) : match[1];
      at += 1;
      if (match[2]?.trim()) members[key] = value(match[2].trim(), number);
      else if (at < lines.length && (width(lines[at]) > indent || (width(lines[at]) === indent && lines[at].raw.trimStart().startsWith("- ")))) members[key] = block(width(lines[at]));
      else members[key] = null;
    }
    if (at < lines.length && width(lines[at]) > indent) fail(lines[at].number, "This is indented further than what it belongs to.");
    return members;
  };
  const read = lines.length ? block(0) : {};
  if (at < lines.length) fail(lines[at].number, "This is indented less than what it belongs to.");
  return read;
};

export const workflowCommands = async ({ scenario, failure, minutes, uuid, stale, connections, catalogue, connectionTo }) => {
  const operations = await (await fetch(new URL("./operations.json", import.meta.url))).json();
  const connectorOf = (slug) => {
    const [, name, , , , icon] = catalogue.find(([known]) => known === slug) ?? [slug, slug];
    return { slug, name, icon: icon ?? null };
  };

  // ---- documents --------------------------------------------------------------------------------------------

  const call = (connector, operation, role, parameters = {}, more = {}) => {
    const found = operations[connector].find(({ id }) => id === operation);
    return { call: "http", with: { method: found.method.toLowerCase(), endpoint: { uri: `\${ "\\($workflow.input.nango)/proxy${found.path}" }`, authentication: { use: "nango" } }, headers: { "Provider-Config-Key": connector, "Connection-Id": `\${ $workflow.input.connections.${role} }` } }, metadata: { patchbay: { connector, operation, role, parameters } }, ...more };
  };
  const document = (title, list) => ({ document: { dsl: "1.0.3", namespace: "default", name: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), version: "0.1.0", title }, use: { secrets: ["nango"], authentications: { nango: { bearer: { token: "${ $secrets.nango }" } } } }, do: list });

  const triage = document("Triage new issues", [
    { listIssues: call("github", "list-issues", "codeHost", { owner: "octocat", repo: "hello-world", state: "open" }) },
    { eachIssue: { for: { in: ".", each: "issue" }, do: [
      { howUrgent: { switch: [{ urgent: { when: "$issue.labels | any(.name == \"urgent\")", then: "tellTeam" } }, { known: { when: "$issue.assignee", then: "exit" } }, { other: { then: "noteIt" } }] } },
      { tellTeam: call("microsoft-teams", operations["microsoft-teams"][0].id, "team", {}, { then: "remember" }) },
      { noteIt: call("notion", operations.notion[0].id, "notes", {}) },
      { remember: { set: { seen: "${ $issue.number }", at: "${ now }" } } },
    ] } },
    { report: { fork: { branches: [
      { mailMe: call("gmail", operations.gmail[0].id, "workMail", {}) },
      { mailHome: call("gmail", operations.gmail[0].id, "workMail", {}) },
      { logIt: { set: { done: true } } },
    ] } } },
    { bill: { try: [{ charge: call("stripe", operations.stripe[0].id, "billing", {}) }, { pause: { wait: "PT2S" } }], catch: { errors: { with: { status: 402 } }, retry: { limit: { attempt: { count: 3 } }, delay: "PT3S" }, do: [{ giveUp: { raise: { error: { type: "https://example.com/errors/unpaid", status: 402 } }, if: ".attempts > 3" } }] } } },
  ]);
  const longList = (count) => Array.from({ length: count }, (_, number) => {
    const slug = ["github", "gmail", "linear", "notion", "stripe"][number % 5];
    if (number % 11 === 6) return { [`step${number}`]: { fork: { branches: [{ [`a${number}`]: call("linear", operations.linear[0].id, "linear") }, { [`b${number}`]: call("notion", operations.notion[0].id, "notion") }] } } };
    if (number % 13 === 9) return { [`step${number}`]: { set: { number } } };
    return { [`step${number}`]: call(slug, operations[slug][number % operations[slug].length].id, slug) };
  });

  const of = (title, list, more = {}) => ({ ...document(title, list), ...more });
  let made = 0;
  const workflow = (doc, changedMinutesAgo, bind = {}) => {
    made += 1;
    const text = typeof doc === "string" ? doc : emit(doc);
    return { id: uuid(made + 9000), text, readable: typeof doc === "string" ? null : structuredClone(doc), saved: text, version: 1, past: [], future: [], bindings: new Map(Object.entries(bind)), updated_at: minutes(changedMinutesAgo) };
  };
  const some = (slug, number = 0) => connectionTo(slug, number)?.instance;
  const broken = emit(triage).replace("each: issue", "each: \"issue");
  let workflows = scenario === "empty" || scenario === "first-run" ? [] : [
    workflow(triage, 4, { "role:codeHost": some("github"), "role:workMail": some("gmail"), "task:mailHome": some("gmail", 1), "role:billing": some("stripe"), "role:notes": some("notion", 2) }),
    workflow(of("Weekly digest", longList(100)), 130, { "role:github": some("github"), "role:gmail": some("gmail"), "role:linear": some("linear"), "role:notion": some("notion"), "role:stripe": some("stripe") }),
    workflow(of("Everything, twice", longList(500)), 4_000),
    workflow(broken, 9_000),
    workflow(of("Untitled workflow", []), 20_000),
    workflow(of("Other engines’ tasks", [{ ask: { listen: { to: { any: [] } } } }, { script: { run: { shell: { command: "true" } } } }, { grpc: { call: "grpc", with: { method: "x" } } }]), 30_000),
  ];
  if (scenario === "one") workflows = workflows.slice(0, 1);
  let putAway = [];

  const resolved = (doc) => {
    const roles = [];
    const lineOf = new Map();
    const text = doc.text.split("\n");
    const seen = new Map();
    const lines = (name) => {
      const from = seen.get(name) ?? 0;
      const first = text.findIndex((line, index) => index >= from && line.trim() === `- ${name}:`);
      if (first < 0) return [1, 1];
      seen.set(name, first + 1);
      const indent = text[first].indexOf("-");
      let last = first + 1;
      while (last < text.length && text[last].trim() && text[last].length - text[last].trimStart().length > indent) last += 1;
      return [first + 1, last];
    };
    const list = (held, pointer) => (held ?? []).map((item, index) => {
      const name = Object.keys(item)[0];
      const body = item[name] ?? {};
      const path = `${pointer}/${index}/${escaped(name)}`;
      const patchbay = body.metadata?.patchbay;
      const kind = body.call ? (body.call === "http" ? "call_http" : "call_other") : body.try ? "try" : body.for ? "for" : KINDS.find((known) => known in body) ?? "unknown";
      const found = patchbay && operations[patchbay.connector]?.find(({ id }) => id === patchbay.operation);
      const outline = {
        path, name, kind, lines: lines(name), condition: body.if ?? null, then: body.then ?? null, cases: [], lists: [], position: patchbay?.position ?? body.metadata?.patchbay?.position ?? null,
        connector: patchbay?.connector ? { connector: patchbay.connector, operation: patchbay.operation, role: patchbay.role, integration: patchbay.connector, parameters: Object.entries(patchbay.parameters ?? {}).map(([key, value]) => ({ name: key, text: typeof value === "string" ? value : JSON.stringify(value) })) } : null,
        summary: found ? found.title : kind === "call_http" ? `${(body.with?.method ?? "get").toUpperCase()} ${body.with?.endpoint?.uri ?? body.with?.endpoint ?? ""}` : kind === "set" ? Object.keys(body.set ?? {}).join(", ") : kind === "for" ? `${body.for.each ?? "item"} in ${body.for.in}` : kind === "wait" ? `${typeof body.wait === "string" ? body.wait : JSON.stringify(body.wait)}` : kind === "raise" ? String(body.raise?.error?.type ?? "").split("/").at(-1) : kind === "switch" ? (body.switch ?? []).map((held) => Object.keys(held)[0]).join(", ") : "",
      };
      if (kind === "switch") outline.cases = (body.switch ?? []).map((held) => { const [caseName, inner] = Object.entries(held)[0]; return { name: caseName, when: inner?.when ?? null, then: inner?.then ?? null }; });
      if (outline.connector) {
        const role = roles.find((known) => known.role === patchbay.role);
        if (role) role.tasks.push(name); else roles.push({ role: patchbay.role, connector: patchbay.connector, tasks: [name] });
      }
      const add = (inner, at, role) => outline.lists.push({ pointer: `${path}${at}`, role, tasks: list(inner, `${path}${at}`) });
      if (kind === "do") add(body.do, "/do", "sequence");
      if (kind === "for") add(body.do, "/do", "each");
      if (kind === "try") { add(body.try, "/try", "try"); add(body.catch?.do, "/catch/do", "catch"); }
      if (kind === "fork") add(body.fork?.branches, "/fork/branches", body.fork?.compete ? "competing" : "branches");
      return outline;
    });
    const read = doc.readable ?? {};
    const tasks = list(read.do, "/do");
    return { outline: { name: read.document?.name ?? "", title: read.document?.title ?? null, summary: null, version: "0.1.0", tasks, roles }, lineOf };
  };
  const every = (tasks) => tasks.flatMap((task) => [task, ...task.lists.flatMap((held) => every(held.tasks))]);

  const castings = (doc, outline) => every(outline.tasks).filter((task) => task.connector).map((task) => {
    const { role, connector } = task.connector;
    const own = doc.bindings.get(`task:${task.name}`);
    const instance = own ?? doc.bindings.get(`role:${role}`);
    const connection = connections().find((row) => row.instance === instance) ?? null;
    let [state, said] = instance && !connection ? ["gone", "Deleted"] : connection ? words[connection.health] : ["unbound", "Not bound"];
    if (connection?.mismatch) [state, said] = ["mismatch", "Another account"];
    if (connection && connection.connector !== connector) [state, said] = ["wrong_connector", "Another connector’s"];
    return { path: task.path, task: task.name, connector: connectorOf(connector), role, tasks_of_role: outline.roles.find((held) => held.role === role).tasks.length, is_override: Boolean(own), connection, state, words: said };
  });
  const blocks = ({ state }) => !["ready", "never_checked", "needs_reconnect"].includes(state);

  const problems = (doc) => {
    try { parse(doc.text); } catch ({ number, message }) { return [{ severity: "error", line: number ?? 1, column: 1, pointer: "", message: message ?? "The text cannot be read." }]; }
    const found = [];
    for (const task of every(resolved(doc).outline.tasks)) {
      if (["listen", "run", "call_other", "unknown"].includes(task.kind)) found.push({ severity: "not_run_here", line: task.lines[0], column: 1, pointer: task.path, message: `“${task.name}” is kept, and not run here.` });
      const needed = task.connector && operations[task.connector.connector]?.find(({ id }) => id === task.connector.operation)?.parameter.filter((held) => held.required && !task.connector.parameters.some((given) => given.name === held.name));
      if (needed?.length && doc === workflows[0]) found.push({ severity: "warning", line: task.lines[0], column: 1, pointer: task.path, message: `“${task.name}” has no ${needed[0].title.toLowerCase()}.` });
    }
    return found;
  };

  const nameOf = (doc) => doc.readable?.document?.title || doc.readable?.document?.name || "Untitled workflow";
  const slot = (key) => key.startsWith("role:") ? { role: key.slice(5) } : { task: key.slice(5) };
  const keyOf = (held) => held.role !== undefined ? `role:${held.role}` : `task:${held.task}`;
  const view = (doc) => {
    const { outline } = resolved(doc);
    const cast = castings(doc, outline);
    const names = every(outline.tasks).map(({ name }) => name);
    const found = problems(doc);
    return {
      id: doc.id, name: nameOf(doc), text: doc.text, version: doc.version, is_changed: doc.text !== doc.saved, undo: doc.past.at(-1)?.words ?? null, redo: doc.future.at(-1)?.words ?? null,
      outline, outline_is_old: found.some(({ pointer }) => pointer === ""), problems: found,
      connectors: [...new Set(cast.map(({ connector }) => connector.slug))].map(connectorOf), castings: cast,
      left_over: [...doc.bindings.keys()].filter((key) => key.startsWith("role:") ? !outline.roles.some(({ role }) => key === `role:${role}`) : !names.includes(key.slice(5))).map((key) => ({ slot: slot(key), connection: connections().find((row) => row.instance === doc.bindings.get(key)) ?? null })),
      updated_at: doc.updated_at,
    };
  };
  const find = (id) => {
    const doc = workflows.find((held) => held.id === id);
    if (!doc) throw failure("not_found", "There is no such workflow.", "It may have been deleted.");
    return doc;
  };
  const changed = (doc) => { stale({ workflow: doc.id }, "workflows"); return view(doc); };
  const keep = (doc, text, said) => {
    doc.past.push({ text: doc.text, words: said });
    doc.future = [];
    become(doc, text);
  };
  const become = (doc, text) => {
    doc.text = text;
    doc.version += 1;
    doc.updated_at = new Date().toISOString();
    try { const read = parse(text); if (read && typeof read === "object") doc.readable = read; } catch { /* the last readable one stays */ }
  };
  for (const doc of workflows) if (!doc.readable) { doc.readable = structuredClone(triage); doc.readable.document.title = "Half-finished"; }

  // ---- edits ------------------------------------------------------------------------------------------------

  const at = (root, pointer) => steps(pointer).reduce((held, step) => held?.[step], root);
  const around = (root, pointer, make) => {
    const all = steps(pointer);
    const last = all.pop();
    let held = root;
    for (const [index, step] of all.entries()) {
      if (held[step] === undefined && make) held[step] = /^\d+$/.test(all[index + 1] ?? last) ? [] : {};
      held = held?.[step];
    }
    return [held, last];
  };
  const unused = (root, stem) => {
    const text = emit(root);
    for (let number = 1; ; number += 1) { const name = number === 1 ? stem : `${stem}${number}`; if (!text.includes(`- ${name}:`)) return name; }
  };
  const listAt = (root, pointer) => { const [held, last] = around(root, pointer, true); held[last] ??= []; return held[last]; };
  const taken = (root, path) => { const all = steps(path); const [name, index] = [all.pop(), Number(all.pop())]; const list = at(root, `/${all.map(escaped).join("/")}`); return { list, index, name }; };
  const NEW = { set: { set: { value: "${ . }" } }, switch: { switch: [{ first: { when: ".example", then: "continue" } }, { otherwise: { then: "continue" } }] }, for: { for: { in: ".items", each: "item" }, do: [] }, fork: { fork: { branches: [] } }, try: { try: [], catch: { do: [] } }, do: { do: [] }, wait: { wait: "PT5S" }, raise: { raise: { error: { type: "https://example.com/errors/mine", status: 400 } } }, emit: { emit: { event: { with: { type: "com.example.done" } } } }, call_http: { call: "http", with: { method: "get", endpoint: "https://example.com" } } };

  const apply = (doc, edit) => {
    const [[kind, what]] = Object.entries(typeof edit === "string" ? { [edit]: {} } : edit);
    if (kind === "replace_text") { keep(doc, what.text, "Edit the source"); return; }
    if (view(doc).outline_is_old) throw failure("invalid_input", "The text cannot be read, so only the text can be edited.", "Mend it in Source first.");
    const root = structuredClone(doc.readable);
    let said = "Change";
    if (kind === "add_task") {
      const { task } = what;
      let body; let stem;
      if (task.kind) { body = structuredClone(NEW[task.kind]); stem = task.kind === "call_http" ? "call" : task.kind; } else {
        const { connector, operation } = task.operation;
        const role = resolved(doc).outline.roles.find((held) => held.connector === connector)?.role ?? connector.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
        body = call(connector, operation, role);
        stem = operation.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
      }
      const name = unused(root, stem);
      listAt(root, what.list).splice(what.index, 0, { [name]: body });
      said = `Add task “${name}”`;
    } else if (kind === "remove_task") {
      const { list, index, name } = taken(root, what.path);
      list.splice(index, 1);
      said = `Remove task “${name}”`;
    } else if (kind === "move_task") {
      const into = listAt(root, what.list);
      const { list, index, name } = taken(root, what.path);
      const [item] = list.splice(index, 1);
      into.splice(what.index, 0, item);
      said = `Move task “${name}”`;
    } else if (kind === "duplicate_task") {
      const { list, index, name } = taken(root, what.path);
      list.splice(index + 1, 0, { [unused(root, `${name}Copy`)]: structuredClone(list[index][name]) });
      said = `Duplicate task “${name}”`;
    } else if (kind === "rename_task") {
      if (!/^[\w-]+$/.test(what.name)) throw failure("invalid_input", `“${what.name}” is not a name.`, "Use letters, digits, - and _.", "name");
      const { list, index, name } = taken(root, what.path);
      if (list[index]?.[name] === undefined) throw failure("not_found", "The task is not there any more.", "Look at the workflow as it is now.");
      list[index] = { [what.name]: list[index][name] };
      if (doc.bindings.has(`task:${name}`)) { doc.bindings.set(`task:${what.name}`, doc.bindings.get(`task:${name}`)); doc.bindings.delete(`task:${name}`); }
      said = `Rename task “${name}”`;
    } else if (kind === "set") {
      const [held, last] = around(root, what.pointer, true);
      held[last] = what.value;
    } else if (kind === "remove") {
      const [held, last] = around(root, what.pointer, false);
      if (Array.isArray(held)) held.splice(Number(last), 1); else if (held) delete held[last];
    } else if (kind === "set_parameter") {
      const patchbay = at(root, what.path).metadata.patchbay;
      patchbay.parameters ??= {};
      if (what.value === null) delete patchbay.parameters[what.name]; else patchbay.parameters[what.name] = what.value;
      said = `Change “${what.name}”`;
    } else if (kind === "set_role") {
      at(root, what.path).metadata.patchbay.role = what.role;
      said = `Run as “${what.role}”`;
    } else if (kind === "rename_role") {
      for (const task of every(resolved(doc).outline.tasks)) if (task.connector?.role === what.role) at(root, task.path).metadata.patchbay.role = what.to;
      if (doc.bindings.has(`role:${what.role}`)) { doc.bindings.set(`role:${what.to}`, doc.bindings.get(`role:${what.role}`)); doc.bindings.delete(`role:${what.role}`); }
      said = `Rename role “${what.role}”`;
    } else if (kind === "place") {
      const task = at(root, what.path);
      task.metadata ??= {};
      task.metadata.patchbay ??= {};
      task.metadata.patchbay.position = what.position;
      said = "Place task";
    } else if (kind === "tidy") {
      for (const task of every(resolved(doc).outline.tasks)) { const patchbay = at(root, task.path).metadata?.patchbay; if (patchbay) delete patchbay.position; }
      said = "Tidy up";
    }
    keep(doc, emit(root), said);
  };

  // ---- runs -------------------------------------------------------------------------------------------------

  const RUN = { running: "Running", completed: "Completed", faulted: "Failed", cancelled: "Cancelled", interrupted: "Interrupted" };
  let runs = [];
  const start = (doc, state, startedMinutesAgo, number) => {
    const { outline } = resolved(doc);
    const cast = new Map(castings(doc, outline).map((held) => [held.path, held]));
    const began = Date.now() - startedMinutesAgo * 60_000;
    let clock = began; let count = 0;
    const entries = [];
    const go = (tasks, parent, parallel) => {
      const from = clock; let last = from;
      for (const task of tasks) {
        if (entries.length > 160) break;
        if (parallel) clock = from;
        const casting = cast.get(task.path);
        const own = count; count += 1;
        const began_at = clock;
        const failing = state === "faulted" && task.name === "charge";
        const retried = own % 7 === 3 ? 3 : 1;
        const entry = { number: own, parent, path: task.path, task: task.name, state: own % 9 === 8 && !task.lists.length ? "skipped" : failing ? "faulted" : "completed", started_at: new Date(began_at).toISOString(), ended_at: null, attempts: failing ? 4 : retried, connector: casting?.connector ?? null, connection: casting?.connection ?? null, connection_id: casting?.connection?.connection_id ?? null, summary: failing ? "GET /v1/charges → 401" : casting ? `${operations[casting.connector.slug][0].method} ${operations[casting.connector.slug][0].path} → 200` : task.kind === "for" ? "3 items" : task.summary, failure: failing ? failure("refused", "Stripe does not accept the credentials any more.", `Reconnect ${casting?.connection?.label ?? "it"}, then run again.`, null, "401 from the provider") : null, reconnect: failing ? casting?.connection?.instance ?? null : null };
        entries.push(entry);
        if (task.lists.length) {
          for (let round = 0; round < (task.kind === "for" ? 3 : 1); round += 1) for (const held of task.lists) if (held.role !== "catch") go(held.tasks, own, held.role === "branches");
        } else clock += entry.state === "skipped" ? 1 : 60 + ((own * 7919) % 700) * retried;
        entry.ended_at = new Date(clock).toISOString();
        last = Math.max(last, clock);
        if (failing) break;
      }
      clock = last;
    };
    go(outline.tasks, null, false);
    if (state === "running") { for (const entry of entries.slice(-3)) { entry.state = "running"; entry.ended_at = null; } }
    const fault = entries.find((entry) => entry.state === "faulted");
    return {
      summary: { id: uuid(number + 11_000), workflow: doc.id, name: nameOf(doc), state, words: RUN[state], started_at: new Date(began).toISOString(), ended_at: state === "running" ? null : new Date(clock).toISOString(), tasks_ended: entries.filter((entry) => entry.ended_at).length, tasks_begun: entries.length, problem: fault ? "“charge” failed: Stripe does not accept the credentials any more." : state === "interrupted" ? "Patchbay ended while it ran." : null },
      input: JSON.stringify({ owner: "octocat" }, null, 2), output: state === "completed" ? JSON.stringify({ seen: [12, 15, 18], done: true }, null, 2) : null, failure: fault?.failure ?? null, error: fault ? { type: "https://open-workflow-specification.org/dsl/errors/types/authentication", status: 401, title: "Authentication Error", detail: null, instance: fault.path } : null,
      entries, entries_total: entries.length,
    };
  };
  if (workflows.length) {
    const states = ["running", "completed", "faulted", "completed", "cancelled", "interrupted", "completed"];
    runs = Array.from({ length: scenario === "many" ? 140 : 9 }, (_, number) => start(workflows[number % 4 === 3 ? 1 : 0], number === 0 ? "running" : states[number % 7] === "running" ? "completed" : states[number % 7], number === 0 ? 0.15 : number * 170, number));
  }
  const runOf = (id) => {
    const run = runs.find(({ summary }) => summary.id === id);
    if (!run) throw failure("not_found", "There is no such run.", "It may belong to another profile.");
    return run;
  };
  const end = (run, state) => {
    run.summary = { ...run.summary, state, words: RUN[state], ended_at: new Date().toISOString() };
    for (const entry of run.entries) if (!entry.ended_at) { entry.state = state === "completed" ? "completed" : "cancelled"; entry.ended_at = new Date().toISOString(); }
    run.summary.tasks_ended = run.entries.length;
    stale({ run: run.summary.id }, "runs", "workflows");
  };
  const plan = (doc) => {
    const cast = castings(doc, resolved(doc).outline);
    return { name: nameOf(doc), castings: cast, obstacles: cast.filter(blocks).map((held) => `“${held.task}” has no working connection: ${held.words.toLowerCase()}.`), last_input: runs.find(({ summary }) => summary.workflow === doc.id)?.input ?? "{}" };
  };
  const replacements = [];
  // Sorting thousands of labels takes longer than everything that is to be seen here.
  const byLabel = new Intl.Collator(undefined, { numeric: true });
  const lists = new Map();
  const sorted = (connector) => {
    const held = lists.get(connector);
    if (held?.of === connections()) return held.rows;
    const rows = connections().filter((row) => row.connector === connector).sort((a, b) => byLabel.compare(a.label, b.label));
    for (const row of rows) row.words ??= `${row.label} ${row.account?.name ?? ""} ${row.account?.email ?? ""}`.toLowerCase();
    lists.set(connector, { of: connections(), rows });
    return rows;
  };

  return {
    list_operations: () => ({ connectors: Object.entries(operations).map(([slug, list]) => ({ connector: slug, name: connectorOf(slug).name, icon: connectorOf(slug).icon, operations: list.map(({ id, title, method, path }) => ({ id, title, method, path })) })) }),
    get_connector_operations: ({ connector }) => ({ connector, operations: operations[connector] ?? [] }),
    list_workflows: ({ search, offset, limit }) => {
      if (scenario === "broken") throw failure("storage", "The workflows could not be read from this computer.", "Try again; if it stays like this, see the log folder in Settings.", null, "SQLITE_CORRUPT");
      const all = workflows.map((doc) => {
        const shown = view(doc);
        const last = runs.filter(({ summary }) => summary.workflow === doc.id)[0];
        return { id: doc.id, name: shown.name, connectors: shown.connectors, tasks: every(shown.outline.tasks).length, blocked: shown.castings.filter(blocks).length, errors: shown.problems.filter(({ severity }) => severity === "error").length, updated_at: doc.updated_at, last_run: last?.summary ?? null };
      });
      const found = all.filter((row) => search.toLowerCase().split(/\s+/).filter(Boolean).every((word) => `${row.name} ${row.connectors.map(({ name }) => name).join(" ")}`.toLowerCase().includes(word)));
      return { workflows: found.slice(offset, offset + limit), matching: found.length, total: all.length };
    },
    create_workflow: ({ name }) => { const doc = workflow(of(name || `Untitled workflow ${made}`, []), 0); workflows = [doc, ...workflows]; return changed(doc); },
    get_workflow: ({ workflow: id }) => view(find(id)),
    get_task: ({ workflow: id, path }) => {
      const value = at(find(id).readable, path);
      if (value === undefined) throw failure("not_found", "The task is not there any more.", "Choose another.");
      return { path, version: find(id).version, value };
    },
    edit_workflow: ({ workflow: id, version, edit }) => {
      const doc = find(id);
      if (version !== doc.version) throw failure("conflict", "The workflow has been changed meanwhile.", "Look at it as it is now, then try again.");
      apply(doc, edit);
      return changed(doc);
    },
    undo_edit: ({ workflow: id }) => { const doc = find(id); const step = doc.past.pop(); if (step) { doc.future.push({ text: doc.text, words: step.words }); become(doc, step.text); } return changed(doc); },
    redo_edit: ({ workflow: id }) => { const doc = find(id); const step = doc.future.pop(); if (step) { doc.past.push({ text: doc.text, words: step.words }); become(doc, step.text); } return changed(doc); },
    save_workflow: ({ workflow: id }) => { const doc = find(id); doc.saved = doc.text; return changed(doc); },
    duplicate_workflow: ({ workflow: id }) => { const from = find(id); const doc = workflow(structuredClone(from.readable), 0); doc.readable.document.title = `${nameOf(from)} (copy)`; doc.text = emit(doc.readable); doc.bindings = new Map(from.bindings); workflows = [doc, ...workflows]; return changed(doc); },
    delete_workflow: ({ workflow: id }) => { putAway.push(find(id)); workflows = workflows.filter((held) => held.id !== id); stale("workflows"); return null; },
    restore_workflow: ({ workflow: id }) => { const doc = putAway.find((held) => held.id === id); putAway = putAway.filter((held) => held !== doc); workflows = [doc, ...workflows]; return changed(doc); },
    bind: ({ workflow: id, slot: held, instance }) => { const doc = find(id); if (instance) doc.bindings.set(keyOf(held), instance); else doc.bindings.delete(keyOf(held)); return changed(doc); },
    bind_all: ({ workflow: id, role, instance }) => { const doc = find(id); doc.bindings.set(`role:${role}`, instance); for (const task of resolved(doc).outline.roles.find((held) => held.role === role).tasks) doc.bindings.delete(`task:${task}`); return changed(doc); },
    list_candidates: ({ connector, search, offset, limit }) => {
      const own = sorted(connector);
      const found = own.filter((row) => search.toLowerCase().split(/\s+/).filter(Boolean).every((word) => row.words.includes(word)));
      const { name } = connectorOf(connector);
      const reason = found.length ? null : own.length ? "filtered" : connector === "jira" ? "other_profile" : connector === "hubspot" ? "never_synced" : "none_yet";
      const said = { filtered: `None of the ${own.length} connections of ${name} has all these words in its label or account.`, other_profile: `${name} is connected in another profile, “Sandbox”. Switch to it, or connect an account here.`, never_synced: "The list at Nango was never read here. Sync to see what is there, or connect an account.", none_yet: `No ${name} account is connected yet. Connect one.` };
      return { connections: found.slice(offset, offset + limit), matching: found.length, total: own.length, empty: reason && { reason, words: said[reason] } };
    },
    plan_run: ({ workflow: id }) => plan(find(id)),
    preview_expression: ({ workflow: id, expression }) => {
      const last = runs.find(({ summary }) => summary.workflow === id);
      if (/\(\s*\}?$|\|\s*\}?$/.test(expression.trim())) return { value: null, problem: "The expression does not end: something is expected after “|” or “(”.", of_run_at: null };
      return { value: expression.includes("number") ? "12" : "{ \"title\": \"Printer does not answer\" }", problem: null, of_run_at: last?.summary.started_at ?? null };
    },
    list_uses: ({ instance }) => workflows.map((doc) => ({ workflow: doc.id, name: nameOf(doc), tasks: castings(doc, resolved(doc).outline).filter((held) => held.connection?.instance === instance).map(({ task }) => task) })).filter(({ tasks }) => tasks.length),
    plan_replacement: ({ from, to }) => ({ from: connections().find((row) => row.instance === from), to: connections().find((row) => row.instance === to), changes: workflows.flatMap((doc) => [...doc.bindings].filter(([, instance]) => instance === from).map(([key]) => ({ workflow: doc.id, name: nameOf(doc), slot: slot(key), tasks: key.startsWith("role:") ? resolved(doc).outline.roles.find(({ role }) => key === `role:${role}`)?.tasks ?? [] : [key.slice(5)] }))) }),
    replace_connection: ({ from, to, changes }) => {
      replacements.push(workflows.map((doc) => [doc, new Map(doc.bindings)]));
      for (const [id, held] of changes) find(id).bindings.set(keyOf(held), to);
      stale("workflows", ...workflows.map((doc) => ({ workflow: doc.id })));
      return { replacement: replacements.length - 1, summary: `“${connections().find((row) => row.instance === from).label}” was replaced in ${changes.length} places.` };
    },
    undo_replacement: ({ replacement }) => { for (const [doc, bindings] of replacements[replacement]) doc.bindings = bindings; stale("workflows", ...workflows.map((doc) => ({ workflow: doc.id }))); return null; },
    plan_import: ({ text }) => {
      const doc = workflow(text, 0);
      try { doc.readable = parse(text); } catch { doc.readable = {}; }
      const { outline } = resolved(doc);
      return { name: nameOf(doc), problems: problems(doc), roles: outline.roles.map(({ role, connector, tasks }) => { const own = connections().filter((row) => row.connector === connector); return { role, connector: connectorOf(connector), tasks, candidates: own.length, suggested: role === "codeHost" ? own[0] ?? null : null }; }) };
    },
    import_workflow: ({ text, bindings }) => { const doc = workflow(text, 0, Object.fromEntries(bindings.map(([role, instance]) => [`role:${role}`, instance]))); try { doc.readable = parse(text); } catch { doc.readable = {}; } workflows = [doc, ...workflows]; return changed(doc); },
    export_workflow: ({ workflow: id }) => ({ path: `/home/alex/Downloads/${find(id).readable.document.name}.yaml` }),

    start_run: ({ workflow: id, input }) => {
      const doc = find(id);
      const { obstacles } = plan(doc);
      if (obstacles.length) throw failure("conflict", obstacles[0], "Bind it, then run again.");
      const run = { ...start(doc, "running", 0.05, runs.length + 50), input };
      runs = [run, ...runs];
      setTimeout(() => stale("runs", "workflows"), 0);
      setTimeout(() => { if (!run.summary.ended_at) end(run, "completed"); }, 6_000);
      return run;
    },
    cancel_run: ({ run: id }) => { const run = runOf(id); setTimeout(() => end(run, "cancelled"), 200); return run; },
    list_runs: ({ workflow: id, state, offset, limit }) => {
      const all = runs.map(({ summary }) => summary);
      const found = all.filter((run) => (!id || run.workflow === id) && (!state || run.state === state));
      return { runs: found.slice(offset, offset + limit), matching: found.length, total: all.length, by_state: Object.keys(RUN).map((held) => [held, all.filter((run) => run.state === held).length]) };
    },
    get_run: ({ run: id }) => runOf(id),
    get_run_entry: ({ run: id, number }) => {
      const entry = runOf(id).entries[number];
      const exchange = (status, problem) => ({ at: entry.started_at, method: "GET", url: "https://api.nango.dev/proxy/v1/charges?limit=10", request_headers: [["Authorization", "redacted"], ["Connection-Id", entry.connection_id ?? "none"], ["Provider-Config-Key", entry.connector?.slug ?? ""]], request_body: null, status, response_headers: [["content-type", "application/json"], ["x-request-id", "4f2a8c"]], response_body: status === 200 ? JSON.stringify([{ id: 1, title: "Printer does not answer" }, { id: 2, title: "<b>not bold</b>" }], null, 2) : "{\"message\":\"Bad credentials\"}", took_ms: 240, problem });
      return { entry, input: JSON.stringify({ owner: "octocat" }, null, 2), output: entry.state === "completed" ? JSON.stringify({ ok: true }, null, 2) : null, error: entry.state === "faulted" ? runOf(id).error : null, exchanges: entry.connector ? Array.from({ length: entry.attempts }, (_, index) => entry.state === "faulted" ? exchange(401, "The provider refused the credentials; Nango passed its answer on.") : index < entry.attempts - 1 ? exchange(503, "The provider was not available.") : exchange(200, null)) : [] };
    },
    compare_runs: ({ left, right }) => {
      const [one, other] = [runOf(left), runOf(right)];
      const most = Math.max(one.entries.length, other.entries.length);
      return { left: one.summary, right: other.summary, lines: Array.from({ length: most }, (_, index) => { const [a, b] = [one.entries[index] ?? null, other.entries[index] ?? null]; return { task: (a ?? b).task, left: a, right: b, differences: a && b && a.summary !== b.summary ? [`${a.summary} instead of ${b.summary}`] : a && b ? [] : ["Only one of them came here"] }; }) };
    },
  };
};
