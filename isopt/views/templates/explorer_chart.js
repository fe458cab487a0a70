// Cost, tonnes, CO2 and revenue along the lever: straight lines and steps as they are, a mark where the lever stands.
const CHARTED = [['cost', '#0072b2'], ['goal', '#0072b2'], ['landfilled', '#b04a00'], ['co2_total', '#007a59'], ['revenue', '#7a4b12']];
const CHART = {left: 62, right: 16, top: 24, gap: 30, bottom: 30, lowest: 76, highest: 130};
// Rules inside the picture, so that it looks the same when it is saved; each begins with its class, since they count for the whole page.
const CHART_STYLE = scoped('.chart', {
  text: "font:11px system-ui,'Segoe UI',Roboto,Arial,sans-serif;fill:#44525d", '.name': 'font-weight:600;fill:#1d2b36', '.now': 'font-weight:650;fill:#1d2b36;font-size:12px;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round',
  '.grid': 'stroke:#dfe6eb', '.axis': 'stroke:#8fa0ac', '.break': 'stroke:#8796a1;stroke-dasharray:1.5 3', '.pointer': 'stroke:#a3261f;stroke-width:1.5',
  '.line': 'fill:none;stroke-width:2;stroke-linejoin:round', '.end': 'text-anchor:end', '.centred': 'text-anchor:middle',
});

function scoped(start, rules) { return Object.entries(rules).map(([name, rule]) => `${start} ${name}{${rule}}`).join(''); }

function makeChart(page) {
  const svg = svgElement('svg', {class: 'chart', role: 'img'}), title = element('h2'), hint = element('p', 'soft'), box = element('section', 'along', title, svg, hint);
  const lines = CHARTED.filter(([name]) => page.line(name) >= 0);
  let scales = null, marker = null;
  // as tall as the map beside it, within reason
  const tall = () => {
    const beside = page.mode === 'line' && page.place && page.place.clientWidth < .8 * window.innerWidth ? page.place.clientHeight - 40 : 0;
    return Math.round(Math.max(CHART.lowest, Math.min(CHART.highest, (beside - CHART.top - CHART.bottom) / lines.length - CHART.gap)));
  };
  const draw = () => {
    const panel = tall(), width = Math.max(280, innerWidth(box)), height = CHART.top + lines.length * (panel + CHART.gap) - CHART.gap + CHART.bottom;
    const [lever] = page.levers, x = value => CHART.left + (value - lever.low) / (lever.high - lever.low) * (width - CHART.left - CHART.right);
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`); svg.setAttribute('width', width); svg.setAttribute('height', height);
    title.textContent = words('chart');
    hint.textContent = words('chart_hint') + (page.cells.some(cell => cell.error) ? ' ' + words('band') : '');
    svg.setAttribute('aria-label', words('chart_told', {lines: lines.map(([name]) => words(name)).join(', '), lever: leverName(lever), low: leverValue(lever, lever.low),
      high: leverValue(lever, lever.high), count: whole(page.cells.length - 1)}));
    const parts = [svgElement('style', {}, CHART_STYLE), svgElement('rect', {width, height, fill: '#fff'})];
    const bottom = height - CHART.bottom, pale = Math.min(1, 20 / page.cells.length);
    for (const cell of page.cells.slice(1)) parts.push(svgElement('line', {class: 'break', 'stroke-opacity': pale.toFixed(2), x1: x(cell.low), x2: x(cell.low), y1: CHART.top - 4, y2: bottom}));
    scales = lines.map(([name, colour], place) => panelOf(page, name, colour, CHART.top + place * (panel + CHART.gap), panel, x, width, parts));
    for (const tick of ticksBetween(lever.low, lever.high, width > 420 ? 6 : 4)) {
      parts.push(svgElement('line', {class: 'axis', x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4}), svgElement('text', {class: 'centred', x: x(tick), y: bottom + 16}, leverDigits(lever, tick)));
    }
    for (const cell of page.cells.slice(1)) parts.push(svgElement('path', {d: `M${x(cell.low)} ${bottom}l-3.5 6h7z`, fill: '#44525d'}));
    marker = svgElement('g', {class: 'marker'});
    svg.replaceChildren(...parts, marker);
    svg.dataset.left = CHART.left; svg.dataset.right = width - CHART.right;
  };
  const show = () => {
    const [lever] = page.levers, first = CHART.top - 8, last = Number(svg.getAttribute('height')) - CHART.bottom;
    const at = CHART.left + (page.point[0] - lever.low) / (lever.high - lever.low) * (svg.dataset.right - CHART.left);
    marker.replaceChildren(svgElement('line', {class: 'pointer', x1: at, x2: at, y1: first, y2: last}), ...scales.flatMap(({line, y, colour, top, width}) => {
      const value = lineAt(page.cell, line, page.point);
      return [svgElement('circle', {cx: at, cy: y(value), r: 4, fill: colour, stroke: '#fff', 'stroke-width': 1.5}),
        svgElement('text', {class: 'now end', x: width - CHART.right, y: top - 7}, withUnit(value, page.data.lines[line].unit))];
    }));
  };
  const follow = event => {
    const [lever] = page.levers, box = svg.getBoundingClientRect(), at = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
    const share = (at - CHART.left) / (svg.dataset.right - CHART.left);
    page.go([lever.low + Math.max(0, Math.min(1, share)) * (lever.high - lever.low), ...page.point.slice(1)], false);
  };
  draggable(svg, follow, () => page.settle());
  page.onCells(draw);
  page.onShow(show);
  onResize(box, () => { if (page.cell && Math.abs(innerWidth(box) - Number(svg.getAttribute('width'))) > 1) { draw(); show(); } });
  page.chart = svg;
  return box;
}

// One panel: its frame, its line, and the band of what is not proven; returns its scale.
function panelOf(page, name, colour, top, tall, x, width, parts) {
  const line = page.line(name), base = top + tall, rest = page.point.slice(1);
  const ends = page.cells.map(cell => [cell.low, cell.high].map(at => lineAt(cell, line, [at, ...rest])));
  const unproven = line === 0 ? page.cells.map(cell => cell.error || 0) : page.cells.map(() => 0);
  let low = Math.min(...ends.flat(), ...ends.map((pair, row) => Math.min(...pair) - unproven[row])), high = Math.max(...ends.flat());
  if (low >= 0 && low < .5 * high) low = 0;
  const room = high - low || Math.abs(high) * .02 || 1;
  if (low !== 0) low -= .08 * room;
  high += .08 * room;
  const y = value => base - (value - low) / (high - low) * tall;
  const size = Math.max(Math.abs(low), Math.abs(high)), [part, kind] = size >= 2e9 ? [1e9, 'billion'] : size >= 2e6 ? [1e6, 'million'] : [1, ''];
  const level = ends.flat(), ticks = Math.max(...level) > Math.min(...level) ? ticksBetween(low, high, 3) : [level[0]], most = Math.max(0, Math.min(9, Math.ceil(-Math.log10((ticks.length > 1 ? ticks[1] - ticks[0] : high - low) / part) - 1e-6)));
  for (const tick of ticks) {
    const digits = (tick / part).toLocaleString(LOCALE, {maximumFractionDigits: most}).replace('-', '−');
    parts.push(svgElement('line', {class: 'grid', x1: CHART.left, x2: width - CHART.right, y1: y(tick), y2: y(tick)}), svgElement('text', {class: 'end', x: CHART.left - 6, y: y(tick) + 4}, digits));
  }
  page.cells.forEach((cell, row) => {
    if (!unproven[row]) return;
    const [a, b] = ends[row], left = x(cell.low), right = x(cell.high);
    parts.push(svgElement('path', {class: 'band', d: `M${left} ${y(a)}L${right} ${y(b)}V${y(b - unproven[row])}L${left} ${y(a - unproven[row])}z`, fill: colour, 'fill-opacity': .25}));
  });
  const corners = ends.flatMap(([a, b], row) => [`${x(page.cells[row].low)} ${y(a)}`, `${x(page.cells[row].high)} ${y(b)}`]);
  const plainUnit = page.data.lines[line].unit, unit = kind ? say(TEXT['axis.' + kind], {unit: plainUnit}) : plainUnit;
  parts.push(svgElement('line', {class: 'axis', x1: CHART.left, x2: width - CHART.right, y1: base, y2: base}),
    svgElement('path', {class: 'line', 'data-line': name, d: 'M' + corners.join('L'), stroke: colour}),
    svgElement('text', {class: 'name', x: CHART.left, y: top - 7}, words(name) + (unit ? ` (${unit})` : '')));
  return {line, y, colour, top, width};
}

// Room for a picture inside the padding of its box.
function innerWidth(box) {
  const {paddingLeft, paddingRight} = getComputedStyle(box);
  return Math.floor((box.clientWidth || 560) - parseFloat(paddingLeft) - parseFloat(paddingRight));
}

// Acts once the page is painted: an observer that changes sizes itself would be told again and complain.
function onResize(box, act) { new ResizeObserver(() => requestAnimationFrame(act)).observe(box); }

// Lets a picture be clicked and dragged with mouse, pen or finger.
function draggable(target, follow, end) {
  let held = false;
  target.addEventListener('pointerdown', event => {
    if (event.button) return;
    held = true;
    target.setPointerCapture(event.pointerId);
    follow(event);
  });
  target.addEventListener('pointermove', event => { if (held) follow(event); });
  for (const name of ['pointerup', 'pointercancel']) target.addEventListener(name, () => { if (held) { held = false; end(); } });
}
