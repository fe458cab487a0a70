// A plan as the map draws it, made of what Python wrote (the names of its parts stand above `isoptMap`).
function unpacked(flat, steps = 1000) {
  const points = [];
  let lat = 0, lon = 0;
  for (let place = 0; place < flat.length; place += 2) {
    lat += flat[place]; lon += flat[place + 1];
    points.push([lat / steps, lon / steps]);
  }
  return points;
}

function makePlan(part) {
  const {nodes, modes, materials} = part, changes = Boolean(part.changes);
  const flow = ([from, to, material, as, mode, amount, arrived, tonnes, exchange, route = -1]) => ({
    path: route < 0 ? null : unpacked(part.routes[route], 10000), from, to, material, as, mode, amount, arrived, tonnes, exchange,
    way: nodes[to].kind === 'disposal', colour: nodes[to].kind === 'disposal' && !changes ? WAY : materials[material].colour,
    dash: materials[material].dash || (modes.length ? modes[mode].dash : [])});
  const possible = ([from, to, material, as, mode, km, amount, eur, kgco2]) => ({
    path: null, from, to, material, as, mode, amount, km, eur, kgco2, unused: true, colour: materials[material].colour, dash: [2, 3]});
  const everyFlow = part.flows.map(flow), unused = (part.unused ? part.unused.rows : []).map(possible);
  const largest = largestOf(nodes, node => node.size, 1e-9);
  nodes.forEach((node, row) => {
    const {x, y} = L.CRS.EPSG3857.latLngToPoint(L.latLng(node.lat, node.lon), 0);
    Object.assign(node, {row, x, y, radius: 4.5 + 6 * Math.sqrt((node.size || 0) / largest), own: false, mark: node});
  });
  for (const row of part.own) nodes[row[0]].own = true;
  spread(nodes);
  const columns = Object.entries(part.exchanges || {});
  return {
    nodes, materials, modes, everyFlow, unused, changes, flows: [...everyFlow, ...unused],
    own: part.own, bought: part.bought, left: part.left, years: part.years,
    exchange: row => row < 0 ? null : Object.fromEntries(columns.map(([name, cells]) => [name, cells[row]]).filter(([, cell]) => cell !== null && cell !== '')),
    idle: nodes.filter(node => node.state === 'idle').length,
    picked: null, over: null,
  };
}

function nameOf(material) { return material.name || TEXT[material.kind]; }

function organisationOf(node) { return node.organisation || node.name; }

// Symbols at one place stand around it, in rings, so that each can be seen and clicked.
function spread(nodes) {
  const places = new Map();
  for (const node of nodes) {
    const place = `${node.lat.toFixed(4)} ${node.lon.toFixed(4)}`;
    if (!places.has(place)) places.set(place, []);
    places.get(place).push(node);
    delete node.turn;
  }
  let number = 0;
  for (const group of places.values()) {
    for (const node of group) node.site = number;
    number++;
    if (group.length < 2) continue;
    let ring = 1, first = 0;
    while (first < group.length) {
      const room = Math.min(group.length - first, 6 * ring);
      for (let row = 0; row < room; row++) {
        group[first + row].turn = Math.PI * (2 * row / room + 1);
        group[first + row].spread = group.length === 2 ? 13 : 18 * ring + 1;
      }
      first += room; ring++;
    }
  }
}

// What the reader chose to see. It outlives the plan: another plan is shown through the same choice.
function makeChoice(part) {
  const choice = {
    layers: {exchanges: true, disposal: true, unused: false, facilities: true, idle: true, plants: true, disposals: true, names: true,
      places: true, routes: true, groups: part.nodes.length > CROWD},
    materials: new Set(part.hidden), modes: new Set(), organisation: '', least: 0, version: 0,
  };
  choice.standard = JSON.stringify([choice.layers, [...choice.materials]]);
  return choice;
}

// Which flows and symbols the choice leaves: {flow(flow), node(node)}.
function filterOf(plan, choice) {
  const {layers} = choice, wanted = folded(choice.organisation.trim());
  const hiddenMaterial = plan.materials.map(material => choice.materials.has(material.id)), hiddenMode = plan.modes.map(mode => choice.modes.has(mode.id));
  const layerOf = node => layers[node.state === 'idle' ? 'idle' : {facility: 'facilities', plant: 'plants', disposal: 'disposals'}[node.kind]];
  const theirs = wanted ? plan.nodes.map(node => folded(organisationOf(node)).includes(wanted) || folded(node.group || '').includes(wanted)) : null;
  const flow = flow => !hiddenMaterial[flow.material] && !hiddenMode[flow.mode] && flow.amount >= choice.least &&
    layers[flow.unused ? 'unused' : flow.way ? 'disposal' : 'exchanges'] && (!theirs || theirs[flow.from] || theirs[flow.to]);
  let touched = null;
  if (theirs) {
    touched = new Set();
    for (const one of plan.flows) if (flow(one)) touched.add(one.from).add(one.to);
  }
  return {flow, node: node => layerOf(node) && (!theirs || theirs[node.row] || touched.has(node.row))};
}
