// The numbers behind the page: cells of a lever with one network each, straight lines in them, cuts through the plane of two levers.
const EDGE = 1e-9;  // share of a range within which two values are one

// A line of account at a point: its value at the cell's origin and what a unit of each lever adds.
function lineAt(cell, line, point) {
  const [start, ...slopes] = cell.lines[line];
  return slopes.reduce((sum, slope, lever) => sum + slope * (point[lever] - cell.origin[lever]), start);
}

// The cell that holds a value of the first lever; at a breakpoint the one above it.
function cellAt(cells, value) {
  let row = 0;
  while (row + 1 < cells.length && cells[row + 1].low <= value) row++;
  return row;
}

// The region of the plane that holds a point; next to a border the one that is nearest.
function regionAt(regions, levers, point) {
  const span = levers.map(({low, high}) => high - low);
  let best = 0, most = -Infinity;
  regions.forEach(({corners}, row) => {
    let inside = Infinity;  // distance to the nearest side, inside positive
    corners.forEach(([x, y], place) => {
      const [nx, ny] = corners[(place + 1) % corners.length], dx = (nx - x) / span[0], dy = (ny - y) / span[1], length = Math.hypot(dx, dy);
      if (length > EDGE) inside = Math.min(inside, (dx * (point[1] - y) / span[1] - dy * (point[0] - x) / span[0]) / length);
    });
    if (inside > most) { most = inside; best = row; }
  });
  return best;
}

// Where the regions lie along the first lever with the second one at a value: cells in order, without a hole.
function cutThrough(regions, levers, value) {
  const [across, up] = levers, width = across.high - across.low, step = EDGE * (up.high - up.low);
  let height = Math.min(Math.max(value, up.low + step), up.high - step);
  const flat = () => regions.some(({corners}) => corners.some(([, y], place) => {
    const next = corners[(place + 1) % corners.length][1];
    return Math.abs(y - height) < step / 2 && Math.abs(next - height) < step / 2;
  }));
  for (let tries = 0; tries < 4 && flat(); tries++) height += height + step < up.high ? step : -step;  // along a border both sides would count
  const cells = [];
  for (const region of regions) {
    const crossings = [];
    region.corners.forEach(([x, y], place) => {
      const [nx, ny] = region.corners[(place + 1) % region.corners.length];
      if ((y - height) * (ny - height) <= 0 && y !== ny) crossings.push(x + (height - y) / (ny - y) * (nx - x));
    });
    const low = Math.min(...crossings), high = Math.max(...crossings);
    if (high - low > EDGE * width) cells.push({...region, low, high});
  }
  cells.sort((a, b) => a.low - b.low);
  cells.forEach((cell, row) => { cell.low = row ? cells[row - 1].high : across.low; });
  if (cells.length) cells[cells.length - 1].high = across.high;
  return cells;
}

// What becomes of exchanges and plants from one network to another: rows of [group, amount before, amount after].
function changesBetween(shared, before, after) {
  const amounts = network => new Map(network.moved.map(row => shared.moved[row]));
  const old = amounts(before), now = amounts(after), found = {opened: [], closed: [], grown: [], shrunk: []};
  for (const [group, amount] of now) {
    const was = old.get(group);
    if (was === undefined) found.opened.push([group, 0, amount]);
    else if (Math.abs(amount - was) > 1e-6 * Math.max(amount, was)) found[amount > was ? 'grown' : 'shrunk'].push([group, was, amount]);
  }
  for (const [group, amount] of old) if (!now.has(group)) found.closed.push([group, amount, 0]);
  for (const list of Object.values(found)) list.sort((a, b) => Math.abs(b[2] - b[1]) - Math.abs(a[2] - a[1]));
  found.built = after.plants.filter(plant => !before.plants.includes(plant));
  found.dropped = before.plants.filter(plant => !after.plants.includes(plant));
  return found;
}

// Round values between two ends, about so many.
function ticksBetween(low, high, about) {
  const step = roundStep((high - low) / about), found = [];
  for (let tick = Math.ceil(low / step - EDGE) * step; tick <= high + step * EDGE; tick += step) found.push(Math.abs(tick) < step * EDGE ? 0 : tick);
  return found;
}

function roundStep(size) {  // up to 1, 2 or 5 times a power of ten
  if (!(size > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(size)), digit = size / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}
