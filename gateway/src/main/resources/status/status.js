// The status page: asks the public API every few seconds while somebody looks, and shows the answers.
// Texts of others go into the page as text nodes alone.

const EVERY_MS = 3_000;
const LONGEST_PAUSE_MS = 60_000;
const MOST_ROWS = 200;
const KEY = "agentmanager.token";
const page = (id) => document.getElementById(id);

let timer;
let failures = 0;
let updatedAt;

// Raised with each token and each farewell: what was asked for before is not shown after.
let visit = 0;
let looking = false;

class Refused extends Error {}

async function read(path) {
  const response = await fetch(path, {
    headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY)}`, Accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(20_000),
  });
  if (response.ok) {
    return response.json();
  }
  const problem = (await response.json().catch(() => null)) ?? {};
  const text = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  if (response.status === 401 || response.status === 403) {
    throw new Refused(text);
  }
  const failure = new Error(text);
  failure.pauseMs = 1_000 * (Number(response.headers.get("Retry-After")) || 0);
  throw failure;
}

function element(name, content, kind) {
  const made = document.createElement(name);
  made.append(...[content].flat().map((part) => part ?? ""));
  if (kind) {
    made.className = kind;
  }
  return made;
}

/** Rows of cells; a cell is a text, a node, or [content, class of the cell]. */
function table(columns, rows, empty) {
  if (rows.length === 0) {
    return element("p", empty, "quiet");
  }
  const cells = (row) =>
    row.map((cell) => (Array.isArray(cell) ? element("td", cell[0], cell[1]) : element("td", cell)));
  const head = element("tr", columns.map(([name, kind]) => element("th", name, kind)));
  const body = rows.slice(0, MOST_ROWS).map((row) => element("tr", cells(row)));
  if (rows.length > MOST_ROWS) {
    const more = element("td", `and ${rows.length - MOST_ROWS} more`, "quiet");
    more.colSpan = columns.length;
    body.push(element("tr", more));
  }
  return element("table", [element("thead", head), element("tbody", body)]);
}

function ago(instant, now) {
  if (!instant) {
    return "";
  }
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1_000));
  if (seconds < 90) {
    return `${seconds} s ago`;
  }
  if (seconds < 5_400) {
    return `${Math.round(seconds / 60)} min ago`;
  }
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} days ago`;
}

function moment(instant, now) {
  const shown = element("time", ago(instant, now));
  if (instant) {
    shown.dateTime = instant;
    shown.title = instant;
  }
  return [shown, "nowrap"];
}

function workflowLink(id, text) {
  const button = element("button", text ?? id, "link");
  button.type = "button";
  button.dataset.workflow = id;
  return button;
}

const STATE_KIND = { COMPLETED: "good", FAILED: "bad", CANCELLED: "quiet", READY: "warm", IN_PROGRESS: "good", AWAITING_APPROVAL: "warm" };
const named = (state) => state.toLowerCase().replaceAll("_", " ");
const state = (value) => [element("span", named(value), STATE_KIND[value]), "nowrap"];
const firstLine = (text) => (text.length > 140 ? `${text.slice(0, 140)}…` : text).split("\n")[0];
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** Replaces what is shown, unless it is the same: then selections and focus stay. */
function show(id, node) {
  const place = page(id);
  if (place.innerHTML !== node.outerHTML) {
    const focused = place.contains(document.activeElement) && document.activeElement.dataset.workflow;
    place.replaceChildren(node);
    if (focused) {
      place.querySelector(`[data-workflow="${CSS.escape(focused)}"]`)?.focus();
    }
  }
}

function showTiles(overview) {
  // A task-service of the release before does not count them.
  const living = overview.living_workers ?? overview.workers.filter((one) => one.status === "active").length;
  const open = Object.entries(overview.workflows);
  const tiles = [
    [sum(open.map(([, count]) => count)), "open workflows"],
    ...open.filter(([name]) => name !== "RUNNING").map(([name, count]) => [count, named(name)]),
    [overview.steps.in_progress, "steps at work"],
    [overview.steps.ready, "steps ready"],
    ...[
      [overview.steps.waiting_for_files, "wait for files"],
      [overview.steps.backing_off, "wait to try again"],
    ].filter(([count]) => count > 0),
    [living, living === 1 ? "living worker" : "living workers"],
  ];
  page("tiles").replaceChildren(
    ...tiles.map(([count, text]) => element("li", [element("b", count.toLocaleString("en")), element("span", text)])),
  );
}

function showAll(overview) {
  const now = Date.parse(overview.at);
  const described = new Map(overview.open.map((one) => [one.workflow_id, firstLine(one.description)]));
  showTiles(overview);
  show(
    "stuck",
    table(
      [["workflow"], ["step"], ["since"], ["why, and what to do"]],
      overview.stuck.map((one) => [
        workflowLink(one.workflow_id, described.get(one.workflow_id)), one.step_id ?? "", moment(one.since, now), [one.reason, "bad"],
      ]),
      "Nothing is stuck.",
    ),
  );
  show(
    "open",
    table(
      [["workflow"], ["state"], ["steps left", "number"], ["begun"], ["last news"]],
      overview.open.map((one) => [
        workflowLink(one.workflow_id, firstLine(one.description)), state(one.status),
        [String(one.open_steps), "number"], moment(one.created_at, now), moment(one.last_event_at, now),
      ]),
      "No workflow is open.",
    ),
  );
  show(
    "queues",
    table(
      [["capability"], ["steps", "number"], ["the first since"], ["workers that offer it", "number"]],
      overview.queues.map((one) => [
        one.capability, [String(one.ready), "number"], moment(one.oldest_ready_at, now),
        [element("span", String(one.workers), one.workers === 0 ? "bad" : ""), "number"],
      ]),
      "No step waits for a worker.",
    ),
  );
  show(
    "workers",
    table(
      [["worker"], ["state"], ["at work", "number"], ["capabilities"], ["last heard of"]],
      overview.workers.map((one) => [
        one.client_agent_id, [element("span", one.status, one.status === "active" ? "good" : "quiet"), "nowrap"],
        [`${one.holding} of ${one.max_parallel_tasks}`, "number"], one.agent_capabilities.join(", "),
        moment(one.last_heartbeat, now),
      ]),
      "No worker has registered. Start one: ./am worker --config FILE",
    ),
  );
  show(
    "ended",
    table(
      [["workflow"], ["state"], ["begun"], ["ended"]],
      overview.ended.map((one) => [
        workflowLink(one.workflow_id, firstLine(one.description)), state(one.status),
        moment(one.created_at, now), moment(one.completed_at, now),
      ]),
      "None yet. Try: ./am submit task.json --watch",
    ),
  );
}

async function look() {
  clearTimeout(timer);
  if (looking) {
    return;
  }
  looking = true;
  const begun = visit;
  let pause = EVERY_MS;
  try {
    const overview = await read("/v1/overview");
    if (begun === visit) {
      failures = 0;
      updatedAt = Date.parse(overview.at);
      tellState();
      showAll(overview);
      page("door").hidden = true;
      page("view").hidden = false;
      page("leave").hidden = false;
    }
  } catch (problem) {
    if (begun === visit && problem instanceof Refused) {
      askForToken(problem.message);
    } else if (begun === visit) {
      failures += 1;
      pause = Math.min(Math.max(problem.pauseMs ?? 0, EVERY_MS * 2 ** failures), LONGEST_PAUSE_MS);
      tellState(`Away: ${problem.message}`);
    }
  } finally {
    looking = false;
  }
  if (sessionStorage.getItem(KEY) && !document.hidden) {
    timer = setTimeout(look, begun === visit ? pause : 0);
  }
}

function tellState(trouble) {
  const line = page("state");
  line.className = trouble ? "away" : "live";
  const age = updatedAt ? `as of ${new Date(updatedAt).toLocaleTimeString()}` : "";
  line.textContent = [trouble, age].filter(Boolean).join(" · ") || "Not connected";
}

function askForToken(refusal) {
  sessionStorage.removeItem(KEY);
  clearTimeout(timer);
  visit += 1;
  failures = 0;
  updatedAt = undefined;
  page("detail").close();
  for (const place of ["stuck", "tiles", "open", "queues", "workers", "ended", "detail-body"]) {
    page(place).replaceChildren();
  }
  page("view").hidden = true;
  page("leave").hidden = true;
  page("door").hidden = false;
  page("refusal").textContent = refusal ?? "";
  page("state").className = "";
  page("state").textContent = "Not connected";
  page("token").focus();
}

function stepRows(workflow, now) {
  return workflow.tasks.map((step) => [
    step.step_id, state(step.status), [String(step.attempt), "number"], step.assigned_agent,
    step.client_id ?? "", moment(step.started_at, now), moment(step.completed_at, now),
  ]);
}

async function showWorkflow(id) {
  const begun = visit;
  const isStillAsked = () => begun === visit && page("detail-title").textContent === id;
  page("detail-title").textContent = id;
  page("detail-body").replaceChildren(element("p", "Loading…", "quiet"));
  if (!page("detail").open) {
    page("detail").showModal();
  }
  try {
    const workflow = await read(`/v1/workflows/${encodeURIComponent(id)}`);
    if (!isStillAsked()) {
      return;
    }
    const { input_tokens: input, output_tokens: output, cost_usd: cost } = workflow.usage;
    page("detail-body").replaceChildren(
      element("p", [
        element("b", named(workflow.status), STATE_KIND[workflow.status]),
        ` · ${workflow.progress.completed} of ${workflow.progress.total} steps · rework ${workflow.rework_cycle}`,
        ` · ${input + output} tokens · ${cost.toFixed(4)} USD`,
      ]),
      element("pre", workflow.description.slice(0, 2_000)),
      ...(workflow.error ? [element("p", workflow.error.message ?? JSON.stringify(workflow.error), "bad")] : []),
      table(
        [["step"], ["state"], ["attempt", "number"], ["capability"], ["worker"], ["begun"], ["ended"]],
        stepRows(workflow, Date.now()),
        "There is no plan yet.",
      ),
      ...(workflow.result ? [element("h2", "Result"), element("pre", workflow.result.slice(0, 20_000))] : []),
    );
  } catch (problem) {
    if (isStillAsked()) {
      page("detail-body").replaceChildren(element("p", problem.message, "bad"));
    }
  }
}

page("door").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, page("token").value.trim());
  visit += 1;
  page("token").value = "";
  look();
});
page("leave").addEventListener("click", () => askForToken());
document.addEventListener("click", (event) => {
  const id = event.target.closest?.("[data-workflow]")?.dataset.workflow;
  if (id) {
    showWorkflow(id);
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && sessionStorage.getItem(KEY)) {
    look();
  }
});

if (sessionStorage.getItem(KEY)) {
  look();
} else {
  askForToken();
}
