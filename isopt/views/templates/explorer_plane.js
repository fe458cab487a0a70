// The plane of two levers: an area for each network, and the point that is shown.
const TINTS = ['#cfe3f1', '#f6dcc4', '#cdeadd', '#f7e7b5', '#e6cfda', '#dcd6ee', '#dde7cf', '#e9e1d6'];
const PLANE = {left: 54, right: 14, top: 10, bottom: 40};
const PLANE_STYLE = scoped('.plane', {
  text: "font:11px system-ui,'Segoe UI',Roboto,Arial,sans-serif;fill:#44525d", '.area': 'stroke:#fff;stroke-width:1.5;stroke-linejoin:round', '.area.here': 'stroke:#1d2b36',
  '.cross': 'stroke:#a3261f;stroke-width:1', '.count': 'font-weight:600;fill:#1d2b36', '.axis': 'stroke:#8fa0ac', '.end': 'text-anchor:end', '.centred': 'text-anchor:middle',
});

function makePlane(page) {
  const svg = svgElement('svg', {class: 'plane', role: 'img'}), title = element('h2'), hint = element('p', 'soft'), box = element('section', 'both', title, svg, hint);
  const {levers, cells: regions} = page.data.studies.plane, [across, up] = levers;
  let size = [560, 360], marker = null;
  const x = value => PLANE.left + (value - across.low) / (across.high - across.low) * (size[0] - PLANE.left - PLANE.right);
  const y = value => size[1] - PLANE.bottom - (value - up.low) / (up.high - up.low) * (size[1] - PLANE.top - PLANE.bottom);
  const draw = () => {
    const width = Math.max(280, innerWidth(box));
    size = [width, Math.round(Math.min(width * .62, 420))];
    svg.setAttribute('viewBox', `0 0 ${size[0]} ${size[1]}`); svg.setAttribute('width', size[0]); svg.setAttribute('height', size[1]);
    svg.setAttribute('aria-label', words('plane_told', {count: whole(regions.length), x: leverName(across), y: leverName(up)}));
    title.textContent = words('plane'); hint.textContent = words('plane_hint');
    const parts = [svgElement('style', {}, PLANE_STYLE), svgElement('rect', {width: size[0], height: size[1], fill: '#fff'})];
    regions.forEach(({corners}, row) => parts.push(svgElement('path', {class: 'area', 'data-region': row, fill: TINTS[row % TINTS.length],
      d: 'M' + corners.map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join('L') + 'z'})));
    for (const region of regions) {
      const xs = region.corners.map(corner => x(corner[0])), ys = region.corners.map(corner => y(corner[1]));
      if (Math.max(...xs) - Math.min(...xs) < 26 || Math.max(...ys) - Math.min(...ys) < 18) continue;
      parts.push(svgElement('text', {class: 'count centred', x: x(region.origin[0]), y: y(region.origin[1]) + 4}, whole(region.lines[page.line('exchanges')][0])));
    }
    const bottom = size[1] - PLANE.bottom;
    parts.push(svgElement('path', {class: 'axis', fill: 'none', d: `M${PLANE.left} ${PLANE.top}V${bottom}H${size[0] - PLANE.right}`}));
    for (const tick of ticksBetween(across.low, across.high, 5)) parts.push(svgElement('text', {class: 'centred', x: x(tick), y: bottom + 15}, leverDigits(across, tick)));
    for (const tick of ticksBetween(up.low, up.high, 4)) parts.push(svgElement('text', {class: 'end', x: PLANE.left - 6, y: y(tick) + 4}, leverDigits(up, tick)));
    const named = lever => leverName(lever) + (lever.unit ? ` (${lever.unit})` : '');
    parts.push(svgElement('text', {class: 'end', x: size[0] - PLANE.right, y: size[1] - 7}, named(across)),
      svgElement('text', {class: 'end', x: 12, y: PLANE.top, transform: `rotate(-90 12 ${PLANE.top})`}, named(up)));
    const today = levers.map(lever => lever.today);
    if (levers.every(({low, high}, place) => today[place] !== null && today[place] >= low && today[place] <= high)) {
      const [tx, ty] = [x(today[0]), y(today[1])], late = tx > size[0] - 70;
      parts.push(svgElement('circle', {cx: tx, cy: ty, r: 4, fill: '#fff', stroke: '#1d2b36', 'stroke-width': 1.5}),
        svgElement('text', {class: late ? 'end' : '', x: tx + (late ? -8 : 8), y: ty < 24 ? ty + 14 : ty - 5}, words('today')));
    }
    marker = svgElement('g', {class: 'marker'});
    svg.replaceChildren(...parts, marker);
  };
  const show = () => {
    box.hidden = page.mode !== 'plane';
    if (box.hidden) return;
    if (Math.abs(innerWidth(box) - size[0]) > 1 || !marker) draw();
    const [cx, cy] = [x(page.point[0]), y(page.point[1])];
    for (const area of svg.querySelectorAll('.area')) area.classList.toggle('here', Number(area.dataset.region) === page.region);
    const here = svg.querySelector('.area.here');
    if (here) svg.insertBefore(here, svg.querySelector('text'));  // its rim lies over the others
    marker.replaceChildren(svgElement('path', {class: 'cross', d: `M${PLANE.left} ${cy}H${size[0] - PLANE.right}M${cx} ${PLANE.top}V${size[1] - PLANE.bottom}`}),
      svgElement('circle', {cx, cy, r: 5, fill: '#a3261f', stroke: '#fff', 'stroke-width': 2}));
  };
  const follow = event => {
    const frame = svg.getBoundingClientRect(), px = (event.clientX - frame.left) * size[0] / frame.width, py = (event.clientY - frame.top) * size[1] / frame.height;
    const within = (share, {low, high}) => low + Math.max(0, Math.min(1, share)) * (high - low);
    page.go([within((px - PLANE.left) / (size[0] - PLANE.left - PLANE.right), across), within((size[1] - PLANE.bottom - py) / (size[1] - PLANE.top - PLANE.bottom), up)], false);
  };
  draggable(svg, follow, () => page.settle());
  page.onSpeak(() => { if (page.mode === 'plane') draw(); });
  page.onShow(show);
  onResize(box, () => { if (page.mode === 'plane') show(); });
  page.plane = svg;
  return box;
}
