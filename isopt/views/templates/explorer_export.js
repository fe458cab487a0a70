// The view as a picture and the data as a table, made in the page: nothing is fetched, nothing is sent.
const PICTURE = {wide: 1600, edge: 28, fine: 2};

// A text cell that a spreadsheet would take for a formula stands behind an apostrophe.
function csvCell(value) {
  if (typeof value === 'number') return String(value);
  const text = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Every interval (region) with its exact numbers: comma and point, whatever the language, as thresholds.csv has them.
function tableOf(page) {
  const {study, levers, data, shared} = page, [goal] = data.lines, line = name => page.line(name), rest = data.lines.map((_, row) => row).slice(1);
  const listed = (list, name) => list.map(name).join('; ');
  const common = cell => [cell.error === null ? '' : cell.error];
  if (page.mode === 'plane') {
    const head = ['region', 'x', 'y', goal.name, 'slope_x', 'slope_y', ...rest.map(row => data.lines[row].name), 'corners', 'error', 'lever_x', 'lever_y'];
    const rows = study.cells.map(cell => [cell.name, ...cell.origin, ...cell.lines[0], ...rest.map(row => cell.lines[row][0]),
      cell.corners.map(corner => corner.join(' ')).join(', '), ...common(cell), levers[0].name, levers[1].name]);
    return [head, ...rows];
  }
  const head = ['network', 'low', 'high', `${goal.name}_at_low`, `${goal.name}_at_high`, 'slope', 'landfilled', 'co2_total', 'revenue_at_low', 'revenue_at_high',
    'exchanged', 'exchanges', 'plants_built', 'error', 'lever', 'unit', 'opened', 'closed'];
  return [head, ...study.cells.map((cell, row) => {
    const at = (name, value) => lineAt(cell, line(name), [value]), middle = (cell.low + cell.high) / 2;
    const changes = row ? page.changes(study.cells[row - 1], cell) : {opened: [], closed: []}, told = ([group]) => `${exchangeName(shared, group)} (${materialOf(shared, group)}, ${shared.groups[group][4]})`;
    return [cell.name, cell.low, cell.high, at(goal.name, cell.low), at(goal.name, cell.high), cell.lines[0][1], at('landfilled', middle), at('co2_total', middle),
      at('revenue', cell.low), at('revenue', cell.high), at('exchanged', middle), cell.lines[line('exchanges')][0], cell.lines[line('plants_built')][0], ...common(cell),
      levers[0].name, levers[0].unit, listed(changes.opened, told), listed(changes.closed, told)];
  })];
}

function materialOf(shared, group) {
  const material = shared.materials[shared.groups[group][3]];
  return material ? nameOf(material) : words('shared');
}

function hand(blob, name) {
  const link = element('a');
  link.href = URL.createObjectURL(blob); link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function fileName(page, ending) {
  const parts = [page.data.name, ...page.levers.map((lever, place) => `${lever.name} ${+page.point[place].toPrecision(6)}`)];
  return parts.join(' ').normalize('NFD').replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 100) + ending;
}

function saveTable(page) {
  const text = tableOf(page).map(row => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
  hand(new Blob(['\ufeff', text], {type: 'text/csv;charset=utf-8'}), fileName(page, '.csv'));
}

function imageOf(svg) {
  const copy = svg.cloneNode(true), image = new Image();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  return image.decode().then(() => image);
}

// The map's canvases as they lie over one another; tiles from elsewhere stay out, since a picture with them could not be saved.
function drawMap(ctx, box, x, y, scale) {
  const outer = box.getBoundingClientRect();
  ctx.save();
  ctx.beginPath(); ctx.rect(x, y, outer.width * scale, outer.height * scale); ctx.clip();
  ctx.fillStyle = '#eff1f0'; ctx.fillRect(x, y, outer.width * scale, outer.height * scale);
  for (const canvas of box.querySelectorAll('.leaflet-map-pane canvas')) {
    const inner = canvas.getBoundingClientRect();
    ctx.globalAlpha = Number(getComputedStyle(canvas.closest('.leaflet-pane')).opacity);
    if (canvas.width && canvas.height) ctx.drawImage(canvas, x + (inner.left - outer.left) * scale, y + (inner.top - outer.top) * scale, inner.width * scale, inner.height * scale);
  }
  ctx.restore();
  ctx.strokeStyle = '#9fb0bc'; ctx.strokeRect(x, y, outer.width * scale, outer.height * scale);
}

function wrapped(ctx, text, width) {
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && ctx.measureText(`${line} ${word}`).width > width) { lines.push(line); line = word; } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

async function savePicture(page) {
  const {wide, edge, fine} = PICTURE, place = page.view.map.getContainer(), gap = 24, font = (size, weight = '') => `${weight} ${size}px system-ui, "Segoe UI", Roboto, Arial, sans-serif`.trim();
  const right = [page.chart, ...(page.mode === 'plane' ? [page.plane] : [])], pictures = await Promise.all(right.map(imageOf)), sankey = page.sankey.querySelector('svg');
  const materials = sankey ? await imageOf(sized(sankey)) : null, side = 600, left = wide - 2 * edge - gap - side, scale = left / place.clientWidth;
  const heights = right.map(svg => Number(svg.getAttribute('height')) * side / Number(svg.getAttribute('width')));
  const canvas = element('canvas'), ctx = canvas.getContext('2d');
  ctx.font = font(17);
  const said = wrapped(ctx, [sentence(page), page.notices.textContent].filter(Boolean).join(' '), wide - 2 * edge), top = edge + 92 + said.length * 23 + 72;
  const body = Math.max(place.clientHeight * scale, heights.reduce((sum, height) => sum + height + 10, 0)), tall = materials ? (wide - 2 * edge) * materials.height / materials.width : 0, below = materials ? tall + 30 : 0, high = Math.round(top + body + below + edge + 18);
  canvas.width = wide * fine; canvas.height = high * fine;
  ctx.scale(fine, fine);
  ctx.fillStyle = '#fff'; ctx.fillRect(0, 0, wide, high);
  ctx.textBaseline = 'top';
  const write = (text, x, y, style, colour) => { ctx.font = style; ctx.fillStyle = colour; ctx.fillText(text, x, y); };
  write(page.data.title, edge, edge, font(17, '600'), '#44525d');
  write(page.levers.map((lever, row) => `${leverName(lever)}: ${leverDigits(lever, page.point[row], true)}${lever.unit ? ' ' + lever.unit : ''}`).join('   '), edge, edge + 28, font(34, '700'), '#1d2b36');
  said.forEach((line, row) => write(line, edge, edge + 82 + row * 23, font(17), '#1d2b36'));
  const tiles = [...document.querySelectorAll('.figures .figure')], step = (wide - 2 * edge) / tiles.length;
  tiles.forEach((tile, row) => {
    write(tile.children[0].textContent, edge + row * step, top - 68, font(13), '#44525d');
    write(tile.children[1].textContent, edge + row * step, top - 50, font(18, '650'), '#1d2b36');
  });
  drawMap(ctx, place, edge, top, scale);
  heights.reduce((y, height, row) => { ctx.drawImage(pictures[row], edge + left + gap, y, side, height); return y + height + 10; }, top);
  if (materials) ctx.drawImage(materials, edge, top + body + 30, wide - 2 * edge, tall);
  write(shownOn(page), edge, high - edge, font(12), '#55646f');
  const blob = await new Promise(done => canvas.toBlob(done, 'image/png'));
  hand(blob, fileName(page, '.png'));
}

function shownOn(page) { return ['isopt', words('kicker'), page.study.cells.every(cell => cell.error === 0) ? words('all_exact') : '', page.shared.base ? 'Natural Earth, GeoNames (CC BY 4.0)' : ''].filter(Boolean).join(' · '); }

// The diagram has no size of its own, which a picture needs.
function sized(svg) {
  const copy = svg.cloneNode(true), {width, height} = svg.viewBox.baseVal;
  copy.setAttribute('width', width); copy.setAttribute('height', height);
  return copy;
}
