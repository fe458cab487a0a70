// Level of detail: sites that stand close together on the screen are drawn as one group, their flows as one line per
// material and mode. What is drawn of thousands of sites at a small scale is some hundred groups.
const CROWD = 150;         // symbols from which on groups are offered
const NEAR = 38;           // pixels within which sites are one group
const ALONE_FROM = 13;     // zoom from which on every site stands alone
const TOGETHER = 8;        // symbols that one site may hold without being a group
const MOST_LINES = 1000;   // lines that are drawn at once, the widest first
const BESIDE = 4;          // lines between two groups that keep a colour each; what is smaller becomes one line of several materials
const MANY_LINES = 800;    // lines from which on only the largest between two groups keeps its colour
const SEVERAL = '#5d6975';

// Gives every symbol its mark (itself or its group) at a zoom level, and returns the groups.
function groupSites(plan, shows, level) {
  const sites = new Map(), scale = 2 ** level / NEAR;
  for (const node of plan.nodes) {
    node.mark = node;
    if (!shows.node(node)) continue;
    if (!sites.has(node.site)) sites.set(node.site, {nodes: [], size: 0, x: node.x * scale, y: node.y * scale});
    const site = sites.get(node.site);
    site.nodes.push(node); site.size += node.size || 0;
  }
  const order = [...sites.values()].sort((a, b) => b.size - a.size), cells = new Map(), groups = [];
  const cell = (x, y) => Math.floor(x) * 1e7 + Math.floor(y);
  for (const site of order) {
    const key = cell(site.x, site.y);
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(site);
  }
  for (const seed of order) {
    if (seed.taken) continue;
    const members = [];
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) {
      for (const site of cells.get(cell(seed.x + dx, seed.y + dy)) || []) {
        if (site.taken || Math.hypot(site.x - seed.x, site.y - seed.y) > 1) continue;
        site.taken = true;
        members.push(site);
      }
    }
    if (members.length > 1 || seed.nodes.length > TOGETHER) groups.push(makeGroup(members, scale, plan.nodes.length + groups.length));
  }
  return groups;
}

function makeGroup(sites, scale, row) {
  const nodes = sites.flatMap(site => site.nodes).sort((a, b) => (b.size || 0) - (a.size || 0));
  const size = sites.reduce((sum, site) => sum + site.size, 0), share = size / sites.length * .1 || 1;
  let x = 0, y = 0, weight = 0;
  for (const site of sites) {  // in the middle of what is handled
    const w = site.size + share;
    x += site.x * w; y += site.y * w; weight += w;
  }
  const count = test => nodes.filter(test).length;
  const group = {
    kind: 'group', row, nodes, size, sites: sites.length, x: x / weight / scale, y: y / weight / scale, inside: [],
    parts: [count(node => node.kind === 'facility' && node.state !== 'idle'), count(node => node.kind === 'plant'),
      count(node => node.kind === 'disposal'), count(node => node.state === 'idle')],
  };
  for (const node of nodes) node.mark = group;
  return group;
}

// Lines between marks: a flow by itself, or a bundle of those with the same ends, material and mode.
function bundle(plan, shows) {
  const lines = [], bundles = new Map(), marks = 2 * plan.nodes.length, modes = plan.modes.length || 1;
  for (const flow of plan.flows) {
    if (!shows.flow(flow)) continue;
    const a = plan.nodes[flow.from].mark, b = plan.nodes[flow.to].mark;
    if (a === b) {
      if (a.kind === 'group') a.inside.push(flow);
      continue;
    }
    flow.a = a; flow.b = b;
    if (a.kind !== 'group' && b.kind !== 'group') { lines.push(flow); continue; }
    const kind = flow.unused ? 2 : flow.way ? 1 : 0, key = (((a.row * marks + b.row) * plan.materials.length + flow.material) * modes + flow.mode) * 3 + kind;
    if (bundles.has(key)) bundles.get(key).push(flow); else bundles.set(key, [flow]);
  }
  const all = [...bundles.values()].map(makeBundle), some = thinned(plan, all, BESIDE);
  return [...lines, ...(lines.length + some.length > MANY_LINES ? thinned(plan, all, 1) : some)];
}

function makeBundle(flows) {
  if (flows.length === 1) return flows[0];
  const {a, b, material, as, mode, way, unused, colour, dash} = flows[0], sum = name => flows.reduce((total, flow) => total + (flow[name] || 0), 0);
  const longest = flows.reduce((best, flow) => flow.amount > best.amount ? flow : best);
  return {flows, a, b, material, as, mode, way, unused, colour, dash, path: longest.path, amount: sum('amount'), arrived: sum('arrived'), tonnes: sum('tonnes')};
}

// Between the same two marks the largest lines keep their colour; of what is smaller, one line per unit remains.
function thinned(plan, lines, most) {
  if (plan.changes) return lines;
  const pairs = new Map(), kept = [];
  for (const line of lines) {
    const key = `${line.a.row} ${line.b.row} ${line.unused ? 'unused' : line.way ? 'way' : ''} ${plan.materials[line.material].unit}`;
    if (pairs.has(key)) pairs.get(key).push(line); else pairs.set(key, [line]);
  }
  for (const beside of pairs.values()) {
    beside.sort((x, y) => y.amount - x.amount);
    const apart = beside[0].way || beside[0].unused ? 0 : most, rest = beside.slice(apart);
    if (rest.length < 2) { kept.push(...beside); continue; }
    const one = makeBundle(rest.flatMap(line => line.flows || [line]));
    one.several = new Set(rest.map(line => line.material)).size;
    if (one.several > 1 && !one.way) one.colour = SEVERAL;
    if (new Set(rest.map(line => line.mode)).size > 1) { one.mode = undefined; one.dash = one.unused ? one.dash : []; }
    kept.push(...beside.slice(0, apart), one);
  }
  return kept;
}

// What a line carries, in words.
function carried(plan, line) {
  return line.several > 1 ? say(TEXT.several_materials, {count: whole(line.several)}) : nameOf(plan.materials[line.material]);
}

// What is drawn at a level: {groups, marks, lines, widest}; lines know their width and their lane beside others.
function detail(plan, choice, level) {
  const shows = filterOf(plan, choice);
  const groups = choice.layers.groups && level < ALONE_FROM ? groupSites(plan, shows, level) : [];
  if (!groups.length) for (const node of plan.nodes) node.mark = node;
  const lines = bundle(plan, shows), widest = {...plan.widest}, lanes = new Map(), largest = largestOf(groups, group => group.size, 1e-9);
  for (const line of lines) {
    const unit = plan.materials[line.material].unit;
    if (!line.unused) widest[unit] = Math.max(widest[unit] || 0, line.amount);
  }
  const widthOf = (amount, unit) => 1.2 + 6.8 * Math.sqrt(amount / widest[unit]);
  lines.sort((x, y) => x.amount - y.amount);
  for (const line of lines) {
    const pair = line.a.row * 1e6 + line.b.row;
    line.width = line.unused ? 2 : widthOf(line.amount, plan.materials[line.material].unit);
    line.lane = lanes.get(pair) || 0;
    lanes.set(pair, line.lane + 1);
  }
  lines.sort((x, y) => x.width - y.width);
  for (const group of groups) group.radius = 8 + 2.2 * String(group.sites).length + 5 * Math.sqrt(group.size / largest);
  const rank = mark => mark.state === 'idle' ? -1 : mark.size || 0;
  const marks = [...plan.nodes.filter(node => node.mark === node && shows.node(node)), ...groups].sort((x, y) => rank(x) - rank(y));
  const drawn = new Set(marks), hidden = new Set();
  for (const line of lines) for (const mark of [line.a, line.b]) if (!drawn.has(mark)) hidden.add(mark);
  const kept = plan.everyFlow.filter(shows.flow).length;
  return {groups, marks, hidden, lines, widest, widthOf, kept, ends: lines.map(line => [line.a, line.b, line.width, line.lane])};
}

// Puts the single flows, which every level shares, back to where they were when the detail was made.
function recall(made) {
  made.lines.forEach((line, row) => { [line.a, line.b, line.width, line.lane] = made.ends[row]; });
  return made;
}
