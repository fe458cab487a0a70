// Names where there is room: first those of the plan by size, then towns; none over another or over a symbol.
const FONT = 'system-ui, "Segoe UI", Roboto, Arial, sans-serif';

function drawNames(ctx, layer) {
  const {view, _map: map} = layer, {choice} = view, {marks} = layer.detail, corner = map.containerPointToLayerPoint([0, 0]), size = map.getSize();
  const edge = [corner.x, corner.y, corner.x + size.x, corner.y + size.y], taken = view.covered();
  const free = box => box[0] > edge[0] && box[2] < edge[2] && box[1] > edge[1] && box[3] < edge[3] &&
    !taken.some(other => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
  const write = (words, x, y, colour) => {
    ctx.lineWidth = 3.5; ctx.strokeStyle = 'rgba(255,255,255,.9)'; ctx.strokeText(words, x, y);
    ctx.fillStyle = colour; ctx.fillText(words, x, y);
  };
  const placed = new Set(), room = {free, taken, write, placed}, crowd = layer.seen > 80;
  ctx.textBaseline = 'middle'; ctx.lineJoin = 'round';
  const keepOff = mark => { const r = mark.r + 2; taken.push([mark.p.x - r, mark.p.y - r, mark.p.x + r, mark.p.y + r]); };
  for (const mark of marks) if (mark.near && mark.kind === 'group') keepOff(mark);
  if (crowd) drawTowns(ctx, layer, room, 7, '600 italic 13px');  // a crowd is read by its large towns, a handful of sites by their names
  for (const mark of marks.slice(-200)) if (mark.near && mark.kind !== 'group') keepOff(mark);  // further names keep off all but the small symbols of a crowd
  if (choice.layers.names) drawSiteNames(ctx, layer, room, crowd);
  drawTowns(ctx, layer, room, 40);
}

function drawSiteNames(ctx, layer, {free, taken, write}, crowd) {
  const {view} = layer, {marks} = layer.detail, written = new Set();
  const size = layer._map.getSize(), most = Math.max(12, size.x * size.y / (crowd ? 36000 : 16000));
  ctx.font = `600 ${crowd ? 11 : 12}px ${FONT}`;
  const pull = new Map();  // to which side a site's lines leave: its name stands on the other one
  for (const {a, b} of layer.shown) {
    const aside = Math.sign(b.p.x - a.p.x);
    pull.set(a, (pull.get(a) || 0) + aside); pull.set(b, (pull.get(b) || 0) - aside);
  }
  for (let row = marks.length - 1; row >= 0 && written.size < most; row--) {
    const mark = marks[row];
    if (!mark.near || mark.kind === 'group' || (mark.state === 'idle' && view.plan.idle > 60)) continue;
    if (view.picked && !view.picked.nodes.has(mark)) continue;
    const words = shortened(mark.name, crowd ? 24 : 34), here = `${words} ${mark.site}`;
    if (written.has(here)) continue;  // two disposals of one facility share its name
    const {x, y} = mark.p, r = mark.r + 4, w = ctx.measureText(words).width;
    const spots = [[x + r, y], [x - r - w, y], [x - w / 2, y - r - 6], [x - w / 2, y + r + 6]];
    if (mark.turn === undefined ? pull.get(mark) > 0 : Math.cos(mark.turn) < -.3) spots.unshift(spots.splice(1, 1)[0]);
    for (const [left, middle] of spots) {
      const box = [left - 2, middle - 8, left + w + 2, middle + 8];
      if (!free(box)) continue;
      taken.push(box); written.add(here);
      write(words, left, middle, '#14202b');
      break;
    }
  }
}

function drawTowns(ctx, layer, {free, taken, write, placed}, most, font = 'italic 11px') {
  if (!layer.view.choice.layers.places) return;
  ctx.font = `${font} ${FONT}`;
  for (const [name, lat, lon] of layer.view.towns) {
    if (most <= 0) return;
    const at = layer._map.latLngToLayerPoint([lat, lon]), w = ctx.measureText(name).width;
    for (const y of [at.y, at.y - 20, at.y + 20, at.y - 34, at.y + 34]) {
      const box = [at.x - w / 2 - 10, y - 11, at.x + w / 2 + 10, y + 11];
      if (placed.has(name) || !free(box)) continue;
      taken.push(box); placed.add(name); most--;
      write(name, at.x - w / 2, y, '#5d6b76');
      break;
    }
  }
}

function shortened(name, most) {
  const signs = Array.from(name.replace(/\s+/g, ' '));
  return signs.length > most ? signs.slice(0, most - 2).join('').trimEnd() + '…' : signs.join('');
}
